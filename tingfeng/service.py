"""`tingfeng run` on one machine: every job on its tick, until told to stop; a crawler of its own visits sites."""

import asyncio
import logging
from collections import defaultdict
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
from tingfeng.crawler.process import CrawlerDied, JobFailed
from tingfeng.crawler.supervisor import Supervisor
from tingfeng.desk import Desk
from tingfeng.jobs import WATCH_EVERY, Job, Queue, jobs_of
from tingfeng.schedule import first_run, trigger
from tingfeng.web.serving import listen

MAINTENANCE_SECONDS = 10
SETTLING = timedelta(minutes=1)
"""After a start, sources are looked at before they are called silent for the time that we were down."""
SHARE_OF_TICK = {Queue.CRAWL: 0.0, Queue.SCORE: 0.0, Queue.ALERT: 1 / 3, Queue.DELIVER: 2 / 3}
"""When in a tick each stage runs: what one leaves, the next finds at once."""

log = structlog.get_logger()


class Service:
    """The running desk. Jobs fail alone: each is logged with its cause and tried again at its next tick."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._supervisor = Supervisor(desk)
        self._jobs = self._supervisor.supervised(jobs_of(desk))
        self._turns: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._said = Said()
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def locks(self) -> tuple[str, ...]:
        """The stages that no other process may run meanwhile."""
        return tuple(dict.fromkeys(job.stage for job in self._jobs.values() if job.stage is not None))

    async def run(self) -> None:
        """Run until cancelled; then wait for what is being done."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns whenever a tick finds its job busy
        desk = self._desk
        stages.begin(desk)
        scheduler = AsyncIOScheduler(
            timezone=desk.language.zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in self._jobs.values():
            self._plan(scheduler, job)
        maintain = self._alone("maintain", partial(in_thread, desk.store.maintain))
        scheduler.add_job(maintain, "interval", seconds=MAINTENANCE_SECONDS)
        async with self._supervisor.running():
            scheduler.start()
            pushes = asyncio.ensure_future(self._alone("push", partial(listen, desk))())
            log.info("listening", sources=list(desk.config.enabled_sources()), store=place(desk.config.store))
            try:
                await asyncio.Event().wait()
            finally:
                pushes.cancel()
                scheduler.shutdown()  # cancels what is running; each job ends what it must not leave half done
                await asyncio.gather(*self._running, return_exceptions=True)
                log.info("stopped")

    def _plan(self, scheduler: Any, job: Job) -> None:
        desk = self._desk
        work = self._alone(job.name, partial(self._in_turn, job))
        if job.source is not None and job.looks_for_news:
            zone = desk.language.zone
            last = desk.store.runs.last_done(job.name)
            start = first_run(job.source.schedule, last_done=last, now=desk.now(), zone=zone)
            scheduler.add_job(work, trigger(job.source.schedule, zone), next_run_time=start)
        elif job.every is not None:
            seconds = job.every.total_seconds()
            scheduler.add_job(work, "interval", seconds=seconds, next_run_time=desk.now() + job.every)
        elif job.name == "watch":
            seconds = WATCH_EVERY.total_seconds()
            scheduler.add_job(work, "interval", seconds=seconds, next_run_time=desk.now() + SETTLING)
        elif job.queue is Queue.UPKEEP:
            scheduler.add_job(work, "interval", hours=1, next_run_time=desk.now() + SETTLING)
        else:
            tick = desk.config.tick
            first = desk.now() + tick * SHARE_OF_TICK[job.queue]
            scheduler.add_job(work, "interval", seconds=tick.total_seconds(), next_run_time=first)

    async def _in_turn(self, job: Job) -> None:
        """One visit to a host at a time: two would halve the pause between requests to it."""
        if job.turn is None:
            await job.work()
            return
        if self._turns[job.turn].locked() and not job.waits:
            return  # the next tick is near; and a visit that is under way looks at the suspect posts too
        async with self._turns[job.turn]:
            await job.work()

    def _alone(self, name: str, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        """The job as the scheduler runs it: what it raises ends nothing but itself."""

        async def job() -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine job runs in a task
            self._running.add(task)
            try:
                await work()
            except asyncio.CancelledError:
                log.debug("job interrupted", job=name)
            except Exception as error:  # noqa: BLE001 - the outer edge of a job
                self._said.failed(name, error)
            else:
                self._said.succeeded(name)
            finally:
                self._running.discard(task)

        return job


class Said:
    """What was logged of each job's failure, so that it is not said again at each tick."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def failed(self, name: str, error: Exception) -> None:
        """Log the cause once, with its traceback only where it is not one of our sentences."""
        said = f"{type(error).__name__}: {error}"
        if self._last.get(name) == said:
            return
        self._last[name] = said
        expected = isinstance(error, StoreError | ModelUnavailable | CrawlerDied | JobFailed)
        log.error("job failed", job=name, why=str(error), exc_info=None if expected else error)

    def succeeded(self, name: str) -> None:
        """Say it again when it fails again."""
        self._last.pop(name, None)
