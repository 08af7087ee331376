"""`tingfeng run`: every stage on its tick, in one process, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawlers.reactor import in_thread
from mentions.store import StoreError
from mentions.stores import place
from sentiment.model import ModelUnavailable
from tingfeng import stages
from tingfeng.desk import Desk
from tingfeng.schedule import first_run, trigger

MAINTENANCE_SECONDS = 10
WATCH_SECONDS = 5
SETTLING = timedelta(minutes=1)
"""After a start, sources are looked at before they are called silent for the time that we were down."""

log = structlog.get_logger()


class Service:
    """The running desk. Jobs fail alone: each is logged with its cause and tried again at its next tick."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._visits = {name: asyncio.Lock() for name in desk.config.enabled_sources()}
        self._said: dict[str, str] = {}
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def locks(self) -> tuple[str, ...]:
        """The stages that no other process may run meanwhile."""
        return (*(f"crawl-{name}" for name in self._visits), "score", "alert")

    async def run(self) -> None:
        """Run until cancelled; then wait for what is being done."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns whenever a tick finds its job busy
        scheduler = AsyncIOScheduler(
            timezone=self._desk.language.zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._plan(scheduler)
        scheduler.start()
        log.info("listening", sources=list(self._visits), store=place(self._desk.config.store))
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown()  # cancels what is running; each job ends what it must not leave half done
            await asyncio.gather(*self._running, return_exceptions=True)
            log.info("stopped")

    def _plan(self, scheduler: Any) -> None:
        desk, zone = self._desk, self._desk.language.zone
        for name, source in desk.config.enabled_sources().items():
            scheduler.add_job(
                self._async_job(f"crawl:{name}", partial(self._visit, name, stages.crawl)),
                trigger(source.schedule, zone),
                next_run_time=first_run(
                    source.schedule,
                    last_done=desk.store.runs.last_done(f"crawl:{name}"),
                    now=desk.now(),
                    zone=zone,
                ),
            )
            self._tick(scheduler, self._async_job(f"reread:{name}", partial(self._visit, name, stages.reread)))
        self._tick(scheduler, self._job("score", partial(stages.score, desk)))
        self._tick(scheduler, self._job("alert", partial(stages.alert, desk)), after=1 / 3)
        scheduler.add_job(
            self._job("watch", partial(stages.watch, desk)),
            "interval",
            seconds=WATCH_SECONDS,
            next_run_time=desk.now() + SETTLING,
        )
        for channel in desk.config.channels:
            job = self._job(f"deliver:{channel}", partial(stages.deliver, desk, channel))
            self._tick(scheduler, job, after=2 / 3)
        scheduler.add_job(self._job("maintain", desk.store.maintain), "interval", seconds=MAINTENANCE_SECONDS)

    def _tick(self, scheduler: Any, job: Callable[[], Any], *, after: float = 0.0) -> None:
        """Run at every tick, a share of it `after` the others: what one stage leaves, the next finds at once."""
        tick = self._desk.config.tick
        first = self._desk.now() + tick * after
        scheduler.add_job(job, "interval", seconds=tick.total_seconds(), next_run_time=first)

    async def _visit(self, name: str, stage: Callable[[Desk, str], Awaitable[Any]]) -> None:
        """One visit to a source at a time: two would halve the pause between requests to its host."""
        if stage is stages.reread and self._visits[name].locked():
            return  # the visit that is under way looks at the suspect posts too
        async with self._visits[name]:
            await stage(self._desk, name)

    def _async_job(self, name: str, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        async def job() -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine job runs in a task
            self._running.add(task)
            try:
                await work()
            except asyncio.CancelledError:
                log.debug("job interrupted", job=name)
            except Exception as error:  # noqa: BLE001 - the outer edge of a job
                self._failed(name, error)
            else:
                self._said.pop(name, None)
            finally:
                self._running.discard(task)

        return job

    def _job(self, name: str, work: Callable[[], Any]) -> Callable[[], Awaitable[None]]:
        return self._async_job(name, partial(in_thread, work))

    def _failed(self, name: str, error: Exception) -> None:
        """Log the cause once, not at each tick, with its traceback only where it is not one of our sentences."""
        said = f"{type(error).__name__}: {error}"
        if self._said.get(name) == said:
            return
        self._said[name] = said
        expected = isinstance(error, StoreError | ModelUnavailable)
        log.error("job failed", job=name, why=str(error), exc_info=None if expected else error)
