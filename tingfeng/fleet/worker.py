"""A process of the fleet: it does the jobs of some queues, and helps to plan for all.

Once a second one process of the fleet looks which jobs are due and puts them into the queue; a job that is done
asks at once for those that may have work after it. Whoever is free takes the next. So every process can die at any
moment: its row-level claims end with its connection, its job is given to another one when its heartbeat stops.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from functools import partial

import procrastinate
import structlog
from procrastinate import exceptions
from procrastinate.jobs import Status
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from crawlers.reactor import in_thread
from mentions.store import Held, StoreError
from mentions.stores import place
from tingfeng import stages
from tingfeng.crawler.supervisor import Supervisor
from tingfeng.desk import Desk
from tingfeng.fleet.schema import prepare
from tingfeng.jobs import Job, Queue, jobs_of
from tingfeng.service import Said
from tingfeng.web.serving import listen

PLAN = "plan"
EVERY_SECOND = "* * * * * *"
EVERY_FIVE_SECONDS = "* * * * * */5"
"""Seconds stand last: Procrastinate reads its lines with croniter."""
HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
"""A worker whose heartbeat is older is dead. Were it alive, the lock of its stage would still keep others away."""
LONGEST_BACKOFF = 60
"""Seconds between two attempts of a job that keeps failing."""
SCORED_AT_ONCE = 256
"""Texts in one scoring job: few enough to end soon, many enough to be worth its row."""
SENT_AT_ONCE = 20
"""Messages in one job of a channel, for the same reasons."""
MOST_VISITS = 8
"""Sources that one process looks at side by side."""
MAINTENANCE_SECONDS = 2.0
THREADS = 16
CONNECT_SECONDS = 5.0
GRACE_SECONDS = 10.0
"""How long a stopping worker waits for what it is doing."""


class Stopped(Exception):
    """Procrastinate's worker ended although nobody asked it to: its database went away."""


GONE = (StoreError, exceptions.ConnectorException, Stopped)
"""What PostgreSQL's going away looks like."""

log = structlog.get_logger()


class Fleet:
    """One process: a worker for each of its queues, and one for planning."""

    def __init__(self, desk: Desk, queues: Sequence[Queue] = tuple(Queue), *, listens: bool = False) -> None:
        """Take what this process does; `listens` for what vendors push, besides."""
        self._desk = desk
        self._listens = listens
        self._queues = queues
        self._supervisor = Supervisor(desk)
        self._jobs = self._supervisor.supervised(jobs_of(desk, texts=SCORED_AT_ONCE, messages=SENT_AT_ONCE))
        self._said = Said()
        self._waiting = False

    async def run(self) -> None:
        """Work until cancelled; where PostgreSQL goes away, wait for it."""
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what matters of it is said here
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        log.info(
            "working",
            queues=[queue.value for queue in self._queues],
            store=place(self._desk.config.store),
            name=self._desk.owner,
        )
        async with AsyncExitStack() as stack:
            if Queue.CRAWL in self._queues:
                await stack.enter_async_context(self._supervisor.running())
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(GONE),
                wait=wait_exponential(max=10),
                before_sleep=self._say_that_we_wait,
            ):
                with attempt:
                    await self._work(attempt.retry_state)

    def _say_that_we_wait(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if not self._waiting:
            log.warning("waiting for the database", why=str(error or "its connections are gone"))
        self._waiting = True

    async def _work(self, state: RetryCallState) -> None:
        desk = self._desk
        await in_thread(prepare, desk.store.address)
        await in_thread(stages.begin, desk)
        connector = procrastinate.PsycopgConnector(
            conninfo=desk.store.address,
            min_size=1,
            max_size=4,
            timeout=CONNECT_SECONDS,
            kwargs={"application_name": f"{desk.owner} jobs"},
        )
        app, planner = self._app(connector), self._app(connector, plans=True)
        async with app.open_async():
            state.attempt_number = 1  # it is there again: the next wait is a short one
            if self._waiting:
                log.info("the database is there again")
            self._waiting = False
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._maintain())
                    if self._listens:
                        group.create_task(listen(desk))
                    group.create_task(_run(planner, PLAN, 1))
                    for queue in self._queues:
                        group.create_task(_run(app, queue, self._width(queue)))
            except ExceptionGroup as several:
                raise _cause(several) from several

    def _width(self, queue: Queue) -> int:
        """How many jobs of a queue this process does side by side."""
        match queue:
            case Queue.CRAWL:
                beside = bool(stages.pictures(self._desk))  # a picture takes no visit's place
                return max(1, min(MOST_VISITS, len(self._desk.config.enabled_sources()))) + beside
            case Queue.DELIVER:
                return len(self._desk.config.channels)
            case _:
                return 1

    async def _maintain(self) -> None:
        with self._desk.store.alive(self._desk.owner):
            while True:
                await in_thread(self._desk.store.maintain)
                await asyncio.sleep(MAINTENANCE_SECONDS)

    def _app(self, connector: procrastinate.PsycopgConnector, *, plans: bool = False) -> procrastinate.App:
        app = procrastinate.App(connector=connector)
        app.task(name="job", pass_context=True)(partial(self._do, app))
        if plans:
            plan = app.task(name="plan", queue=PLAN, queueing_lock="plan", lock="plan")(partial(self._plan, app))
            app.periodic(cron=EVERY_SECOND)(plan)
            bury = app.task(name="bury", queue=PLAN, queueing_lock="bury")(partial(_bury, app))
            app.periodic(cron=EVERY_FIVE_SECONDS)(bury)
        return app

    async def _plan(self, app: procrastinate.App, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate passes it
        """Queue whatever is due."""
        await self._ask_for(app, self._jobs.values())

    async def _ask_for(self, app: procrastinate.App, jobs: Iterable[Job]) -> None:
        due = await in_thread(lambda: [job for job in jobs if job.due()])
        for job in due:
            await _defer(app, job)

    async def _do(
        self, app: procrastinate.App, context: procrastinate.JobContext, name: str, failures: int = 0
    ) -> None:
        """One pass of a job, unless there is nothing to do any more."""
        job = self._jobs.get(name)
        if job is None:
            return  # of a source or channel that this process's configuration does not have
        try:
            # A visit whose process died has just begun, as its row says, and is due all the same.
            if context.job.attempts or await in_thread(job.due):
                await self._pass(app, job)
        except Held as who:
            log.debug("somebody is at it", job=name, who=str(who))
        except Exception as error:  # noqa: BLE001 - the outer edge of a job
            self._said.failed(name, error)
            await _defer(app, job, after=min(2**failures, LONGEST_BACKOFF), failures=failures + 1)
        else:
            self._said.succeeded(name)

    async def _pass(self, app: procrastinate.App, job: Job) -> None:
        if job.stage == "score":
            # Its claims are row by row: whoever is free may help at once.
            await self._ask_for(app, [job])
            await job.work()
        elif job.stage is None:
            await job.work()
        else:
            with self._desk.only_run(job.stage):
                await job.work()
        await self._ask_for(app, [self._jobs[name] for name in job.then])


def _cause(several: ExceptionGroup[Exception]) -> Exception:
    """Why the workers ended: a fault of ours, if there is one among those of a database that went away."""
    return next((error for error in several.exceptions if not isinstance(error, GONE)), several.exceptions[0])


async def _run(app: procrastinate.App, queue: str, width: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=width,
        delete_jobs="always",
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=DEAD_AFTER_SECONDS,
    )
    raise Stopped("The connection to PostgreSQL was lost")


async def _defer(app: procrastinate.App, job: Job, *, after: int = 0, failures: int = 0) -> None:
    """Queue a job, unless it is queued already."""
    asked = app.configure_task(
        "job",
        queue=job.queue.value,
        lock=job.turn,
        queueing_lock=job.name,
        schedule_in={"seconds": after} if after else None,
    )
    with suppress(exceptions.AlreadyEnqueued):
        await asked.defer_async(name=job.name, **({"failures": failures} if failures else {}))


async def _bury(app: procrastinate.App, timestamp: int) -> None:  # noqa: ARG001 - Procrastinate passes it
    """Give the jobs of dead workers to others."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        log.info("taken over from a dead worker", job=job.task_kwargs.get("name", job.task_name))
        # The same may be queued already. That one would find that a visit has just begun, and leave it at that.
        for queued in await manager.list_jobs_async(queueing_lock=job.queueing_lock, status=Status.TODO.value):
            if job.queueing_lock is not None and queued.id is not None:
                await manager.cancel_job_by_id_async(queued.id, delete_job=True)
        try:
            await manager.retry_job(job)
        except exceptions.ConnectorException as error:
            if not isinstance(error, exceptions.UniqueViolation):
                raise
            log.debug("queued again meanwhile", job=job.queueing_lock)  # in five seconds we look again


def parse_queues(text: str) -> tuple[Queue, ...]:
    """Queues as a command names them, separated by commas; ValueError names those that there are."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    known: dict[str, Queue] = {queue.value: queue for queue in Queue}
    if not names or (unknown := [name for name in names if name not in known]):
        wrong = ", ".join(unknown) if names else text
        raise ValueError(f"{wrong!r} is no queue: there are {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names))
