"""Mentions scored a second by one worker and by two, and what the queue itself can carry, on PostgreSQL."""

import multiprocessing
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, Literal
from urllib.parse import quote

from benchmarks.results import REACHED, Line
from benchmarks.store import observations
from mentions.stores import open_store
from mentions.types import Label
from sentiment.model import Judgement, Model
from sentiment.models.snownlp import SnowNlp
from tingfeng.config import Config

URL = os.environ.get("TINGFENG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
PAGE = 500
COUNTED_FROM = 0.1
"""The share of the mentions that is scored before the clock is read: every worker has loaded its model by then."""
ROUNDS = 2


class Nothing(Model):
    """A model that costs nothing: what is left is the queue."""

    type: Literal["nothing"] = "nothing"

    @property
    def name(self) -> str:
        """See Model.name."""
        return "nothing-1"

    def judge_said(self, texts: Sequence[str]) -> list[Judgement]:
        """See Model.judge_said."""
        return [Judgement(0.1, Label.NEUTRAL) for _ in texts]


MODELS: dict[str, type[Model]] = {"snownlp": SnowNlp, "nothing": Nothing}


@contextmanager
def schema() -> Iterator[str]:
    """The URL of an empty schema of its own, which is dropped afterwards."""
    import psycopg  # noqa: PLC0415 - an extra

    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            yield f"{URL}?options={quote(f'-csearch_path={name}')}"
        finally:
            connection.execute("SET client_min_messages = warning")
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


def config(url: str, model: str) -> Config:
    """A desk that only scores."""
    blocks: dict[str, Any] = {
        "brands": {"星河": {}},
        "sources": {"v2ex": {"type": "v2ex", "enabled": False}},
        "channels": {"console": {"type": "console"}},
        "rules": {"none": {"type": "post", "title": "-", "severity": "blue", "when": "false"}},
        "store": url,
    }
    return Config.model_validate(blocks).model_copy(update={"model": MODELS[model]()})


def work(url: str, model: str) -> None:
    """One worker, until it is terminated."""
    import structlog  # noqa: PLC0415 - late: these are the measured process's own

    from crawlers.reactor import run_in_reactor  # noqa: PLC0415
    from tingfeng.desk import open_desk  # noqa: PLC0415
    from tingfeng.fleet import Fleet  # noqa: PLC0415
    from tingfeng.jobs import Queue  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    with open_desk(config(url, model)) as desk:
        run_in_reactor(Fleet(desk, (Queue.SCORE,)).run)


def scored_a_second(model: str, workers: int, mentions: int) -> float:
    """Mentions a second, from the moment when a tenth of them is scored."""
    with schema() as url, open_store(url) as store:
        rows = iter(observations(mentions))
        while page := list(islice(rows, PAGE)):
            store.posts.record(page)
        spawn = multiprocessing.get_context("spawn")
        running = [spawn.Process(target=work, args=(url, model)) for _ in range(workers)]
        for process in running:
            process.start()
        try:
            waiting = partial(_waiting, store)
            first = _until(waiting, int(mentions * (1 - COUNTED_FROM)))
            last = _until(waiting, 0)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.join(REACHED)
                process.kill()
    return (first[1] - last[1]) / (last[0] - first[0])


def _waiting(store: Any) -> int:
    return int(store.tasks.backlog("score").waiting)


def _until(waiting: Any, left: int) -> tuple[float, int]:
    """When no more than `left` waited, and how many did."""
    until = time.monotonic() + 20 * REACHED
    while (now := waiting()) > left:
        assert time.monotonic() < until, f"{now} still wait"
        time.sleep(0.02)
    return time.perf_counter(), now


def jobs_a_second(jobs: int) -> float:
    """Empty jobs that one of Procrastinate's workers fetches, does and deletes in a second."""
    import asyncio  # noqa: PLC0415 - late: an extra, and what it needs

    import procrastinate  # noqa: PLC0415
    from procrastinate.types import JSONValue  # noqa: PLC0415

    from tingfeng.fleet.schema import prepare  # noqa: PLC0415

    async def drain(url: str) -> float:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))

        @app.task(name="nothing")
        async def nothing(number: int) -> None:
            del number

        async with app.open_async():
            numbers: list[dict[str, JSONValue]] = [{"number": n} for n in range(jobs)]
            await nothing.batch_defer_async(*numbers)
            started = time.perf_counter()
            await app.run_worker_async(
                wait=False, concurrency=4, delete_jobs="always", install_signal_handlers=False
            )
            return jobs / (time.perf_counter() - started)

    with schema() as url:
        prepare(url)
        return asyncio.run(drain(url))


def run(*, quick: bool) -> list[Line]:
    """Each with one worker and with two, in turns."""
    sizes = {"snownlp": 150 if quick else 2_000, "nothing": 1_000 if quick else 30_000}
    lines = []
    for model, mentions in sizes.items():
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(1 if quick else ROUNDS):
            for workers, found in rates.items():
                found.append(scored_a_second(model, workers, mentions))
        one, two = (sorted(found)[len(found) // 2] for found in rates.values())
        lines += [
            Line(f"fleet.{model}", f"mentions scored a second by one worker, {mentions:,} waiting", one, "/s"),
            Line(f"fleet.{model}.two", "the same, by two workers", two, "/s"),
            Line(f"fleet.{model}.ratio", "two workers against one", two / one, "×"),
        ]
    rate = jobs_a_second(200 if quick else 3_000)
    return [*lines, Line("fleet.jobs", "empty jobs a second, one worker, four at once", rate, "/s")]
