"""kill -9 at any moment: what was committed is there, and the alert arrives, at most once more and marked."""

import os
import random
import subprocess
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest

from mentions.outbox import NotificationState
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.types import Severity
from tests.tingfeng.running import Stage, sandbox, tingfeng

KILLS = 10
STORIES = 20 if os.environ.get("TINGFENG_SOAK") else 1
SPEED = "60"
LONGEST_LIFE = 5.0
LAST_LIFE = 120.0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(STORIES))
def test_nothing_is_lost_and_the_alert_arrives_whenever_the_service_is_killed(seed: int, tmp_path: Path) -> None:
    moments = random.Random(seed)
    known: set[str] = set()
    with sandbox(tmp_path, "--speed", SPEED) as stage:
        for _ in range(KILLS):
            live_and_die(stage, moments.uniform(0.8, LONGEST_LIFE))
            known = still_there(stage, known)
        live_until_red(stage)
        still_there(stage, known)
        heard(stage)


def live_and_die(stage: Stage, seconds: float) -> None:
    """Run the service for a while, and end it as a power cut would."""
    service = tingfeng("run", "-c", stage.config)
    with suppress(subprocess.TimeoutExpired):
        output, _ = service.communicate(timeout=seconds)
        pytest.fail(f"the service ended by itself:\n{output.decode()}")
    service.kill()
    service.communicate()


def live_until_red(stage: Stage) -> None:
    """Run the service until the gravest message was sent."""
    service = tingfeng("run", "-c", stage.config)
    try:
        for _ in range(int(LAST_LIFE)):
            with suppress(subprocess.TimeoutExpired):
                service.communicate(timeout=1)
                pytest.fail("the service ended by itself")
            with SqliteStore(stage.store) as store:
                if sent(store, Severity.RED):
                    return
        pytest.fail("no red message was sent")
    finally:
        service.kill()
        service.communicate()


def sent(store: SqliteStore, severity: Severity) -> bool:
    return any(
        n.severity is severity and n.state is NotificationState.SENT
        for incident in store.incidents.recent(unresolved=False)
        for n in store.outbox.of_incident(incident.id)
    )


def still_there(stage: Stage, known: set[str]) -> set[str]:
    """The store is sound and holds every mention that it held before."""
    with SqliteStore(stage.store) as store:
        assert store.faults() == []
        mentions = {found.mention.id for found in store.posts.search(Search(limit=10_000))}
    assert known <= mentions
    return mentions


def heard(stage: Stage) -> None:
    """Every message marked as sent arrived; whatever arrived twice says so the second time."""
    arrivals = defaultdict(list)
    for entry in stage.received():
        blocks = entry["payload"]["blocks"]
        footer = blocks[-1]["elements"][0]["text"]
        incident = footer.partition("·")[0]
        arrivals[incident + blocks[0]["text"]["text"]].append(footer)
    assert any("🔴" in headline for headline in arrivals)
    for headline, footers in arrivals.items():
        assert len(footers) <= 2, (headline, footers)
        assert all("可能重复" in footer for footer in footers[1:]), (headline, footers)
    with SqliteStore(stage.store) as store:
        marked = [
            n
            for incident in store.incidents.recent(unresolved=False)
            for n in store.outbox.of_incident(incident.id)
            if n.state is NotificationState.SENT
        ]
    assert len(marked) <= sum(map(len, arrivals.values()))
    assert marked
