"""Visits to sources and scheduled jobs: what was looked at, when, how it went, and how fresh it is."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class CrawlRun:
    """One pass over one source, also when it saw nothing. `blocked` counts refusals by their reason.

    `kind` is "crawl" for a look at what is new, "reread" for another look at suspect posts, "push" for what
    somebody sent us.
    """

    id: int
    source: str
    started: datetime
    kind: str = "crawl"
    finished: datetime | None = None
    pages: int = 0
    seen: int = 0
    new: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    cap_hit: bool = False
    newest: datetime | None = None
    oldest: datetime | None = None
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much a source can be trusted to have seen. None where it never happened.

    Runs of kind "reread" do not count. `last_success` is the end of the last run that read at least one page and
    had no error, `success_began` its start. `blocked` is the last run's reasons.
    """

    source: str
    last_run: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    newest_post: datetime | None
    cap_hit: bool = False
    blocked: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    success_began: datetime | None = None
    cooling_until: datetime | None = None
    """The latest time until which a site of it is left alone, be it over or not."""
    cooling_reason: str = ""
    """The refusal for which it is."""

    def age(self, now: datetime) -> timedelta | None:
        """Time since the source was last read with success; None if it never was."""
        return None if self.last_success is None else now - self.last_success


@dataclass(frozen=True, slots=True)
class Owed:
    """How many requests re-reading had taken from a host's other work at that moment; rest makes them fewer."""

    requests: float
    at: datetime


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
    def telling(self, source: str, refusals: Collection[str], limit: int) -> list[CrawlRun]:
        """Finished crawls that say whether these refusals are over, newest first.

        One that met a refusal says no. One that read a page says yes, unless it left a site alone that had turned
        it away: then that site was not asked. A crawl that read nothing says neither.
        """

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
    def last_failed(self, job: str) -> datetime | None:
        """When the scheduled job last failed."""

    @abstractmethod
    def job_done(self, job: str, at: datetime, error: str | None = None) -> None:
        """Record the end of a scheduled job; an error leaves `last_done` where it was."""

    @abstractmethod
    def job_errors(self) -> dict[str, str]:
        """Jobs whose last run failed, and why."""
