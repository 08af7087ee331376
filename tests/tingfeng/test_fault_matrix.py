"""Every fault of a site: how it is told apart, who hears of it when, and that nothing stored is harmed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.language import Language
from alerts.message import render
from crawlers import settings
from crawlers.reactor import run_in_reactor
from mentions.runs import CrawlRun
from tests.test_docs import page, section
from tests.tingfeng.faults import FAULTS, READ, Fault, raw
from tests.tingfeng.running import ROOT, STORY, Stage
from tingfeng import stages
from tingfeng.cli.checking import of_sources
from tingfeng.cli.stages import show, turned_away
from tingfeng.config import load_config
from tingfeng.desk import Desk, open_desk
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.tieba import FORUM

START = datetime(2026, 11, 21, 4, tzinfo=UTC)
FIRST = START + timedelta(hours=2)
FAULTY = FIRST + timedelta(minutes=5)
VISITS = (0, 10, 20, 30)
"""The minutes at which a source is visited while its site does it."""
AFTER = (150, 155, 160)
"""Those at which it is visited when the site is well again, later than any cool-down."""
DOORS = {"news": "rss", "weibo-search": "weibo"}
WEIBO = "${TINGFENG_DEMO_WEIBO}"
MORE = f"""sources:
  weibo-search: {{type: weibo-search, base_url: "{WEIBO}", desktop_url: "{WEIBO}", delay: 0s}}
  tieba: {{type: tieba, base_url: "${{TINGFENG_DEMO_TIEBA}}", forums: [{FORUM}], delay: 0s}}
"""
HOT = '[weibo, zhihu], base_urls: {zhihu: "${TINGFENG_DEMO_HOT}", '
STORED = ("author", "engagement", "evidence", "mention", "revision", "score")
CHANGING = {"updated", "followers_at", "verified_type"}
"""When something was last seen; and the kind of a badge, of which a search shows only the colour."""


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
def opened(
    playing: Sandbox, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Desk]]:
    """Makes a desk of a source and another one, both read and scored when their sites were well."""
    monkeypatch.setattr(settings, "TIMEOUT_SECONDS", 1)
    stage = Stage(tmp_path, asdict(playing.urls))
    story = STORY.read_text(encoding="utf-8").replace("delay: 0.05s", "delay: 0s").replace("sources:\n", MORE)
    story = story.replace("[weibo], base_urls: {", HOT)
    stage.write_config(story.replace("max_pages: 5}", "max_pages: 50}"), SPEED="1", LANGUAGE="en")
    config = load_config(stage.config)
    shipped = load_config(ROOT / "config.yaml", {}).rules
    with ExitStack() as closing:

        def open_one(name: str) -> Desk:
            changed = {
                "rules": {rule: block for rule, block in shipped.items() if block.type == "source"},
                "brands": {"星河": config.brands["星河"].model_copy(update={"search": ["星河手机"]})},
                "sources": {n: config.sources[n] for n in (name, "v2ex" if name == "news" else "news")},
            }
            desk = closing.enter_context(open_desk(config.model_copy(update=changed), clock))
            for source in desk.config.sources:
                assert visited(desk, source).error is None
            stages.score(desk)
            return desk

        yield open_one


def visited(desk: Desk, name: str) -> CrawlRun:
    return run_in_reactor(lambda: stages.crawl(desk, name))


def stored(folder: Path) -> set[Any]:
    """Every row of what was said, by whom, how it was counted and judged, and of what was kept as evidence."""
    with sqlite3.connect(folder / "tingfeng.db") as db:
        db.row_factory = sqlite3.Row
        return {
            (table, *(row[column] for column in row.keys() if column not in CHANGING))  # noqa: SIM118 - no mapping
            for table in STORED
            for row in db.execute(f"SELECT * FROM {table}")  # noqa: S608 - the names above
        }


@dataclass
class Course:
    """What became of a fault: the first visit, what commands said then, and each rule's minute and message."""

    run: CrawlRun
    left_alone: timedelta
    doctor: str
    rules: dict[str, int] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


def suffered(desk: Desk, fault: Fault, playing: Sandbox, clock: Clock) -> Course:
    """The visits at which the site does it."""
    course: Course | None = None
    plan = playing.doors[DOORS.get(fault.source, fault.source)].plan
    for minute in VISITS:
        clock.at = FAULTY + timedelta(minutes=minute)
        plan.clear()
        plan.add(*(in_gbk(desk, fault.source) if fault.in_gbk else fault.at(minute)))
        run = visited(desk, fault.source)
        plan.clear()
        for other in desk.config.sources.keys() - {fault.source}:
            visited(desk, other)
        course = course or Course(run, cools(desk, fault.source, clock), said_by_doctor(desk, fault.source))
        stages.watch(desk)
        for incident in desk.store.incidents.recent():
            rule, _, subject = incident.key.partition(":")
            assert subject == fault.source
            course.rules.setdefault(rule, minute)
    assert course is not None
    course.messages = told(desk, "opened")
    return course


def in_gbk(desk: Desk, name: str) -> tuple[Any, ...]:
    fetch = next(iter(desk.config.sources[name].start(desk.brands)))
    return (raw(httpx.get(fetch.url).text.encode("gbk", "xmlcharrefreplace")),)


def cools(desk: Desk, name: str, clock: Clock) -> timedelta:
    (fresh,) = desk.store.runs.freshness([name])
    return max((fresh.cooling_until or clock.at) - clock.at, timedelta())


def said_by_doctor(desk: Desk, name: str) -> str:
    (found,) = [d for d in of_sources(desk) if d.name == name]
    return f"{found.health}: {found.said}"


def told(desk: Desk, reason: str) -> list[str]:
    """The messages that went out for this reason, as people read them."""
    incidents = desk.store.incidents.recent(unresolved=False)
    listed = [
        n for incident in incidents for n in desk.store.outbox.of_incident(incident.id) if n.reason == reason
    ]
    return [render(n.payload, language=Language("en"), privacy="full", now=n.created).text() for n in listed]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.name} ({fault.source})")
def test_a_fault_is_what_the_table_says(
    fault: Fault,
    opened: Callable[[str], Desk],
    playing: Sandbox,
    clock: Clock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = opened(fault.source)
    before = stored(tmp_path)
    course = suffered(desk, fault, playing, clock)
    run = course.run

    assert set(run.blocked) == ({fault.outcome} - READ)
    assert {name: getattr(run, name) for name in fault.run} == fault.run
    assert course.left_alone == timedelta(minutes=fault.cools)
    assert before - stored(tmp_path) == set()

    show(desk, [run], as_json=False)
    assert [fault.note in said for said in (capsys.readouterr().out, course.doctor)] == [True, True]
    assert (turned_away(run), "warning:" in course.doctor or "ill:" in course.doctor) == (
        fault.outcome not in READ,
        bool(fault.note),
    )
    assert course.rules == fault.rules
    assert len(course.messages) == len(fault.rules)
    assert all(f"] {fault.source}: " in said and fault.note in said for said in course.messages)

    for minute in AFTER:
        clock.at = FAULTY + timedelta(minutes=minute)
        for name in desk.config.sources:
            assert visited(desk, name).error is None
        stages.watch(desk)
    assert desk.store.incidents.recent() == []
    assert len(told(desk, "resolved")) == len(fault.rules)
    assert before - stored(tmp_path) == set()


def test_the_documents_show_the_same_table() -> None:
    shown = [
        line for line in section(page("sources.md"), "What a site can do").splitlines() if line.startswith("|")
    ]
    assert shown[2:] == [fault.row for fault in FAULTS]
