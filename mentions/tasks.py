"""The queues between the stages: which there are, and how work is taken from them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SCORE = "score"
"""The queue of mentions that no model has judged."""
JUDGE = "judge"
"""The queue of mentions whose score or counts changed since the rules last looked."""


def reread(source: str) -> str:
    """The queue of suspect posts that `source` should look at again."""
    return f"reread:{source}"


def screenshot(source: str | None) -> str:
    """The queue of posts of whose pages `source` should take a picture; None for those that no source reads."""
    return "screenshot" if source is None else f"screenshot:{source}"


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row of a queue. `version` counts how often the work was asked for; see Tasks.put for `danger`."""

    queue: str
    mention_id: str
    version: int
    attempts: int
    danger: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a queue waits, since when, and how many rows were set aside after failing."""

    waiting: int
    oldest: datetime | None
    quarantined: int


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
