"""When a known post is looked at again: by how it grows, whose it is, and how old it is.

A look is worth most where it is likely to bring news. If a post of `n` reposts gets `r` more a minute, and a level
that matters may stand at any order of magnitude, it passes one with a chance of about `r / n` a minute, and waits
for half a pause until somebody notices. What waiting and requests cost together is least where the pause goes
with the square root of `n / r`. `benchmarks/reread.py` measures what that saves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import exp, sqrt

from mentions.types import Engagement, Reach, Severity

COUNTS = ("reposts", "comments", "likes")
"""Views are left out: they grow under every post that is shown to people, whatever these think of it."""
EAGERNESS = 0.19
"""The pause of a post whose counts are as many as it gets in one shortest pause. Tuned with the next three on one
half of the recorded cascades, measured on the other."""
SMALL = 60
"""Under so many, growth counts by itself and not by its share."""
MEMORY = 10
"""Shortest pauses after which what was seen of growth counts for a third of what it did."""
DOUBT = 0.5
"""Reposts in MEMORY that a post is taken to get although none was seen."""
STILL = 3
"""Looks in a row that show no growth, after which a post calms."""
CALMER = 2
"""A pause is at most so many times the one before it; it is that many where nothing grew."""


class Reason(StrEnum):
    """Why the next look is when it is."""

    NEW = "new"
    """It was seen once: nothing is known of its growth."""
    GROWING = "growing"
    CALMING = "calming"
    CAPPED = "capped"
    """The site shows only 「10万+」: whether it grows is unknown, so the pause stays as it was."""
    FLOOR = "floor"
    """It would be calm, but many hear its author."""
    OVER = "over"
    """It is too old to be looked at again."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often: no sooner than `every`, no later than `calm`, for a 大V's post on its first day than `big_v`.

    Nothing is looked at once it is `until` old.
    """

    every: timedelta = timedelta(minutes=1)
    calm: timedelta = timedelta(minutes=30)
    big_v: timedelta = timedelta(minutes=15)
    until: timedelta = timedelta(days=1)


FIRST_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Look:
    """When to look again, if at all, and why. The more `danger`, the sooner its turn where not all can be seen."""

    due: datetime | None
    reason: Reason
    danger: int = 0


def next_look(
    snapshots: Sequence[Engagement],
    *,
    now: datetime,
    since: datetime,
    schedule: Schedule,
    reach: Reach = Reach.ORDINARY,
    severity: Severity | None = None,
) -> Look:
    """The look after the last of these snapshots (oldest first).

    `since` is when the post was published, first seen, or sent in: from there `until` counts. `severity` is the
    gravest that a rule found now.
    """
    end = since + schedule.until
    if now + schedule.every > end:
        return Look(None, Reason.OVER)
    pause, reason = _pause(snapshots, now, since, schedule, severity)
    first_day = now - since < FIRST_DAY
    if reach is Reach.BIG_V and first_day and pause > schedule.big_v:
        pause, reason = schedule.big_v, Reason.FLOOR
    pause = max(pause, schedule.every)
    return Look(min(now + pause, end), reason, danger(severity, reach, reason))


def danger(severity: Severity | None, reach: Reach, reason: Reason) -> int:
    """The order in which posts get their turn: the gravest first, then the widest heard, then what grows."""
    heard = {Reach.ORDINARY: 0, Reach.KOL: 1, Reach.BIG_V: 2}[reach]
    return 10 * int(severity or 0) + 2 * heard + (reason in {Reason.NEW, Reason.GROWING, Reason.CAPPED})


def _pause(
    snapshots: Sequence[Engagement], now: datetime, since: datetime, schedule: Schedule, severity: Severity | None
) -> tuple[timedelta, Reason]:
    if len(snapshots) <= 1:  # where looks count nothing, each comes when it is twice as long since the first
        known_for = now - (snapshots[-1].at if snapshots else since)
        return min(max(schedule.every, known_for), schedule.calm), Reason.NEW
    last = max(snapshots[-1].at - snapshots[-2].at, schedule.every)
    known = [points for count in COUNTS if (points := _points(snapshots, count))]
    if not known and snapshots[-1].at_least:
        return min(last, schedule.calm), Reason.CAPPED
    longest = min(CALMER * last, schedule.calm)
    if not any(_grew_lately(points) for points in known):
        return longest, Reason.CALMING
    patience = min(_wanted(points, since, schedule.every) for points in known) / sqrt(1 + int(severity or 0))
    return min(patience * schedule.every, longest), Reason.GROWING


def _points(snapshots: Sequence[Engagement], count: str) -> list[tuple[datetime, int]]:
    """What is known of one count; nothing where it is capped by now."""
    if count in snapshots[-1].at_least:
        return []
    return [
        (e.at, value) for e in snapshots if (value := getattr(e, count)) is not None and count not in e.at_least
    ]


def _grew_lately(points: Sequence[tuple[datetime, int]]) -> bool:
    """Whether there was more at one of the last looks than at the one before it."""
    return len(points) == 1 or any(became > was for (_, was), (_, became) in pairwise(points[-1 - STILL :]))


def _wanted(points: Sequence[tuple[datetime, int]], since: datetime, every: timedelta) -> float:
    """The pause that one count asks for, in shortest pauses."""
    (first, count), age = points[0], (points[0][0] - since) / every
    # What came before the first look is taken to have come evenly, and only the last of it is remembered.
    lasted = min(age, MEMORY) if age > 0 else 0.0
    grown, volume = count * lasted / age if age > 0 else 0.0, float(count)
    before, was = first, count
    for at, became in points[1:]:
        # A count that fell (a correction, deleted comments) has not grown; from there on it may.
        grew, length = max(0, became - was), (at - before) / every
        kept = exp(-length / MEMORY)
        grown, lasted, volume = grown * kept + grew, lasted * kept + length, volume + grew
        before, was = at, became
    return EAGERNESS * sqrt((volume + SMALL) * (lasted + MEMORY) / (grown + DOUBT))
