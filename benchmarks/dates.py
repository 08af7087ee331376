"""Reading times as Chinese sites write them, against dateparser: how fast, and how many years are wrong."""

import time
from collections.abc import Callable
from datetime import datetime

import dateparser

from benchmarks.results import Goal, Line, ratio_of
from crawlers.reading.times import SHANGHAI, parse_time
from tests.crawlers.test_times import CASES, NOW

GOAL = Goal(100, at_most=False)
NO_WRONG_YEAR = Goal(0, at_most=True)

Read = Callable[[str], datetime | None]
SETTINGS = {
    "RELATIVE_BASE": NOW.replace(tzinfo=None),
    "TIMEZONE": "Asia/Shanghai",
    "RETURN_AS_TIMEZONE_AWARE": True,
    "PREFER_DATES_FROM": "past",
}
"""As told as we are: when the page was fetched, in which zone, and that posts are of the past."""


def ours(text: str) -> datetime | None:
    """As our spiders read it."""
    return parse_time(text, NOW)


def theirs(text: str) -> datetime | None:
    """As dateparser reads it, told the languages so that it tries no others."""
    found: datetime | None = dateparser.parse(text, languages=["zh", "en"], settings=SETTINGS)
    return found


def a_read(read: Read, rounds: int) -> float:
    """CPU seconds of reading one time, on the average of all forms."""
    started = time.process_time()
    for _ in range(rounds):
        for text in CASES:
            read(text)
    return (time.process_time() - started) / (rounds * len(CASES))


def wrong(read: Read, part: str) -> list[str]:
    """The forms of which it reads something whose `part` (as strftime names it) is another; unread ones not."""
    found = {text: read(text) for text in CASES}
    return [
        text
        for text, meant in CASES.items()
        if (at := found[text]) is not None
        and at.astimezone(SHANGHAI).strftime(part) != datetime.fromisoformat(meant).strftime(part)
    ]


def run(*, quick: bool) -> list[Line]:
    """Each in turns, dateparser a hundredth as often."""
    pairs = 3 if quick else 9
    theirs("刚刚")  # it reads its languages at the first call
    fast, slow = [], []
    for _ in range(pairs):
        fast.append(a_read(ours, 100))
        slow.append(a_read(theirs, 1))
    forms = f"of {len(CASES)} forms"
    return [
        ratio_of("dates", f"CPU of a time, dateparser against ours, {forms}", slow, fast, GOAL),
        Line("dates.years", f"wrong years, ours, {forms}", len(wrong(ours, "%Y")), goal=NO_WRONG_YEAR),
        Line("", f"wrong moments, ours, {forms}", len(wrong(ours, "%F %T"))),
        Line("", f"unread, ours, {forms}", sum(ours(text) is None for text in CASES)),
        Line("", f"wrong years, dateparser, {forms}", len(wrong(theirs, "%Y"))),
        Line("", f"wrong moments, dateparser, {forms}", len(wrong(theirs, "%F %T"))),
        Line("", f"unread, dateparser, {forms}", sum(theirs(text) is None for text in CASES)),
        Line("", "CPU of a time, ours", min(fast) * 1e6, "µs"),
    ]
