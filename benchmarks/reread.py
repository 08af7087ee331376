"""Looking again when it is worth it, against every five minutes: requests, and when the 100th repost is seen.

Played on recorded cascades, of which every repost is known with its second. The schedule sees what a look shows,
the author and the age, and nothing else. Its constants were tuned on every other cascade; what is said here is of
those between.
"""

import json
import lzma
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles

from alerts.repolling import Schedule, next_look
from benchmarks.results import Goal, Line
from mentions.types import Author, Engagement, Reach, ReachThresholds

CASCADES = Path(__file__).parents[2] / "shared" / "data" / "cascades" / "cascades_dev.jsonl.xz"
FIXED = timedelta(minutes=5)
DAY = timedelta(days=1)
NOTICED = 100
"""Reposts from which the matter has to be known."""
REMEMBERED = 8
"""Snapshots that the schedule is shown: as many as half an hour of growth leaves."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cascade:
    """One post: when it was posted, by whom, and how many seconds later each repost came."""

    posted: datetime
    reach: Reach
    reposts: tuple[float, ...]

    def shown(self, at: datetime) -> Engagement:
        """What a look shows."""
        return Engagement("weibo:1", at, reposts=bisect_right(self.reposts, (at - self.posted).total_seconds()))

    @property
    def crossing(self) -> datetime | None:
        """When the 100th repost came, if it did on the first day."""
        if len(self.reposts) < NOTICED or self.reposts[NOTICED - 1] > DAY.total_seconds():
            return None
        return self.posted + timedelta(seconds=self.reposts[NOTICED - 1])


Pause = Callable[[Cascade, list[Engagement]], datetime | None]
"""When to look next, from the looks so far."""


def every_five_minutes(cascade: Cascade, looks: list[Engagement]) -> datetime | None:
    """What many do."""
    due = looks[-1].at + FIXED
    return due if due <= cascade.posted + DAY else None


def adaptive(cascade: Cascade, looks: list[Engagement]) -> datetime | None:
    """What we do: the schedule as it is shipped."""
    now = looks[-1].at
    return next_look(
        looks[-REMEMBERED:], now=now, since=cascade.posted, schedule=Schedule(), reach=cascade.reach
    ).due


@dataclass(frozen=True, slots=True)
class Played:
    """What looking at some cascades came to: requests of each, and minutes of each that crossed the line."""

    requests: list[int]
    delays: list[float]


def play(cascades: Sequence[Cascade], pause: Pause) -> Played:
    """Watch each cascade through its first day, from a look at its beginning on (which costs the same for all)."""
    requests, delays = [], []
    for cascade in cascades:
        looks = [cascade.shown(cascade.posted)]
        noticed = None
        while (due := pause(cascade, looks)) is not None:
            looks.append(cascade.shown(due))
            if noticed is None and (looks[-1].reposts or 0) >= NOTICED:
                noticed = due
        requests.append(len(looks) - 1)
        if cascade.crossing is not None:
            # What no look saw was unknown until the end of the day.
            delays.append(((noticed or cascade.posted + DAY) - cascade.crossing) / MINUTE)
    return Played(requests, delays)


def read(path: Path) -> Iterator[Cascade]:
    """The recorded cascades, in their order."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            author = told["author"] or {}
            known = Author(
                "weibo",
                "1",
                "",
                followers=author.get("followers"),
                verified=author.get("verified"),
                verified_type=author.get("verified_type"),
            )
            seconds = sorted(max(0.0, float(repost[0])) for repost in told["reposts"])
            posted = datetime.fromtimestamp(told["posted"], UTC)
            yield Cascade(posted, known.reach(ReachThresholds()), tuple(seconds))


def run(*, quick: bool) -> list[Line]:
    """Play the half on which nothing was tuned."""
    if not CASCADES.is_file():
        print(f"reread: skipped, there are no recorded cascades at {CASCADES}")
        return []
    cascades = list(read(CASCADES))[1 :: 20 if quick else 2]
    fixed, ours = play(cascades, every_five_minutes), play(cascades, adaptive)
    requests, delay = mean(ours.requests) / mean(fixed.requests), mean(ours.delays) / mean(fixed.delays)
    of = f"{len(cascades)} cascades, {len(ours.delays)} of them with 100 reposts on their first day"
    compared = f"adaptive against every 5 min, {of}"
    return [
        Line("reread.requests", f"requests, {compared}", requests, goal=Goal(0.5, at_most=True)),
        Line(
            "reread.delay",
            f"minutes to see the 100th repost (mean), {compared}",
            delay,
            goal=Goal(1.0, at_most=True),
        ),
        *_each("adaptive", ours),
        *_each("every 5 min", fixed),
    ]


def _each(name: str, played: Played) -> Iterator[Line]:
    deciles = quantiles(played.delays, n=10, method="inclusive")
    yield Line("", f"{name}: requests of one cascade on its first day", mean(played.requests))
    yield Line("", f"{name}: to the 100th repost, mean", mean(played.delays), "min")
    yield Line("", f"{name}: the same, median", deciles[4], "min")
    yield Line("", f"{name}: the same, p90", deciles[8], "min")
