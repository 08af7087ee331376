"""The watch watches itself: sources that fall silent, a model that stops, matters that are over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.health import SCORING_JOB, resolve_quiet, watch_health
from alerts.incidents import Change
from alerts.response import resolve
from alerts.rules.expression import RuleFailed
from mentions.incidents import IncidentState
from mentions.room import Room
from mentions.store import Store
from tests.alerts.arranging import judge, messages, settings, show, the_incident
from tests.making import NOW, mention, minutes, seen

HEALTH = settings(
    {
        "silent": {"type": "source", "severity": "yellow", "when": "source.minutes_since_success >= 30"},
        "stopped": {
            "type": "scoring",
            "severity": "orange",
            "when": "scoring.failing or scoring.oldest_minutes >= 10",
        },
    },
    sources=("weibo", "news"),
)


def visit(store: Store, at: datetime, pages: int = 1, error: str | None = None) -> None:
    run = store.runs.start("weibo", at)
    store.runs.finish(replace(run, finished=at, pages=pages, error=error))


def watch(store: Store, at: datetime) -> list[Change]:
    return watch_health(store, HEALTH, now=lambda: at)


def test_a_source_that_was_never_asked_is_not_silent(store: Store) -> None:
    assert watch(store, NOW) == []


def test_a_source_that_never_answered_is_silent_half_an_hour_after_its_first_run(store: Store) -> None:
    visit(store, NOW, pages=0, error="refused")
    assert watch(store, NOW + minutes(29)) == []
    assert watch(store, NOW + minutes(30)) == [Change.OPENED]


def test_a_silent_source_is_told_once_with_its_reason(store: Store) -> None:
    visit(store, NOW)
    visit(store, NOW + minutes(30), pages=0, error="HTTP 403")
    assert [watch(store, NOW + minutes(n)) for n in (30, 31)] == [[Change.OPENED], [Change.KNOWN]]
    (message,) = messages(store)
    assert (message.payload["kind"], message.payload["subject"]) == ("health", "weibo")
    assert message.payload["sources"][0]["error"] == "HTTP 403"


def test_a_source_that_is_read_again_is_said_to_be(store: Store) -> None:
    visit(store, NOW)
    watch(store, NOW + minutes(40))
    visit(store, NOW + minutes(50))
    assert watch(store, NOW + minutes(50)) == []
    assert the_incident(store).state is IncidentState.RESOLVED
    (_, all_clear) = messages(store)
    assert (all_clear.payload["kind"], all_clear.reason) == ("recovery", "resolved")
    assert all_clear.payload["opened"] == (NOW + minutes(40)).isoformat()


def test_a_source_that_falls_silent_again_is_a_new_matter(store: Store) -> None:
    visit(store, NOW)
    watch(store, NOW + minutes(40))
    visit(store, NOW + minutes(50))
    watch(store, NOW + minutes(50))
    assert watch(store, NOW + minutes(90)) == [Change.OPENED]


def test_a_recovery_that_somebody_was_faster_to_see_is_not_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(store, NOW)
    watch(store, NOW + minutes(40))
    visit(store, NOW + minutes(50))
    before = the_incident(store)
    resolve(store, before.id, who="李四", reason="修好了", at=NOW + minutes(50))
    monkeypatch.setattr(store.incidents, "current", lambda _key: before)
    watch(store, NOW + minutes(50))
    assert len(messages(store)) == 1


def test_a_rule_for_some_sources_leaves_the_others_alone(store: Store) -> None:
    only_news = settings(
        {"silent": {"type": "source", "severity": "red", "sources": ["news"]}}, sources=("weibo", "news")
    )
    visit(store, NOW)
    assert watch_health(store, only_news, now=lambda: NOW + minutes(99)) == []


def test_scoring_that_fails_is_told_with_the_error_and_recovers(store: Store) -> None:
    store.runs.job_done(SCORING_JOB, NOW, "weights are missing")
    assert watch(store, NOW) == [Change.OPENED]
    assert messages(store)[0].payload["error"] == "weights are missing"
    store.runs.job_done(SCORING_JOB, NOW + minutes(1))
    watch(store, NOW + minutes(1))
    assert [m.reason for m in messages(store)] == ["opened", "resolved"]


def test_scoring_that_stands_still_is_told(store: Store) -> None:
    store.posts.record([seen(mention())])
    assert watch(store, NOW + minutes(9)) == []
    assert watch(store, NOW + minutes(10)) == [Change.OPENED]


def test_a_rule_that_breaks_does_not_silence_the_others(store: Store) -> None:
    told = settings(
        {
            "broken": {"type": "source", "severity": "red", "when": "1 / source.minutes_since_run > 1"},
            "silent": {"type": "source", "severity": "red", "when": "true"},
        }
    )
    visit(store, NOW)
    with pytest.raises(RuleFailed, match=r"broken:weibo: .*division by zero"):
        watch_health(store, told, now=lambda: NOW)
    assert [m.payload["rule"] for m in messages(store)] == ["silent"]


def test_a_matter_on_which_nothing_happens_is_closed_without_a_message(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    day = timedelta(days=1)
    assert resolve_quiet(store, HEALTH, now=lambda: NOW + day - minutes(1)) == 0
    assert resolve_quiet(store, HEALTH, now=lambda: NOW + day) == 1
    assert resolve_quiet(store, HEALTH, now=lambda: NOW + day) == 0
    assert store.incidents.events(1)[-1].reason == "quiet"
    assert len(messages(store)) == 1


def test_a_matter_on_which_a_rule_is_still_met_stays_open(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    later = NOW + timedelta(hours=23)
    show(store, mention(), later, reposts=21)
    judge(store, at=later)
    assert resolve_quiet(store, HEALTH, now=lambda: NOW + timedelta(hours=25)) == 0


def test_a_matter_that_somebody_else_closed_meanwhile_is_not_closed_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    before = the_incident(store)
    resolve(store, before.id, who="李四", reason="误报", at=NOW)
    monkeypatch.setattr(store.incidents, "recent", lambda **_: [before])
    resolve_quiet(store, HEALTH, now=lambda: NOW + timedelta(days=2))
    assert [e.actor for e in store.incidents.events(1)] == ["tingfeng", "李四"]


def lack_room(store: Store, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(type(store), "room", lambda _: Room(free, 200))


def test_a_disk_that_is_nearly_full_is_told_once_without_a_rule(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lack_room(store, monkeypatch, 199)
    assert [watch(store, NOW + minutes(n)) for n in (0, 1)] == [[Change.OPENED], [Change.KNOWN]]
    (message,) = messages(store)
    assert message.payload["title"] == "The disk is nearly full: crawling is paused"
    assert "199B free on the disk of the store, less than disk_floor 200B" in message.payload["error"]


def test_a_disk_with_room_well_above_the_floor_is_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    lack_room(store, monkeypatch, 199)
    watch(store, NOW)
    lack_room(store, monkeypatch, 210)
    watch(store, NOW + minutes(1))
    assert the_incident(store).state is IncidentState.FIRING
    lack_room(store, monkeypatch, 250)
    watch(store, NOW + minutes(2))
    assert the_incident(store).state is IncidentState.RESOLVED
    assert [m.reason for m in messages(store)] == ["opened", "resolved"]
