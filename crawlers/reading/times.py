"""Times as Chinese sites write them: 刚刚, 昨天 12:25, 06-14, Tue Jun 08 09:35:04 +0800 2021, unix."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from crawlers.reading.timewords import (
    CLOCK,
    DAYS_AGO,
    MONTH,
    MONTHS,
    SPOKEN,
    WEEKDAY,
    WEEKDAYS,
    YEARS_AGO,
    ZONE,
    ZONES,
    clock_of,
    in_digits,
    run_of,
    seconds_in,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOCK_SKEW = timedelta(minutes=5)
"""A site whose clock is this far ahead of ours still means this year."""
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10_000_000_000
"""As seconds this number is the year 2286: such a one, or a larger one, counts milliseconds."""

Parts = Mapping[str, Any]
"""The named groups of a form."""
Read = Callable[[Parts, datetime, tzinfo], datetime | None]


def parse_time(text: str | float | None, now: datetime, zone: tzinfo = SHANGHAI) -> datetime | None:
    """The moment that a page means, in UTC; None where the text holds no time that we can read.

    `now` is when the page was fetched, aware; `zone` is that of clocks written without one. What stands
    before or after the time (发布于, 广东) is passed over. A date without a year is the latest such date
    that is not in the future.
    """
    if text is None or isinstance(text, bool):
        return None
    try:
        found = _read(text, now if now.tzinfo is zone else now.astimezone(zone), zone)
        found = found.astimezone(UTC) if found is not None else None
    except (ValueError, OverflowError, OSError):  # the last is the C library's, for unix numbers
        return None
    return found if found is not None and EARLIEST <= found <= LATEST else None


def _read(text: str | float, now: datetime, zone: tzinfo) -> datetime | None:
    if isinstance(text, int | float):
        return _unix(float(text))
    if "&" in text:
        text = unescape(text)
    cleaned = " ".join(text.split())
    chinese = not cleaned.isascii()
    if chinese:
        cleaned = cleaned.replace("：", ":").replace("\u200b", "")
        if SPOKEN.search(cleaned):
            cleaned = in_digits(cleaned)
    elif UNIX.fullmatch(cleaned):
        return _unix(float(cleaned))
    english = cleaned.upper() != cleaned.lower() and LETTERS.search(cleaned) is not None
    for hint, pattern, read in SCRIPTS[chinese, english]:
        if hint in cleaned and (match := pattern.search(cleaned)):
            return read(match.groupdict(), now, zone)
    return None


def _unix(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC)


def _at(day: date, parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    """That day at the clock that stands beside it; 24:00 is the next day's beginning.

    The small hours that are called night (晚上 3:00) are the next day's too, unless these are still to come.
    """
    hours, minutes, seconds = clock_of(parts)
    if said := parts.get("zone"):
        zone = _zone(said)
    if hours < 24:  # noqa: PLR2004 - a day
        return datetime(day.year, day.month, day.day, hours, minutes, seconds, tzinfo=zone)
    at = datetime(day.year, day.month, day.day, hours - 24, minutes, seconds, tzinfo=zone)
    after = at + timedelta(days=1)
    return after if after <= now + CLOCK_SKEW or (hours, minutes, seconds) == (0, 0, 0) else at


def _zone(text: str) -> tzinfo:
    name = text.rstrip("+-:0123456789").strip().upper()
    offset = text[len(name) :].strip().replace(":", "")
    if not offset:
        return timezone(timedelta(hours=ZONES[name]))
    hours, minutes = (offset[1:3], offset[3:]) if len(offset) != 4 else (offset[1:2], offset[2:])  # noqa: PLR2004
    away = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(away if offset[0] == "+" else -away)


def _full_date(parts: Parts, now: datetime, zone: tzinfo) -> datetime | None:
    return _at(date(int(parts["y"]), _month(parts), int(parts["d"])), parts, now, zone)


def _month(parts: Parts) -> int:
    return MONTHS[parts["mon"][:3].lower()] if "mon" in parts else int(parts["m"])


def _short_year(parts: Parts, now: datetime, zone: tzinfo) -> datetime | None:
    found = _at(date(2000 + int(parts["y"]), _month(parts), int(parts["d"])), parts, now, zone)
    return found if found <= now + CLOCK_SKEW else None  # it was the day or the month that stood first


def _ago(parts: Parts, now: datetime, _zone: tzinfo) -> datetime:
    return now - timedelta(seconds=seconds_in(parts["run"]))


def _day_before(parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    return _at(now.date() - timedelta(days=DAYS_AGO[parts["day"].lower()]), parts, now, zone)


def _weekday(parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    back = (now.weekday() - WEEKDAYS.index(parts["weekday"].replace("天", "日"))) % 7
    if parts["last"]:  # 上周三 is the Wednesday of the week before this one
        back = now.weekday() + 7 - WEEKDAYS.index(parts["weekday"].replace("天", "日"))
    found = _at(now.date() - timedelta(days=back), parts, now, zone)
    return found if found <= now + CLOCK_SKEW else found - timedelta(days=7)


def _without_year(parts: Parts, now: datetime, zone: tzinfo) -> datetime | None:
    month, day = _month(parts), int(parts["d"])
    if said := parts.get("year"):
        return _at(date(now.year - YEARS_AGO[said], month, day), parts, now, zone)
    for year in range(now.year, now.year - 9, -1):  # 29 February comes back after eight years at the latest
        try:
            at = _at(date(year, month, day), parts, now, zone)
        except ValueError:
            continue
        if at <= now + CLOCK_SKEW:
            return min(at, now)
    return None


def _clock_only(parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    found = _at(now.date(), parts, now, zone)
    return found if found <= now + CLOCK_SKEW else found - timedelta(days=1)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


LETTERS = re.compile(rf"\b(?:{'|'.join(MONTHS)}|ago|just|today|yesterday)", re.IGNORECASE | re.ASCII)
UNIX = re.compile(r"\d{10}(?:\.\d+)?|\d{13}", re.ASCII)
ANY, CHINESE, ENGLISH = range(3)
"""What a text has to hold for a form to be looked for, beside a hint; all in each would take twice the time."""
_THEN = rf"(?:[T ,，]*(?:at )?{CLOCK}(?: ?{ZONE})?)?"
_ON_A_WEEKDAY = rf"(?:[ ,，(（]*{WEEKDAY}[)）]?)?{_THEN}"
_DAY_OF_MONTH = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
FORMS: tuple[tuple[str, int, re.Pattern[str], Read], ...] = (
    ("", ENGLISH, _form(rf"\b{MONTH} (?P<d>\d{{1,2}}) {CLOCK} (?:{ZONE} )?(?P<y>\d{{4}})(?!\d)"), _full_date),
    ("", ENGLISH, _form(rf"(?<!\d)(?P<d>\d{{1,2}}) {MONTH},? (?P<y>\d{{4}})(?!\d){_THEN}"), _full_date),
    ("", ENGLISH, _form(rf"(?<!\d)(?P<d>\d{{1,2}}) {MONTH},? (?P<y>\d{{2}})(?![\d:]){_THEN}"), _short_year),
    ("", ENGLISH, _form(rf"\b{MONTH} {_DAY_OF_MONTH},? (?P<y>\d{{4}})(?!\d){_THEN}"), _full_date),
    (
        "",
        ANY,
        _form(r"(?<!\d)(?P<y>\d{4})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})(?!\d)日?" + _ON_A_WEEKDAY),
        _full_date,
    ),
    ("刚", CHINESE, _form(r"刚刚|刚才"), lambda _parts, now, _zone: now),
    ("前", CHINESE, _form(rf"{run_of(chinese=True)}(?:以|之)?前"), _ago),
    (
        "",
        CHINESE,
        _form(rf"(?P<day>大前天|[今昨前][天日]|今(?=[早晨晚])|昨(?=[晚夜])){_ON_A_WEEKDAY}"),
        _day_before,
    ),
    ("", CHINESE, _form(rf"(?P<last>上个?)?{WEEKDAY}{_THEN}"), _weekday),
    (
        "月",
        CHINESE,
        _form(
            rf"(?:(?P<year>{'|'.join(YEARS_AGO)}) ?)?(?<!\d)(?P<m>\d{{1,2}}) ?月 ?(?P<d>\d{{1,2}}) ?[日号]"
            + _ON_A_WEEKDAY
        ),
        _without_year,
    ),
    ("now", ENGLISH, _form(r"just now"), lambda _parts, now, _zone: now),
    ("ago", ENGLISH, _form(rf"{run_of(chinese=False)} ago"), _ago),
    ("", ENGLISH, _form(rf"\b(?P<day>today|yesterday)\b{_THEN}"), _day_before),
    (
        "",
        ANY,
        _form(rf"(?<![\d\-/.])(?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?![\d\-/])(?: {CLOCK}(?: ?{ZONE})?)?"),
        _without_year,
    ),
    (
        "",
        ANY,
        _form(r"(?<!\d)(?P<y>\d{4})[-/年](?P<m>\d{1,2})(?!\d)月?"),
        lambda parts, _now, zone: datetime(int(parts["y"]), int(parts["m"]), 1, tzinfo=zone),
    ),
    (
        "",
        ANY,
        _form(rf"(?<![\d\-/.])(?P<y>\d{{2}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}})(?![\d\-/.]){_THEN}"),
        _short_year,
    ),
    (
        "",
        ANY,
        _form(
            r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)"
            rf"(?:[T ]?(?P<h>\d\d?):?(?P<min>\d\d)(?::?(?P<s>\d\d))?)?(?!\d)(?: ?{ZONE})?"
        ),
        _full_date,
    ),
    ("", ENGLISH, _form(rf"(?<!\d)(?P<d>\d{{1,2}}) {MONTH}\b{_THEN}"), _without_year),
    ("", ENGLISH, _form(rf"\b{MONTH} {_DAY_OF_MONTH}(?![\d:]){_THEN}"), _without_year),
    (
        "",
        ANY,
        _form(
            r"^(?:发布|发表|编辑|更新|回复|创建|提交|修改|评论|发帖|最后|最近|时间|日期|[于在:|· ])*"
            rf"{CLOCK}(?: ?{ZONE})?(?: ?(?:来自|IP|via|[·|]).*| [\u4e00-\u9fff]{{2,8}})?$"
        ),
        _clock_only,
    ),
)
"""Tried in this order: a form stands before those that would read a part of it. A clock is today's only where it
stands alone: beside what is not understood it may be any day's."""
SCRIPTS = {
    (chinese, english): tuple(
        (hint, pattern, read)
        for hint, script, pattern, read in FORMS
        if script == ANY or (script == CHINESE and chinese) or (script == ENGLISH and english)
    )
    for chinese in (False, True)
    for english in (False, True)
}
