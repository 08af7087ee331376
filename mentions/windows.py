"""Which times the looks at a list cover: from the oldest post that each reached to its moment; and the gaps."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

ORDERED = 0.8
"""The share of a list that has to fall in time: by chance it is about 2 / √n."""
MINUTE = timedelta(minutes=1)
"""To which lists give times: uniformly distributed, its variance is a twelfth of its square."""
NEIGHBOURS = 2
"""Looks on either side of a gap that say how much is written then. One alone would say too much: a look is cut
where much is written."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: when, the posts that it showed in the list's order, and when each was published.

    `cut`: a page cap or a refusal ended it before the list did.
    """

    at: datetime
    posts: Mapping[int, datetime]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """What a look covers: from the oldest post that it reached to the moment itself."""

    oldest: datetime
    at: datetime
    posts: frozenset[int]
    cut: bool

    def covers(self, published: datetime) -> bool:
        """Whether the look would have shown a post of that time, had it not been hidden."""
        return self.oldest < published <= self.at


@dataclass(frozen=True, slots=True)
class Gap:
    """The time that no look reached, in so many pieces, and what was seen beside it: so many posts in so long."""

    length: timedelta
    pieces: int = 0
    seen: int = 0
    near: timedelta = timedelta()

    @property
    def posts(self) -> float:
        """How many posts were seen beside it in as long a time."""
        return self.seen * (self.length / self.near) if self.near else 0.0

    @property
    def variance(self) -> float:
        """Of the posts in it: their own, that of the rate, and that of where each piece begins."""
        if not self.seen:
            return 0.0
        begins = self.pieces * (self.seen * (MINUTE / self.near)) ** 2 / 12
        return self.posts + self.posts**2 / self.seen + begins


def gap_of(windows: Sequence[Window], times: Mapping[int, datetime]) -> Gap:
    """The time between what a look reached and the moment of the one before it, where it was cut."""
    length, pieces = timedelta(), 0
    sides = set[int]()
    for i, (before, window) in enumerate(pairwise(windows)):
        gap = window.oldest - before.at
        # Times are known to the minute: whether a look reached the one before, shared posts say more surely.
        shared = any(times[n] >= window.oldest for n in before.posts & window.posts)
        reached = shared or gap <= timedelta()
        if not reached and (window.cut or len(before.posts) == len(window.posts)):
            length, pieces = length + gap, pieces + 1
            sides |= set(range(i + 1 - NEIGHBOURS, i + 1 + NEIGHBOURS))
    beside = [window for i, window in enumerate(windows) if i in sides]
    seen = sum(side.covers(times[n]) for side in beside for n in side.posts)
    return Gap(length, pieces, seen, sum((side.at - side.oldest for side in beside), timedelta()))


def middle(published: datetime, seen: datetime) -> datetime:
    """The middle of the times that a post may have been published, where the page said only its age.

    Ages are rounded down: 「3分钟前」 is between three and four minutes.
    """
    age = seen - published
    for unit in (timedelta(hours=1), timedelta(minutes=1)):
        if age >= unit and not age % unit:
            return published - unit / 2
    return published


def falling_run(times: Sequence[datetime]) -> list[int]:
    """The longest run of a list, by index, in which no time is later than the one before it."""
    ends: list[int] = []  # of the runs of each length the one that ends latest
    keys: list[float] = []
    before: list[int] = []
    for i, time in enumerate(times):
        key = -time.timestamp()
        length = bisect_right(keys, key)
        before.append(ends[length - 1] if length else -1)
        keys[length : length + 1] = [key]
        ends[length : length + 1] = [i]
    run = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]


def windows_of(looks: Sequence[Seen]) -> tuple[list[Window], bool]:
    """What each look covers, and whether the lists are in the order of time (but for posts pinned on top)."""
    windows, listed, falling = [], 0, 0
    for look in looks:
        if len(look.posts) > 1:
            times = list(look.posts.values())
            run = falling_run(times)
            windows.append(Window(times[run[-1]], look.at, frozenset(look.posts), look.cut))
            listed += len(times)
            falling += len(run)
    return windows, falling >= ORDERED * listed
