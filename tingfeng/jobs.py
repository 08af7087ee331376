"""What is done again and again: the same jobs under APScheduler on one machine, and Procrastinate on many."""

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from alerts.delivery import Delivered
from crawlers.conduct.pace import neighbours
from crawlers.reactor import in_thread
from crawlers.source import Source
from mentions.tasks import JUDGE, SCORE, reread, screenshot
from tingfeng import stages, stamping
from tingfeng.desk import Desk
from tingfeng.schedule import first_run

WATCH_EVERY = timedelta(seconds=5)
PICTURE_EVERY = timedelta(seconds=5)
STAMP_EVERY = timedelta(seconds=20)
WATCHED = "watch"
"""The name under which the store remembers when the watch itself was last looked after."""


class Queue(StrEnum):
    """What a worker can be told to do."""

    CRAWL = "crawl"
    SCORE = "score"
    ALERT = "alert"
    DELIVER = "deliver"
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class Job:
    """One pass of one stage.

    `due` says whether there is anything to do now. Jobs of one `turn` never run at the same time, anywhere.
    `stage` is what a pass has to itself (see Desk.only_run), where it does not see to that itself. After it, there
    may be work for the jobs `then`.
    """

    name: str
    queue: Queue
    work: Callable[[], Awaitable[Any]]
    due: Callable[[], bool]
    stage: str | None
    turn: str | None = None
    then: tuple[str, ...] = ()
    source: Source | None = None
    every: timedelta | None = None
    """How often it is looked whether there is anything to do, where each tick would be too often."""

    @property
    def waits(self) -> bool:
        """Whether it waits for its turn; others come again with the next tick."""
        return self.looks_for_news or self.name == WATCHED or self.every is not None

    @property
    def looks_for_news(self) -> bool:
        """Whether it is a visit by a source's schedule."""
        return self.source is not None and self.name.startswith("crawl:")


def jobs_of(desk: Desk, *, texts: int | None = None, messages: int = 1) -> dict[str, Job]:
    """Every job that the configuration asks for, by its name.

    A pass of scoring ends after so many `texts`, one of a channel after so many `messages`.
    """
    every = (
        *(*_crawling(desk), *_picturing(desk)),
        *(*_judging(desk, texts), *_delivering(desk, messages)),
        *(_retaining(desk), *_stamping(desk)),
    )
    return {job.name: job for job in every}


def _crawling(desk: Desk) -> Iterator[Job]:
    turns = _turns(desk)
    for name, source in desk.config.enabled_sources().items():
        for what, visit, due in (
            ("crawl", stages.crawl, partial(_visit_is_due, desk, name)),
            ("reread", stages.reread, partial(_queue_is_due, desk, reread(name))),
        ):
            yield Job(
                name=f"{what}:{name}",
                queue=Queue.CRAWL,
                work=partial(visit, desk, name),
                due=due,
                stage=f"crawl-{name}",
                turn=f"host {turns[name]}",
                then=("score", "alert"),
                source=source,
            )


def _turns(desk: Desk) -> dict[str, str]:
    return neighbours({name: desk.hosts(name) for name in desk.config.enabled_sources()})


def _picturing(desk: Desk) -> Iterator[Job]:
    """Pictures of pages: beside the visits, never in their place."""
    turns = _turns(desk)
    for name in (None, *desk.config.enabled_sources()) if stages.pictures(desk) else ():
        stage = stages.picture_stage(desk, name)
        yield Job(
            name=screenshot(name),
            queue=Queue.CRAWL,
            work=partial(stages.picture, desk, name),
            due=partial(_queue_is_due, desk, screenshot(name)),
            stage=stage,
            # One browser at a time is enough; a profile is no two browsers' at once.
            turn=f"host {turns[name]}" if name is not None and stage.startswith("crawl-") else "pictures",
            every=PICTURE_EVERY,
        )


def _stamping(desk: Desk) -> Iterator[Job]:
    if desk.config.evidence.timestamp is not None:
        yield Job(
            name=stamping.JOB,
            queue=Queue.UPKEEP,
            work=partial(in_thread, stamping.stamp, desk),
            due=partial(stamping.is_due, desk),
            stage=None,
            turn=stamping.JOB,
            every=STAMP_EVERY,
        )


def _judging(desk: Desk, texts: int | None) -> Iterator[Job]:
    messages = tuple(f"deliver:{channel}" for channel in desk.config.channels)
    yield Job(
        name="score",
        queue=Queue.SCORE,
        work=partial(in_thread, stages.score, desk, texts),
        due=partial(_queue_is_due, desk, SCORE),
        stage="score",
        then=("score", "alert"),
    )
    yield Job(
        name="alert",
        queue=Queue.ALERT,
        work=partial(in_thread, stages.alert, desk),
        due=partial(_queue_is_due, desk, JUDGE),
        stage="alert",
        turn="alert",
        then=messages,
    )
    yield Job(
        name="watch",
        queue=Queue.ALERT,
        work=partial(in_thread, _watch, desk),
        due=partial(_watch_is_due, desk),
        stage="alert",
        turn="alert",
        then=messages,
    )


def _delivering(desk: Desk, messages: int) -> Iterator[Job]:
    for channel in desk.config.channels:
        yield Job(
            name=f"deliver:{channel}",
            queue=Queue.DELIVER,
            work=partial(in_thread, _deliver, desk, channel, messages),
            due=partial(_message_is_due, desk, channel),
            stage=f"deliver-{channel}",
            turn=f"deliver {channel}",
            then=(f"deliver:{channel}",),
        )


def _retaining(desk: Desk) -> Job:
    return Job(
        name=stages.RETAIN_JOB,
        queue=Queue.UPKEEP,
        work=partial(in_thread, stages.retain_when_due, desk),
        due=partial(stages.retention_is_due, desk),
        stage=None,  # it takes its lock for as long as it lasts: `retain` and `erase` work beside a service
        turn=stages.RETAIN_JOB,
    )


def _watch(desk: Desk) -> None:
    stages.watch(desk)
    desk.store.runs.job_done(WATCHED, desk.now())


def _deliver(desk: Desk, channel: str, messages: int) -> None:
    """One message a tick: chat services refuse more than one or two a second."""
    for _ in range(messages - 1):
        if stages.deliver(desk, channel) == Delivered():
            return
        time.sleep(desk.config.tick.total_seconds())
    stages.deliver(desk, channel)


def _visit_is_due(desk: Desk, name: str) -> bool:
    now = desk.now()
    due = first_run(
        desk.config.sources[name].schedule,
        last_done=desk.store.runs.last_start(name),
        now=now,
        zone=desk.language.zone,
    )
    return due <= now


def _queue_is_due(desk: Desk, queue: str) -> bool:
    return desk.store.tasks.due(queue, desk.now())


def _message_is_due(desk: Desk, channel: str) -> bool:
    return desk.store.outbox.due(channel, desk.now())


def _watch_is_due(desk: Desk) -> bool:
    last = desk.store.runs.last_done(WATCHED)
    return last is None or not timedelta() <= desk.now() - last < WATCH_EVERY
