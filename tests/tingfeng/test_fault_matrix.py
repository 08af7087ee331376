"""Every fault of a site: how it is told apart, who hears of it when, and that nothing stored is harmed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers import settings
from crawlers.reactor import run_in_reactor
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.types import Mention
from tests.test_docs import page, section
from tests.tingfeng.faults import FAULTS, Fault
from tests.tingfeng.running import ROOT, STORY, Stage
from tingfeng import stages
from tingfeng.cli.stages import turned_away
from tingfeng.config import load_config
from tingfeng.desk import Desk, open_desk
from tingfeng.sandbox import Sandbox

START = datetime(2026, 11, 21, 4, tzinfo=UTC)
FIRST = START + timedelta(hours=2)
FAULTY, LATER = FIRST + timedelta(minutes=5), FIRST + timedelta(minutes=31)
DOORS = {"news": "rss"}
READ = {"mentions", "empty"}


@dataclass
class Clock:
    """What all parts live by."""

    at: datetime = FIRST

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playing(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(speed=1, start=START, now=clock) as running:
        yield running


@pytest.fixture
def desk(playing: Sandbox, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose sources were all read once, when their sites were well."""
    monkeypatch.setattr(settings, "TIMEOUT_SECONDS", 1)
    stage = Stage(tmp_path, asdict(playing.urls))
    story = STORY.read_text(encoding="utf-8").replace("delay: 0.05s", "delay: 0s")
    stage.write_config(story.replace("max_pages: 5}", "max_pages: 50}"), SPEED="1")
    config = load_config(stage.config)
    changed = {
        "rules": {"source-silent": load_config(ROOT / "config.yaml", {}).rules["source-silent"]},
        "brands": {"星河": config.brands["星河"].model_copy(update={"search": ["星河手机"]})},
    }
    with open_desk(config.model_copy(update=changed), clock) as opened:
        for name in config.enabled_sources():
            assert visited(opened, name).error is None
        yield opened


def visited(desk: Desk, name: str) -> CrawlRun:
    return run_in_reactor(lambda: stages.crawl(desk, name))


def stored(desk: Desk) -> dict[str, Mention]:
    return {found.mention.id: found.mention for found in desk.store.posts.search(Search(limit=10_000))}


def silent(desk: Desk) -> set[str]:
    """The sources of which somebody was told that they cannot be read."""
    stages.watch(desk)
    keys = {incident.key for incident in desk.store.incidents.recent()}
    return {key.removeprefix("source-silent:") for key in keys if key.startswith("source-silent:")}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_what_the_table_says(fault: Fault, desk: Desk, playing: Sandbox, clock: Clock) -> None:
    before = stored(desk)
    clock.at = FAULTY
    plan = playing.doors[DOORS.get(fault.source, fault.source)].plan
    plan.add(*fault.answers)
    run = visited(desk, fault.source)

    if fault.outcome in READ:
        assert (run.blocked, run.error) == ({}, None)
    else:
        assert set(run.blocked) == {fault.outcome}
    assert {name: getattr(run, name) for name in fault.run} == fault.run
    assert turned_away(run) is fault.told
    after = stored(desk)
    assert {i: after[i] for i in before} == before

    (fresh,) = desk.store.runs.freshness([fault.source])
    left_alone = (fresh.cooling_until or FAULTY) - FAULTY
    assert left_alone == timedelta(minutes=fault.cools)

    assert fault.source not in silent(desk)
    others = set(desk.config.enabled_sources()) - {fault.source}
    clock.at = LATER
    plan.clear()
    for name in others:
        visited(desk, name)
    assert silent(desk) == ({fault.source} if fault.told else set())

    assert visited(desk, fault.source).error is None
    assert silent(desk) == set()
    assert before.keys() <= stored(desk).keys()


def test_the_documents_show_the_same_table() -> None:
    shown = [
        line for line in section(page("sources.md"), "What a site can do").splitlines() if line.startswith("|")
    ]
    assert shown[2:] == [fault.row for fault in FAULTS]
