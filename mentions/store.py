"""The Store: the one interface between the stages. What each of its parts promises stands beside its types.

Stages never call one another; each claims rows here, works, and commits what the next one claims. Every method
is one transaction unless it runs inside `Store.transaction()`, which makes several of them one.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from types import TracebackType
from typing import ClassVar, Self

from mentions.copies import Copies
from mentions.evidence import Evidence
from mentions.fates import Fates
from mentions.incidents import Incidents
from mentions.life import Life
from mentions.looks import Looks
from mentions.outbox import Outbox
from mentions.pages import Pages
from mentions.posts import Posts
from mentions.room import Room
from mentions.runs import Runs
from mentions.sites import Sites
from mentions.sought import Seeking
from mentions.tasks import Tasks
from mentions.trends import Trends


class StoreError(Exception):
    """The mention store cannot be used: the message says which file and why."""


class StoreUnreachable(StoreError):
    """The database does not answer now; it may, later."""


class Held(Exception):
    """Another process holds the lock; the message is what that process wrote about itself."""


class StoreBusy(StoreError):
    """Somebody else is writing, and the caller did not want to wait, or stood in its way; nothing was written."""


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
    seeking: Seeking
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

    def shortage(self) -> Room | None:
        """The room where it is too little to store more; None where there is enough."""
        room = self.room()
        return room if room is not None and room.lack is not None else None

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
