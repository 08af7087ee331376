"""Everything that a command or the service works with, made from config.yaml."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.language import Language
from alerts.settings import Settings
from mentions.brands import Brand, BrandMatcher
from mentions.store import JUDGE, SCORE, Store, reread
from mentions.stores import open_store
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
        """Be the only process that runs these stages on this store; `Held` says who else does.

        Stages are "score", "alert" and "crawl-NAME". Claims that a killed process left behind end at once.
        """
        who = f"process {os.getpid()} on {socket.gethostname()}, since {self.now():%Y-%m-%d %H:%M:%S} UTC"
        with ExitStack() as held:
            for stage in stages:
                held.enter_context(self.store.only(stage, who))
                self._take_over(stage)
            yield

    def _take_over(self, stage: str) -> None:
        """Whoever holds a stage's lock knows that every other holder of its claims is dead."""
        if stage == "score":
            self.store.tasks.take_over(SCORE)
        elif stage == "alert":
            self.store.tasks.take_over(JUDGE)
            self.store.tasks.revive(JUDGE)  # the rule that broke on them may have been mended
            self.store.outbox.take_over()
        else:
            source = stage.removeprefix("crawl-")
            self.store.tasks.take_over(reread(source))
            self.store.runs.take_over(source, self.now())


@contextmanager
def open_desk(config: Config, now: Callable[[], datetime] = wall_clock) -> Iterator[Desk]:
    """Open the store; StoreError if it cannot be."""
    brands = config.watched()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    with open_store(config.store, name=f"tingfeng {owner}") as store:
        yield Desk(
            config=config,
            store=store,
            brands=brands,
            matcher=BrandMatcher(brands),
            settings=config.alerting(),
            language=config.reader(),
            now=now,
            owner=owner,
        )
