"""Looks at queries: what one visit saw of a search word or of a list, and what is known of the whole."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mentions.coverage import Coverage
from mentions.runs import Freshness
from mentions.windows import Seen

NOT_MODIFIED = "not modified"
"""How a look ends at which the site says that its list is the one that we read last time."""
LEFT_OUT = timedelta(hours=1)
"""A query asked for so much earlier than the others of its source is none of the configuration's any more."""
MISHAP = 1
"""So many looks in a row may fail before a query counts as not read: a page that timed out once says nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a source at a query: a word that it searched, or in brackets a list that nobody searched.

    `shown` posts were on its pages, `known` of them seen before. `posts` are the ids of those in
    the list's order, where it shows posts. `outcome` is that of the page at which it ended. `brand`: the one whose
    own channel the query addresses (@name), which no configured word tells; it is remembered with the query.
    """

    source: str
    query: str
    at: datetime
    run: int | None = None
    pages: int = 0
    shown: int = 0
    known: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    cap_hit: bool = False
    outcome: str = ""
    posts: tuple[str, ...] = ()
    brand: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether it showed what stands there."""
        return bool(self.pages) or self.outcome == NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class Covered:
    """How well one query of a source is seen, and how much of it may be missed.

    `at` is its last look that read a page (its first look where none did), `asked` the last one, `since` the
    first. `read` is when it was last read, be it that nothing had changed; None if it never was. `outcome` is that
    of the last look. `broken`: since then its pages have had a layout that we do not know. `capped`: so many of
    its last looks in a row hit the page cap. `unread`: so many of them read nothing. `brand` as in `Look`.
    """

    source: str
    query: str
    at: datetime
    capped: int
    coverage: Coverage
    since: datetime
    asked: datetime
    read: datetime | None
    outcome: str = ""
    broken: datetime | None = None
    unread: int = 0
    brand: str | None = None

    def behind(self, fresh: Freshness, now: datetime) -> timedelta:
        """For how long it was not read, if since it was the source has been, by a visit that did not read it."""
        if self.unread <= MISHAP or fresh.last_success is None or fresh.success_began is None:
            return timedelta()
        later = fresh.last_success > self.since if self.read is None else fresh.success_began > self.read
        return max(now - (self.read or self.since), timedelta()) if later else timedelta()


@dataclass(frozen=True, slots=True)
class Missed:
    """How much a source may miss in all: the posts of all queries that could be estimated, taken together.

    `low` and `high` are the ends of the interval; `worst` is the query that misses the largest share. All are None
    where it cannot be known of any query. `capped` is the longest row of looks that hit the cap.
    """

    share: float | None = None
    low: float | None = None
    high: float | None = None
    worst: Covered | None = None
    capped: int = 0
    gaps: timedelta = timedelta()


def asked_now(covered: Sequence[Covered]) -> list[Covered]:
    """Those of a source's queries that it still asks for."""
    latest = max((one.asked for one in covered), default=None)
    return [one for one in covered if latest is not None and one.asked > latest - LEFT_OUT]


def in_all(covered: Sequence[Covered]) -> Missed:
    """What the queries of one source come to."""
    capped = max((one.capped for one in covered), default=0)
    gaps = max((one.coverage.gaps for one in covered), default=timedelta())
    known = [one for one in covered if one.coverage.share is not None]
    if not known:
        reasons = sorted(covered, key=lambda one: one.coverage.looks, reverse=True)
        return Missed(worst=reasons[0] if reasons else None, capped=capped, gaps=gaps)
    ends = [[_missed(one, end) for one in known] for end in ("share", "low", "high")]
    seen = sum(one.coverage.posts for one in known)
    share, low, high = (sum(end) / max(sum(end) + seen, 1e-9) for end in ends)
    worst = max(known, key=lambda one: one.coverage.share or 0.0)
    return Missed(share, low, high, worst, capped, gaps)


def _missed(one: Covered, end: str) -> float:
    """How many posts a share is, of those seen."""
    share: float = min(getattr(one.coverage, end) or 0.0, 0.99)
    return one.coverage.posts * share / (1 - share)


class Looks(ABC):
    """What each visit saw of each query, and how much of it may be missed."""

    @abstractmethod
    def add(self, looks: Sequence[Look]) -> None:
        """Remember looks of one source; where a while has passed, work out anew what it misses."""

    @abstractmethod
    def work_out(self, source: str) -> None:
        """Estimate now how much of each query the source misses."""

    @abstractmethod
    def recent(self, source: str, query: str | None = None, limit: int = 20) -> list[Look]:
        """Newest first, without their posts."""

    @abstractmethod
    def seen(self, source: str, query: str) -> list[Seen]:
        """What the last looks at a query saw, as far as it is remembered, oldest first."""

    @abstractmethod
    def covered(self, sources: Collection[str], since: datetime) -> dict[str, list[Covered]]:
        """How much the queries may miss that were looked at since then, by source, each in the order of names."""
