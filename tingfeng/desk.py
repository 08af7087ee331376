"""Everything that a command or the service works with, made from config.yaml."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_never,
    wait_exponential,
)

from alerts.language import Language
from alerts.settings import Settings
from crawlers.browsing.screenshots import profile_of
from crawlers.conduct.hosts import site_of
from crawlers.conduct.pace import strictest
from mentions.brands import Brand, BrandMatcher
from mentions.store import Store, StoreUnreachable
from mentions.stores import open_store
from mentions.tasks import JUDGE, SCORE, reread, screenshot
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

        Stages are "score", "alert", "deliver-CHANNEL" and "crawl-NAME". Claims that a killed process left behind
        end at once. Scoring goes on side by side where several machines share the store.
        """
        who = f"process {os.getpid()} on {socket.gethostname()}, since {self.now():%Y-%m-%d %H:%M:%S} UTC"
        with ExitStack() as held:
            for stage in stages:
                if stage == "score" and self.store.shared:
                    held.enter_context(self.store.alive(self.owner))
                    continue
                held.enter_context(self.store.only(stage, who))
                self.take_over(stage)
            yield

    def take_over(self, stage: str) -> None:
        """End the claims of a stage: whoever holds its lock knows that every other holder of them is dead."""
        if stage == "score":
            self.store.tasks.take_over(SCORE)
        elif stage == "alert":
            self.store.tasks.take_over(JUDGE)
        elif stage.startswith("deliver-"):
            self.store.outbox.take_over(stage.removeprefix("deliver-"))
        elif stage.startswith("screenshot"):
            self.store.tasks.take_over(stage.replace("screenshot-", "screenshot:", 1))
        else:
            source = stage.removeprefix("crawl-")
            self.store.tasks.take_over(reread(source))
            if self.profile(source):
                self.store.tasks.take_over(screenshot(source))
            if self.store.runs.take_over(source, self.now()):
                # It may have asked a moment before it died, and nobody wrote down when.
                now, pauses = self.now(), self.pauses
                self.store.sites.leave({site: now + pauses[site] for site in self.hosts(source) if site in pauses})

    @property
    def pauses(self) -> dict[str, timedelta]:
        """How long each host rests between two requests, whichever of its sources asks."""
        enabled = self.config.enabled_sources()
        hosts = {name: self.hosts(name) for name in enabled}
        return strictest(hosts, {name: source.delay for name, source in enabled.items()})

    def profile(self, source: str) -> str | None:
        """The browser's profile with which pages of a source may be pictured, where the operator allows that."""
        return profile_of(self.config.sources[source]) if self.config.evidence.screenshots == "signed-in" else None

    def hosts(self, source: str) -> frozenset[str]:
        """The hosts, with the ports that addresses name, that a visit to a source begins with or may come to."""
        kind = self.config.sources[source]
        return frozenset(map(site_of, (*(fetch.url for fetch in kind.start(self.brands)), *kind.beside)))


@contextmanager
def open_desk(
    config: Config, now: Callable[[], datetime] = wall_clock, *, waiting: bool = False
) -> Iterator[Desk]:
    """Open the store; StoreError if it cannot be. With `waiting`, a database that is down is waited for."""
    brands = config.watched()
    owner = f"{socket.gethostname()}:{os.getpid()}"
    attempts = Retrying(
        retry=retry_if_exception_type(StoreUnreachable),
        stop=stop_never if waiting else stop_after_attempt(1),
        wait=wait_exponential(max=10),
        before_sleep=_say_that_we_wait,
        reraise=True,
    )
    with attempts(open_store, config.store, name=f"tingfeng {owner}", floor=config.disk_floor) as store:
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


def _say_that_we_wait(state: RetryCallState) -> None:
    why = state.outcome.exception() if state.outcome else None
    if state.attempt_number == 1:
        structlog.get_logger().warning("waiting for the store", why=str(why))
