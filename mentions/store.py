"""The Store: the one interface between the stages, and what each of its parts promises.

Stages never call one another; each claims rows here, works, and commits what the next one claims. Every method
is one transaction unless it runs inside `Store.transaction()`, which makes several of them one.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Self

from mentions.chain import Broken
from mentions.copies import Copies
from mentions.evidence import Evidence
from mentions.fates import Fates
from mentions.life import Erased, Erasure, Retained, Retention
from mentions.looks import Covered, Look
from mentions.pages import Refusal, Shape
from mentions.room import Room
from mentions.types import (
    Author,
    Cooling,
    CrawlRun,
    Engagement,
    Finding,
    Freshness,
    HotRank,
    Hourly,
    Incident,
    IncidentEvent,
    Label,
    Mention,
    Notification,
    Observation,
    Score,
    Severity,
    Share,
    Validators,
)
from mentions.windows import Seen

SCORE = "score"
"""The queue of mentions that no model has judged."""
JUDGE = "judge"
"""The queue of mentions whose score or counts changed since the rules last looked."""


def reread(source: str) -> str:
    """The queue of suspect posts that `source` should look at again."""
    return f"reread:{source}"


class StoreError(Exception):
    """The mention store cannot be used: the message says which file and why."""


class StoreUnreachable(StoreError):
    """The database does not answer now; it may, later."""


class Held(Exception):
    """Another process holds the lock; the message is what that process wrote about itself."""


class StoreBusy(StoreError):
    """Somebody else is writing, and the caller did not want to wait, or stood in its way; nothing was written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a page changed: ids never seen before, and how many posts were on it.

    `refused` are those that were not stored, because their authors asked to be forgotten.
    """

    new: tuple[str, ...]
    seen: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row of a queue. `version` counts how often the work was asked for; see Tasks.put for `danger`."""

    queue: str
    mention_id: str
    version: int
    attempts: int
    danger: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """How many requests re-reading had taken from a host's other work at that moment; rest makes them fewer."""

    requests: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a queue waits, since when, and how many rows were set aside after failing."""

    waiting: int
    oldest: datetime | None
    quarantined: int


@dataclass(frozen=True, slots=True)
class Search:
    """What an analyst asks of the store; every field narrows. `text` is matched as a phrase, word by word."""

    text: str = ""
    brand: str | None = None
    platform: str | None = None
    label: Label | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_negativity: float | None = None
    originals: bool = False
    """Without copies and reposts of other mentions."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with the latest that is known of it."""

    mention: Mention
    engagement: Engagement | None
    score: Score | None
    hot: HotRank | None = None
    """Where it stood last, if it is an entry of a hot list."""


class Posts(ABC):
    """Mentions, their authors, their counts over time, and their scores."""

    @abstractmethod
    def record(self, page: Sequence[Observation]) -> Recorded:
        """Store what a page showed, all or nothing; not `durable` (see Store.transaction): it can be read again.

        A post seen before is never duplicated: its author is refreshed, its counts are appended, and a longer
        text replaces one that was truncated (the earlier text is kept as a revision when it was not).
        New posts that mention a brand join the SCORE queue; posts that already have a score join JUDGE.
        Entries of a hot list that mention a brand always do, and those that the list no longer holds have left it.
        """

    @abstractmethod
    def get(self, mention_ids: Collection[str]) -> dict[str, Found]:
        """Those of the mentions that exist, with their latest counts and score."""

    @abstractmethod
    def whole(self, mention_ids: Collection[str]) -> set[str]:
        """Those of the mentions that are stored with their whole text."""

    @abstractmethod
    def record_authors(self, authors: Collection[Author], at: datetime) -> None:
        """Store what a page showed of accounts apart from any post; not `durable`, as `record`.

        Accounts of whom no post is stored are left out: nobody would ever delete them. What a page does not show
        (followers, verification) stays as it is known. Their posts of the day before that have a score join JUDGE,
        since how far a voice carries is a part of the judgement.
        """

    @abstractmethod
    def followed(self, authors: Collection[tuple[str, str]], since: datetime) -> set[tuple[str, str]]:
        """Those of the authors (platform and id) whose followers were told at or after `since`."""

    @abstractmethod
    def answered(self, mention_ids: Collection[str]) -> set[str]:
        """Those of the posts under which another post of their thread is stored."""

    @abstractmethod
    def engagements(self, mention_ids: Collection[str], since: datetime) -> dict[str, list[Engagement]]:
        """Snapshots taken at or after `since` and the last one before it, oldest first, by mention."""

    @abstractmethod
    def hot(self, mention_ids: Collection[str]) -> dict[str, list[HotRank]]:
        """Where entries of hot lists stood over time, oldest first, by mention; see `mentions.hot.last_stay`."""

    @abstractmethod
    def reposts_by(self, origin_ids: Collection[str]) -> dict[str, list[Mention]]:
        """The stored reposts of each post, those of the widest-followed authors first, at most 20 each."""

    @abstractmethod
    def add_brands(self, mention_id: str, brands: Sequence[str], at: datetime) -> None:
        """Let a post be one of these brands too, by a person's word; it joins the SCORE queue."""

    @abstractmethod
    def add_scores(self, scores: Iterable[Score]) -> None:
        """Store judgements and put their mentions into the JUDGE queue."""

    @abstractmethod
    def search(self, query: Search) -> list[Found]:
        """Newest first. A two-character Chinese word finds every post that contains it."""

    @abstractmethod
    def each(self, query: Search) -> Iterator[Found]:
        """All that `search` would find without its limit, in the order they were first seen.

        A few hundred are held at a time, and nothing is locked while the caller is at work.
        """

    @abstractmethod
    def count(self, query: Search) -> int:
        """How many mentions `search` would find without its limit."""


class Tasks(ABC):
    """Work to be done on mentions: claimed by conditional update, given back when a claim's lease ends."""

    @abstractmethod
    def put(self, queue: str, mention_ids: Iterable[str], due: datetime, *, danger: int = 0) -> None:
        """Ask for work; asking again raises the version and moves the due time.

        Of what is due, `claim` takes the most dangerous first where it is told to.
        """

    @abstractmethod
    def claim(
        self,
        queue: str,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        worst_first: bool = False,
    ) -> list[Task]:
        """Take due rows that nobody holds; an expired claim counts as an attempt.

        The oldest first; with `worst_first` the most dangerous, for which all that is due has to be sorted.
        """

    @abstractmethod
    def due(self, queue: str, now: datetime) -> bool:
        """Whether `claim` would find anything."""

    @abstractmethod
    def done(self, tasks: Iterable[Task], *, owner: str) -> set[str]:
        """Remove finished rows; one that was asked for again meanwhile stays, unclaimed.

        Returns the mentions of those that `owner` still held: a claim can be lost to another one.
        """

    @abstractmethod
    def drop(self, queue: str, mention_ids: Iterable[str]) -> None:
        """Forget rows, whoever holds them."""

    @abstractmethod
    def failed(self, task: Task, *, owner: str, error: str, retry_at: datetime, give_up_after: int) -> bool:
        """Give a row back to be tried later; after `give_up_after` attempts set it aside. True if set aside."""

    @abstractmethod
    def release(self, tasks: Iterable[Task], *, owner: str) -> None:
        """Give rows back untouched: no attempt is counted."""

    @abstractmethod
    def take_over(self, queue: str) -> None:
        """End all claims on a queue now: only for who knows that their holders are dead."""

    @abstractmethod
    def revive(self, queue: str) -> None:
        """Put rows that were set aside back into the queue: what broke them may have been repaired."""

    @abstractmethod
    def backlog(self, queue: str) -> Backlog:
        """What waits in a queue."""


class Runs(ABC):
    """Crawl runs and scheduled jobs: what was looked at, when, and how it went."""

    @abstractmethod
    def start(self, source: str, at: datetime, kind: str = "crawl") -> CrawlRun:
        """Open the row of a run."""

    @abstractmethod
    def finish(self, run: CrawlRun) -> None:
        """Write how the run went."""

    @abstractmethod
    def take_over(self, source: str, at: datetime) -> bool:
        """Close rows of the source that were never finished: only for who knows that their process is dead.

        Returns whether there was one.
        """

    @abstractmethod
    def owed(self, hosts: Collection[str]) -> dict[str, Owed]:
        """What re-reading took from each of the hosts, where it ever did."""

    @abstractmethod
    def owe(self, hosts: Mapping[str, Owed]) -> None:
        """Remember it."""

    @abstractmethod
    def recent(self, source: str | None = None, limit: int = 20) -> list[CrawlRun]:
        """Newest first."""

    @abstractmethod
    def freshness(self, sources: Sequence[str]) -> list[Freshness]:
        """One for each source, in the order given, also for one that never ran."""

    @abstractmethod
    def first_start(self, source: str) -> datetime | None:
        """When the source was first looked at; None if never."""

    @abstractmethod
    def last_start(self, source: str) -> datetime | None:
        """When the last visit began that looked for what is new; None if none ever did."""

    @abstractmethod
    def last_done(self, job: str) -> datetime | None:
        """When the scheduled job was last finished with success."""

    @abstractmethod
    def job_done(self, job: str, at: datetime, error: str | None = None) -> None:
        """Record the end of a scheduled job; an error leaves `last_done` where it was."""

    @abstractmethod
    def job_errors(self) -> dict[str, str]:
        """Jobs whose last run failed, and why."""


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


class Pages(ABC):
    """Refused answers that are kept for some days, and what the pages of each kind are built of."""

    @abstractmethod
    def keep(self, refusal: Refusal) -> bool:
        """Keep a refused answer: the first of its reason and day (UTC). False where there is one already."""

    @abstractmethod
    def refusals(self, source: str) -> list[Refusal]:
        """Those that are kept of a source, newest first, without their bodies."""

    @abstractmethod
    def refused(self, source: str, reason: str) -> Refusal | None:
        """The newest one for this reason."""

    @abstractmethod
    def shapes(self, sources: Collection[str]) -> list[Shape]:
        """What is known of the pages of these sources."""

    @abstractmethod
    def put_shapes(self, shapes: Sequence[Shape]) -> None:
        """Remember what pages are built of."""

    @abstractmethod
    def forget_shapes(self, source: str) -> int:
        """Learn the pages of a source anew; returns how many kinds were known."""

    @abstractmethod
    def expire(self, now: datetime) -> int:
        """Delete refused answers and looks that are too old; returns how many rows."""


class Sites(ABC):
    """What is remembered of the sites that are asked, each by its host and the port that its addresses name."""

    @abstractmethod
    def take(self, site: str, *, at: datetime, until: datetime) -> datetime | None:
        """Have a site to oneself, until then at most. None where that is so, else when it will be free."""

    @abstractmethod
    def leave(self, sites: Mapping[str, datetime]) -> None:
        """Let go of sites: from then on they may be asked again. For who took them, or knows that one is dead."""

    @abstractmethod
    def asked(self, sites: Collection[str]) -> dict[str, datetime]:
        """When each of the sites was last asked by any of us, where one ever was."""

    @abstractmethod
    def cool(self, cooling: Cooling) -> None:
        """Leave a site alone; what was said of this source and site before is replaced."""

    @abstractmethod
    def cooling(self, source: str, site: str | None = None) -> list[Cooling]:
        """The source's own, and those that hold for every source of its sites; also such as are over.

        The longest first. Of one `site`, also where the source itself was never turned away there.
        """

    @abstractmethod
    def warm(self, source: str, site: str) -> None:
        """Forget that a site turned a source away: it answered."""

    @abstractmethod
    def warm_all(self, reason: str) -> None:
        """Forget all that were turned away for a reason that may have been mended since."""

    @abstractmethod
    def robots(self, site: str, since: datetime) -> str | None:
        """A site's robots.txt, if it was fetched since then; empty where it had none."""

    @abstractmethod
    def keep_robots(self, site: str, text: str, at: datetime) -> None:
        """Remember a site's robots.txt."""

    @abstractmethod
    def validators(self, source: str, asker: str) -> dict[str, Validators]:
        """By address what was kept for the source while it was the same `asker`: its settings and our brands."""

    @abstractmethod
    def keep_validators(self, source: str, asker: str, pages: Mapping[str, Validators], at: datetime) -> None:
        """Remember the versions of pages that were read, with all that they led to."""

    @abstractmethod
    def prune(self, before: datetime) -> None:
        """Forget what was last of use before then."""


class Incidents(ABC):
    """Findings, incidents, and the append-only events of each."""

    @abstractmethod
    def add_finding(self, finding: Finding, incident_id: int) -> None:
        """Store a finding under its incident and attach its mention."""

    @abstractmethod
    def open(self, finding: Finding, title: str) -> Incident:
        """Open an incident at the finding's severity. StoreError if one of this key is already open."""

    @abstractmethod
    def update(self, incident: Incident) -> None:
        """Write state, severity, owner, updated and resolved."""

    @abstractmethod
    def add_event(self, event: IncidentEvent) -> None:
        """Append to the incident's history."""

    @abstractmethod
    def events(self, incident_id: int, kinds: Collection[str] = ()) -> list[IncidentEvent]:
        """Oldest first; only of these kinds, where any are named."""

    @abstractmethod
    def get(self, incident_id: int) -> Incident | None:
        """One incident, or None."""

    @abstractmethod
    def current(self, key: str, mention_ids: Collection[str] = ()) -> Incident | None:
        """The unresolved incident that holds one of these mentions, else the one with a finding of this key."""

    @abstractmethod
    def of_mention(self, mention_id: str) -> list[Incident]:
        """All incidents that hold this mention, resolved ones too, newest first."""

    @abstractmethod
    def recent(self, *, unresolved: bool = True, limit: int = 100) -> list[Incident]:
        """Highest severity first, then newest."""

    @abstractmethod
    def findings(self, incident_id: int) -> list[Finding]:
        """Oldest first."""

    @abstractmethod
    def watched(self, rule: str, mention_ids: Collection[str]) -> dict[str, datetime]:
        """Those of the mentions on which an unresolved incident has a finding of this rule, and since when."""

    @abstractmethod
    def findings_on(self, incident_id: int, mention_id: str | None) -> list[Finding]:
        """Those on one mention (or on none), oldest first."""

    @abstractmethod
    def mentions(self, incident_id: int) -> list[str]:
        """The ids of the incident's mentions, in the order they were attached."""


class Outbox(ABC):
    """Messages on their way: written with the incident's change, sent at least once."""

    @abstractmethod
    def put(
        self,
        incident_id: int,
        channels: Iterable[str],
        *,
        reason: str,
        severity: Severity,
        payload: dict[str, Any],
        at: datetime,
    ) -> None:
        """Queue one message a channel."""

    @abstractmethod
    def claim(self, *, now: datetime, lease: timedelta, channels: Collection[str]) -> Iterator[Notification]:
        """Lease the oldest due message of each channel, one by one as the iterator is advanced.

        A message whose lease ran out before it was marked comes back with `possible_repeat`.
        """

    @abstractmethod
    def sent(self, notification: Notification, *, at: datetime, receipt: str | None) -> None:
        """Mark as sent."""

    @abstractmethod
    def failed(
        self, notification: Notification, *, error: str, retry_at: datetime | None, possible_repeat: bool
    ) -> None:
        """Put back to be tried at `retry_at`, or mark as failed for good where that is None.

        Nothing happens to a message that somebody else has leased or sent since.
        """

    @abstractmethod
    def due(self, channel: str, now: datetime) -> bool:
        """Whether `claim` would find a message for the channel."""

    @abstractmethod
    def take_over(self, channel: str) -> None:
        """End all leases on a channel's messages now: only for who knows that their holders are dead."""

    @abstractmethod
    def hold(self, channel: str, until: datetime) -> None:
        """Leave a channel alone until then: what waits for it is due no sooner."""

    @abstractmethod
    def retry_failed(self, channels: Collection[str], at: datetime) -> int:
        """Make failed messages due again (their channel was repaired); returns how many."""

    @abstractmethod
    def of_incident(self, incident_id: int) -> list[Notification]:
        """All messages of one incident, oldest first."""

    @abstractmethod
    def unsent(self) -> list[Notification]:
        """Messages that nobody has received, oldest first."""


class Trends(ABC):
    """How many mentions there were, hour by hour: roll-ups that every write keeps current."""

    @abstractmethod
    def hourly(self, since: datetime, until: datetime, brand: str | None = None) -> list[Hourly]:
        """Counts of the hours that begin in [since, until), by hour, brand, platform, label and severity.

        Originals and copies are counted apart.
        """

    @abstractmethod
    def shares(self, since: datetime, until: datetime, *, copies: bool = False) -> list[Share]:
        """Negative mentions among all, of every brand in the hours that begin in [since, until), by hour.

        What was said again counts once; with `copies`, as often as it was said. Entries of hot lists are left out:
        a headline is not somebody's opinion.
        """

    @abstractmethod
    def rebuild(self) -> int:
        """Count anew from the mentions themselves; returns how many counts were wrong."""


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


class Store(ABC):
    """All parts over one database."""

    posts: Posts
    tasks: Tasks
    runs: Runs
    looks: Looks
    pages: Pages
    sites: Sites
    incidents: Incidents
    outbox: Outbox
    trends: Trends
    life: Life
    copies: Copies
    evidence: Evidence
    fates: Fates
    address: str
    """What `open_store` opens again."""
    shared: ClassVar[bool]
    """Whether several machines may work on it at once."""

    @abstractmethod
    def transaction(self, *, wait: bool = True, durable: bool = True) -> AbstractContextManager[None]:
        """Make all writes inside one transaction; an exception undoes them. Nested use joins the outer one.

        With `wait` false, StoreBusy is raised at once where another writer is at work. What is written with
        `durable` false survives the death of every process, but a power cut may take the last of it: right for
        pages, which can be read again, and for nothing else.
        """

    @abstractmethod
    def only(self, stage: str, who: str) -> AbstractContextManager[None]:
        """Be the only process that runs a stage on this store; Held says who else does.

        The lock ends with its holder, however that dies.
        """

    @abstractmethod
    def alive(self, owner: str) -> AbstractContextManager[None]:
        """Let it be known that `owner`, with whose name claims begin, lives: `maintain` ends claims of the dead.

        Where one machine has the store to itself, `only` tells that already.
        """

    @abstractmethod
    def maintain(self) -> None:
        """Housekeeping that must run now and then; cheap, and safe beside other processes."""

    @abstractmethod
    def size(self) -> int:
        """Bytes on disk."""

    def room(self) -> Room | None:
        """What is free on the disk of the store; None where the database's own machine looks after that."""
        return None

    @abstractmethod
    def faults(self) -> list[str]:
        """What the database says is broken in it; empty when it is sound."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
