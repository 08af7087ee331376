"""Everything that a command or the service works with, made from config.yaml."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.language import Language
from alerts.settings import Settings
from mentions.brands import Brand, BrandMatcher
from mentions.oslock import OsLock
from mentions.sqlite import SqliteStore
from mentions.store import Store
from tingfeng import __version__
from tingfeng.config import Config


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The open store and what the configuration says, ready for the stages."""

    config: Config
    store: Store
    brands: list[Brand]
    matcher: BrandMatcher
    settings: Settings
    language: Language
    now: Callable[[], datetime]
    owner: str

    @property
    def user_agent(self) -> str:
        """Who we say we are to every site."""
        contact = self.config.contact
        return f"Tingfeng/{__version__}" + (f" (+{contact})" if contact else "")

    @contextmanager
    def only_run(self, *stages: str) -> Iterator[None]:
        """Be the only process that runs these stages on this store; `Held` says who else does."""
        path = self.config.store
        if not stages:
            yield
            return
        lock = OsLock(path.with_name(f"{path.name}.{stages[0]}.lock"))
        who = f"{stages[0]}: process {os.getpid()}, since {self.now():%Y-%m-%d %H:%M:%S} UTC"
        try:
            with lock.exclusive_now(who), self.only_run(*stages[1:]):
                yield
        finally:
            lock.close()


@contextmanager
def open_desk(config: Config, now: Callable[[], datetime] = wall_clock) -> Iterator[Desk]:
    """Open the store; StoreError if it cannot be."""
    brands = config.watched()
    with SqliteStore(config.store) as store:
        yield Desk(
            config=config,
            store=store,
            brands=brands,
            matcher=BrandMatcher(brands),
            settings=config.alerting(),
            language=config.reader(),
            now=now,
            owner=f"{socket.gethostname()}:{os.getpid()}",
        )
