"""How long what is stored lives: retention as decisions with their reasons, and the list of erasures.

Nothing here knows a database. `mentions.sql.life` asks, and deletes what is due.
"""

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

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


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person's wish to be forgotten: all that this author wrote until then goes.

    `platform` and `author` are those of `mentions.types.Author`.
    """

    platform: str
    author: str
    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(slots=True)
class Erased:
    """What an erasure removed, and what it could not."""

    mentions: int = 0
    findings: int = 0
    events: int = 0
    messages: int = 0
    cancelled: int = 0
    """Of the messages, those that now will never be sent."""
    sent: int = 0
    """Of the messages, those that somebody had received: no store can call them back."""
    quoted: int = 0
    """Posts of others that pass on what was erased: they are theirs, and stay."""
    kept: int = 0
    """Posts that belong to an incident on legal hold: they stay until it is released."""
    held: tuple[int, ...] = ()
    """Those incidents."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.kept and not self.held


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the erasures that were made again on a restored store."""

    completed: int = 0
    waiting: int = 0
    """Those that a legal hold of the backup suspends; `retain` completes them after its release."""
    kept: int = 0
    """The posts that it keeps."""
    held: tuple[int, ...] = ()
    """The incidents on hold."""

    @classmethod
    def of(cls, erasures: Iterable[Erasure], told: Iterable[Erased]) -> "Replayed":
        """Count; what two wishes of one author leave are the same posts."""
        kept: dict[tuple[str, str], int] = {}
        held: set[int] = set()
        completed = waiting = 0
        for erasure, erased in zip(erasures, told, strict=True):
            author = (erasure.platform, erasure.author)
            kept[author] = max(erased.kept, kept.get(author, 0))
            held |= set(erased.held)
            completed += erased.complete
            waiting += not erased.complete
        return cls(completed, waiting, sum(kept.values()), tuple(sorted(held)))

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.waiting


class BadErasureList(Exception):
    """The list of erasures cannot be used: the message says which line, and why."""


def read_erasures(path: Path) -> list[Erasure]:
    """The erasures of a list, oldest first; none where there is no file. BadErasureList names the line."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadErasureList(f"The list of erasures {path} cannot be read: {error.strerror}.") from error
    return list(_read(path, lines))


def _read(path: Path, lines: Iterable[bytes]) -> Iterator[Erasure]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _erasure(json.loads(line))
            except ValueError as error:
                said = str(error) if type(error) is ValueError else "this is not one line of JSON"
                raise BadErasureList(f"{path}:{number}: {said}; nothing was erased.") from error


def _erasure(read: Any) -> Erasure:
    known = [one.name for one in fields(Erasure)]
    if not isinstance(read, dict) or not all(isinstance(read.get(name, ""), str) for name in known):
        raise ValueError("an erasure is an object with the texts platform, author, at, by and reason")
    if not read.get("platform") or not read.get("author"):
        raise ValueError("it names no platform, or no author")
    try:
        at = datetime.fromisoformat(read.get("at", ""))
    except ValueError:
        raise ValueError("'at' is no ISO 8601 time") from None
    if at.tzinfo is None:
        raise ValueError("'at' is a time without its zone")
    return Erasure(read["platform"], read["author"], at, read.get("by", ""), read.get("reason", ""))


def append_erasure(path: Path, erasure: Erasure) -> None:
    """Add a line that survives a power cut, before any row goes. BadErasureList says why it cannot."""
    line = json.dumps(asdict(erasure) | {"at": erasure.at.isoformat()}, ensure_ascii=False).encode(
        errors="replace"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(file).st_size
            torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # a line that a power cut left unfinished
            os.write(file, (b"\n" if torn else b"") + line + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        _sync_folder(path.parent)
    except OSError as error:
        raise BadErasureList(
            f"The list of erasures {path} cannot be written: {error.strerror}; nothing was erased."
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
