"""kill -9 of workers: every mention is scored once in effect, no incident is doubled, and none is missing."""

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest

from mentions.outbox import NotificationState
from mentions.store import Store
from mentions.stores import open_store
from mentions.tasks import JUDGE, SCORE
from tests import postgres
from tests.making import BIG_V, mention, seen
from tests.tingfeng.fleets import eventually, processes, rows, write_config
from tests.tingfeng.running import tingfeng

WHOLE = bool(os.environ.get("TINGFENG_SOAK"))
KILLS = 200 if WHOLE else 10
MENTIONS = 50_000 if WHOLE else 2_500
SUSPECT = 50
"""Each so-manieth mention is by a 大V, and an incident of its own."""
SERVICES, WORKERS = 2, 3
LONGEST_LIFE = 6.0
PAGE = 50
LONG_AGO, MUCH_LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def shared() -> Iterator[Store]:
    with postgres.schema() as url, open_store(url) as store:
        yield store


def put(store: Store, first: int) -> None:
    """One page of posts."""
    store.posts.record(
        [
            seen(mention(f"weibo:{n}", f"星河手机第{n}条", author=BIG_V if n % SUSPECT == 0 else None))
            for n in range(first, first + PAGE)
        ]
    )


@pytest.mark.soak
def test_workers_that_are_killed_lose_nothing_and_double_nothing(shared: Store, tmp_path: Path) -> None:
    chance = random.Random(7)
    config = write_config(tmp_path, shared.address)
    services = [("run", "-c", config)] * SERVICES
    queues = ("score", "score,alert", "score,deliver")
    fed = 0
    with processes(*services, says=DEVNULL) as _:
        workers: list[Any] = [None] * WORKERS
        try:
            for kill in range(KILLS):
                place = kill % WORKERS
                end(workers[place])
                workers[place] = tingfeng("worker", "--queues", queues[place], "-c", config, says=DEVNULL)
                while fed < MENTIONS * (kill + 1) // KILLS:
                    put(shared, fed)
                    fed += PAGE
                time.sleep(chance.uniform(0, LONGEST_LIFE))
            for place, _worker in enumerate(workers):
                end(workers[place])
                workers[place] = tingfeng("worker", "--queues", "score,alert,deliver", "-c", config, says=DEVNULL)
            eventually_all_is_done(shared)
        finally:
            for worker in workers:
                end(worker)
    check(shared)


def end(worker: Any) -> None:
    """As a power cut would."""
    if worker is not None:
        worker.kill()
        worker.communicate()


def eventually_all_is_done(store: Store) -> None:
    """A fleet that makes progress gets more time: how fast it is depends on the machine."""
    while (left := waiting(store)) > 0:
        queues = {queue: store.tasks.backlog(queue) for queue in (SCORE, JUDGE)}
        said = f"one of {left} was done: {queues}, {len(store.outbox.unsent())} unsent"
        eventually(lambda left=left: waiting(store) < left, said)  # type: ignore[misc]


def waiting(store: Store) -> int:
    """Mentions that nobody has scored, tasks that nobody has done, and messages that nobody has received."""
    queued = sum(store.tasks.backlog(queue).waiting for queue in (SCORE, JUDGE))
    return MENTIONS - rows(store, "score") + queued + len(store.outbox.unsent())


def check(store: Store) -> None:
    database: Any = store.database  # type: ignore[attr-defined]
    assert rows(store, "mention") == MENTIONS
    doubled = database.rows("SELECT mention FROM score GROUP BY mention HAVING count(*) > 1")
    assert doubled == []
    assert rows(store, "score") == MENTIONS
    incidents = store.incidents.recent(unresolved=False, limit=MENTIONS)
    assert sorted(i.key for i in incidents) == sorted(f"post:weibo:{n}:星河" for n in range(0, MENTIONS, SUSPECT))
    for incident in incidents:
        messages = store.outbox.of_incident(incident.id)
        assert [m.reason for m in messages] == ["opened"]
        assert messages[0].state is NotificationState.SENT
    assert store.trends.rebuild() == 0
    assert sum(h.mentions for h in store.trends.hourly(LONG_AGO, MUCH_LATER)) == MENTIONS
