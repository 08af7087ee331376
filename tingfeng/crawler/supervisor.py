"""Keeping a crawler alive: one that hangs, grows or dies is replaced, and its jobs are done again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from logging import DEBUG

import structlog

from crawlers.reactor import in_thread
from tingfeng.crawler.process import STOP_SECONDS, Crawler, CrawlerDied, Gone, Why
from tingfeng.desk import Desk
from tingfeng.jobs import Job, Queue

ATTEMPTS = 2
"""A visit that kills the crawler is made once more now, and then when its schedule says."""
LONGEST_BACKOFF = 30.0
"""Seconds between two attempts to start a process that ends before it is ready."""

log = structlog.get_logger()


class Supervisor:
    """The jobs of the crawl queue, done in a process of their own.

    Whoever runs them holds their stages' locks here; a process that died over a job is known by that to be dead.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._crawler: Crawler | None = None
        self._waiting: Crawler | None = None
        self._there = asyncio.Condition()
        self._retiring: set[asyncio.Task[None]] = set()
        self._needed = False

    def supervised(self, jobs: Mapping[str, Job]) -> dict[str, Job]:
        """The same jobs; those that crawl are done in the crawler."""
        self._needed = any(job.queue is Queue.CRAWL for job in jobs.values())
        return {
            name: replace(job, work=partial(self.do, job)) if job.queue is Queue.CRAWL else job
            for name, job in jobs.items()
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep a crawler alive while the block runs, where there is anything to crawl; then end it."""
        if not self._needed:
            yield
            return
        keeping = asyncio.get_running_loop().create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, *self._retiring, return_exceptions=True)

    async def do(self, job: Job) -> None:
        """Have a job done, again where the crawler dies over it. CrawlerDied where that happens too often."""
        why: Why | None = None
        for _ in range(ATTEMPTS):
            crawler = await self._next()
            try:
                await crawler.do(job.name)
            except Gone:
                why = crawler.why
                if job.stage is not None:
                    await in_thread(self._desk.take_over, job.stage)
            else:
                return
        raise CrawlerDied(f"The crawler was replaced twice during {job.name}: {why}.")

    async def _next(self) -> Crawler:
        """The crawler that is well, as soon as there is one."""
        async with self._there:
            await self._there.wait_for(lambda: self._crawler is not None and self._crawler.why is None)
        assert self._crawler is not None  # noqa: S101 - see above
        return self._crawler

    async def _keep(self) -> None:
        """A process at work, and the next one waiting: to start one takes seconds where a machine is busy."""
        failures = 0
        crawler = self._waiting = await self._start()
        try:
            while True:
                crawler = self._waiting
                crawler.open()
                await _either(crawler.ready, crawler.unwell)
                if crawler.ready.is_set():
                    failures = 0
                    await self._publish(crawler)
                else:
                    failures += 1
                    await asyncio.sleep(min(2.0**failures, LONGEST_BACKOFF))
                self._waiting = await self._start()
                await crawler.unwell.wait()
                log.warning(
                    "crawler replaced", pid=crawler.pid, why=str(crawler.why), megabytes=crawler.memory >> 20
                )
                self._retire(crawler)
        finally:
            await asyncio.gather(*(one.stop() for one in {crawler, self._waiting}))

    async def _publish(self, crawler: Crawler) -> None:
        log.debug("crawler ready", pid=crawler.pid)
        async with self._there:
            self._crawler = crawler
            self._there.notify_all()

    def _retire(self, crawler: Crawler) -> None:
        retiring = asyncio.get_running_loop().create_task(_retire(crawler))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def _start(self) -> Crawler:
        verbose = log.bind().get_effective_level() <= DEBUG
        config = self._desk.config
        while True:
            try:
                return await Crawler.start(config, most_memory=config.crawler_memory, verbose=verbose)
            except OSError as error:  # the system is short of processes or memory
                log.error("no crawler can be started", why=str(error))  # noqa: TRY400 - its words say all
                await asyncio.sleep(LONGEST_BACKOFF)


async def _retire(crawler: Crawler) -> None:
    """Let a process that grew finish what it is doing, for a while; its successor has taken over already."""
    try:
        if crawler.why is Why.GREW and crawler.busy:
            await asyncio.wait(crawler.busy, timeout=STOP_SECONDS)
        if crawler.busy:
            crawler.kill()  # its jobs are done again by the next one
    finally:
        await crawler.stop()


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
