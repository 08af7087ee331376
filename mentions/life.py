"""How long what is stored lives: retention as decisions with their reasons, and what the store does about them.

Nothing here knows a database. `mentions.sql.life` asks, and deletes what is due.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from mentions.chain import Broken
from mentions.erasures import Erased, Erasure

Kind = Literal["mentions", "engagement", "revisions", "evidence", "incidents"]


@dataclass(frozen=True, slots=True)
class Times:
    """How long each kind is kept; None where nobody set a time. See docs/data-life.md for what each covers."""

    mentions: timedelta | None = None
    engagement: timedelta | None = None
    revisions: timedelta | None = None
    evidence: timedelta | None = None
    incidents: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """The times that hold for all, those of single brands, of posts without any, and of crawl runs."""

    default: Times = Times()
    brands: Mapping[str, Times] = field(default_factory=dict)
    unbranded: timedelta | None = None
    runs: timedelta | None = None
    raw: timedelta | None = None
    """How long copies of posts are kept that no incident needs."""

    def time(self, kind: Kind, brands: Collection[str]) -> timedelta | None:
        """How long a thing of these brands is kept: the longest time of any; None is for ever."""
        common = getattr(self.default, kind)
        if not brands:
            return self.unbranded if kind == "mentions" and self.unbranded is not None else common
        lengths: list[timedelta | None] = []
        for brand in brands:
            own = getattr(self.brands[brand], kind) if brand in self.brands else None
            lengths.append(common if own is None else own)
        return None if None in lengths else max(length for length in lengths if length is not None)

    def shortest(self, *kinds: Kind) -> timedelta | None:
        """Nothing of these kinds that is younger can be due; None where no time is set at all."""
        every = [getattr(times, kind) for times in (self.default, *self.brands.values()) for kind in kinds]
        every += [self.unbranded] if "mentions" in kinds else []
        return min((length for length in every if length is not None), default=None)


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, as far as it decides how long what belongs to it is kept."""

    incident_id: int
    brand: str | None
    resolved: datetime | None
    hold: bool


class Verdict(StrEnum):
    """Whether a thing goes now, and why it stays."""

    DUE = "due"
    FOR_EVER = "for ever"
    """No time is set for it."""
    YOUNG = "young"
    HELD = "held"
    """It belongs to an incident on legal hold."""
    UNRESOLVED = "unresolved"
    """It belongs to an incident that is not resolved."""
    EVIDENCE = "evidence"
    """It belongs to a resolved incident whose evidence is still kept."""


def ago(length: timedelta, now: datetime) -> datetime:
    """The moment so long before now; the earliest that a datetime can be where the length goes beyond it."""
    try:
        return now - length
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def incident_verdict(case: Case, rules: Retention, now: datetime) -> Verdict:
    """Whether an incident with all that was written about it goes."""
    length = rules.time("incidents", [case.brand] if case.brand else [])
    if case.hold:
        return Verdict.HELD
    if case.resolved is None:
        return Verdict.UNRESOLVED
    if length is None:
        return Verdict.FOR_EVER
    return Verdict.DUE if now - case.resolved >= length else Verdict.YOUNG


def protection(cases: Iterable[Case], rules: Retention, now: datetime) -> Verdict | None:
    """What keeps a post because of the incidents that hold it: the strongest reason, or None."""
    found = {reason for case in cases if (reason := _keeps(case, rules, now)) is not None}
    return next((v for v in (Verdict.HELD, Verdict.UNRESOLVED, Verdict.EVIDENCE) if v in found), None)


def _keeps(case: Case, rules: Retention, now: datetime) -> Verdict | None:
    verdict = incident_verdict(case, rules, now)
    if verdict in {Verdict.HELD, Verdict.UNRESOLVED}:
        return verdict
    if verdict is Verdict.DUE:
        return None
    length = rules.time("evidence", [case.brand] if case.brand else [])
    over = length is not None and case.resolved is not None and now - case.resolved >= length
    return None if over else Verdict.EVIDENCE


def mention_verdict(
    first_seen: datetime, brands: Collection[str], kept: Verdict | None, rules: Retention, now: datetime
) -> Verdict:
    """Whether a post goes with all that is known of it. `kept` is what `protection` said."""
    length = rules.time("mentions", brands)
    if length is None:
        return Verdict.FOR_EVER
    if now - first_seen < length:
        return Verdict.YOUNG
    return kept or Verdict.DUE


@dataclass(slots=True)
class Retained:
    """What one pass of retention deleted (or would), what it left although its time was over, and why."""

    mentions: int = 0
    authors: int = 0
    engagement: int = 0
    revisions: int = 0
    incidents: int = 0
    copies: int = 0
    runs: int = 0
    months: int = 0
    """Partitions of months that held nothing any more (PostgreSQL)."""
    kept: dict[str, int] = field(default_factory=dict)
    """Posts whose time is over, by the verdict that keeps them."""
    erasures_done: int = 0
    erasures_waiting: int = 0
    """Erasures that a legal hold suspends."""

    def keep(self, verdict: Verdict) -> None:
        """Count a post that stays although its time is over."""
        if verdict in {Verdict.HELD, Verdict.UNRESOLVED, Verdict.EVIDENCE}:
            self.kept[verdict.value] = self.kept.get(verdict.value, 0) + 1


class Life(ABC):
    """How long what is stored lives: retention, erasure, legal hold, and proof that history was not changed."""

    @abstractmethod
    def retain(self, rules: Retention, *, now: datetime, dry_run: bool = False) -> Retained:
        """Delete what is due, a batch a transaction, and complete erasures that a legal hold had suspended.

        Killed at any moment, it is right so far, and goes on when it is called again.
        """

    @abstractmethod
    def erase(self, erasure: Erasure, *, now: datetime) -> Erased:
        """Remove all that an author wrote before `erasure.at`, from rows, search index and files.

        StoreError where the disk has no room for it; then nothing was erased. What is on legal hold stays, and is
        removed by `retain` after its release. Posts of that time are not stored again when a page shows them.
        """

    @abstractmethod
    def replay(self, erasures: Iterable[Erasure], *, now: datetime) -> list[Erased]:
        """Erase again what a restored backup brought back; what is erased already stays so."""

    @abstractmethod
    def hold(self, incident_id: int, *, who: str, reason: str, at: datetime) -> bool:
        """Put an incident on legal hold, with an event in its history; False where it was already."""

    @abstractmethod
    def release(self, incident_id: int, *, who: str, reason: str, at: datetime) -> bool:
        """End a legal hold, with an event in the history; False where there was none."""

    @abstractmethod
    def held(self) -> dict[int, datetime]:
        """The incidents on legal hold, and since when."""

    @abstractmethod
    def verify(self, incident_id: int | None = None) -> list[Broken]:
        """Where the history of one incident, or of any, is not what was written; empty where all are."""

    @abstractmethod
    def elsewhere(self) -> dict[str, str]:
        """What the database says of copies that it keeps of what was deleted: its log, archive and replicas."""
