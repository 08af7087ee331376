"""`retain`, `erase` and legal hold as somebody types them, and as the service does them once a day."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mentions.erasures import Erasure, read_erasures
from mentions.incidents import Finding
from mentions.life import Retention, Times
from mentions.oslock import OsLock
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.types import Author, Severity
from tests.making import mention, seen
from tingfeng import stages
from tingfeng.cli import main
from tingfeng.config import BadConfig, load_config
from tingfeng.desk import open_desk

CONFIG = """
brands: {星河: {}, 云岭: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
store: store.db
language: en
erasures: elsewhere/erasures.jsonl
retain: {mentions: 1y, brands: {云岭: {mentions: 3y}}}
"""
NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=800)
AUTHOR = Author("weibo", "7700123456", "夜航的拾荒人")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    with SqliteStore(tmp_path / "store.db") as store:
        posts = (
            mention("weibo:1", first_seen=OLD, published=OLD),
            mention("weibo:2", first_seen=OLD, published=OLD, brands=("云岭",)),
            mention("weibo:3", first_seen=NOW, published=NOW - timedelta(days=1), author=AUTHOR),
        )
        for post in posts:
            store.posts.record([seen(post)])
    return path


def left(config: Path) -> int:
    with SqliteStore(config.parent / "store.db") as store:
        return store.posts.count(Search())


def held(config: Path) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        finding = Finding("viral", "post:weibo:3:星河", Severity.RED, NOW, "weibo:3", "星河")
        incident = store.incidents.open(finding, "负面")
        store.incidents.add_finding(finding, incident.id)
    assert main(["incident", "hold", "1", "--by", "法务", "--reason", "诉讼", "-c", str(config)]) == 0


def test_the_settings_are_read_as_they_are_written(config: Path) -> None:
    read = load_config(config)
    assert read.retention() == Retention(
        Times(mentions=timedelta(days=365)), {"云岭": Times(mentions=timedelta(days=1095))}, raw=timedelta(days=7)
    )
    assert read.erasures == str(config.parent / "elsewhere" / "erasures.jsonl")


@pytest.mark.parametrize(
    ("written", "column", "said"),
    [
        ("retain: {mentions: 999999y}", 10, "retain.mentions: is longer than 100 years"),
        (
            "retain: {brands: {云岭: {incidents: 101y}}}",
            24,
            "retain.brands.云岭.incidents: is longer than 100 years",
        ),
        ("resolve_after: 999999y", 1, "resolve_after: is longer than 100 years"),
        ("reread: {until: 999999y}", 10, "reread.until: is longer than 100 years"),
        ('erasures: ""', 1, "erasures: is to be a file's path"),
        ('erasures: "  "', 1, "erasures: is to be a file's path"),
        ("erasures: elsewhere/", 1, "erasures: is to be a file's path"),
        ("erasures: ../..", 1, "erasures: is to be a file's path"),
        (r'erasures: "a\0b"', 1, "erasures: is to be a file's path"),
    ],
)
def test_check_names_what_retain_and_erase_could_not_use(
    config: Path, written: str, column: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [line for line in CONFIG.strip().splitlines() if line.partition(":")[0] != written.partition(":")[0]]
    config.write_text("\n".join([written, *kept]), encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 2
    assert f"{config}:1:{column}: {said}" in capsys.readouterr().err


def test_a_hundred_years_are_not_too_long(config: Path) -> None:
    config.write_text(CONFIG.replace("{mentions: 1y", "{mentions: 100y, runs: 100y"), encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 0
    assert main(["retain", "-c", str(config)]) == 0


def test_a_time_for_a_brand_that_does_not_exist_is_a_mistake(config: Path) -> None:
    config.write_text(CONFIG.replace("brands: {云岭: {mentions", "brands: {云陵: {mentions"), encoding="utf-8")
    with pytest.raises(BadConfig, match=r"retain\.brands\.云陵: there is no '云陵' under brands"):
        load_config(config)


def test_retain_deletes_what_is_due_and_says_what(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retain", "--dry-run", "-c", str(config)]) == 0
    assert capsys.readouterr().out == "to be deleted: 1 posts\n"
    assert main(["retain", "--json", "-c", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["mentions"] == 1
    assert main(["retain", "-c", str(config)]) == 0
    assert capsys.readouterr().out == "nothing is due\n"
    assert left(config) == 2


def test_a_second_retain_is_turned_away(config: Path) -> None:
    lock = OsLock(config.parent / "store.db.retain.lock")
    with lock.exclusive_now("retain: process 1234"):
        assert main(["retain", "-c", str(config)]) == 3
    lock.close()


def test_the_service_retains_once_a_day_also_when_it_is_started_anew(config: Path) -> None:
    told = []
    for hours in (0, 1, 23, 24, 25):
        with open_desk(load_config(config), lambda after=hours: NOW + timedelta(hours=after)) as desk:  # type: ignore[misc]
            told.append(stages.retain_when_due(desk) is not None)
    assert told == [True, False, False, True, False]


def test_erase_writes_the_list_and_leaves_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--reason", "第 47 条", "--by", "法务", "--yes"]
    assert main(["erase", "--author", "weibo:7700123456", *options, "-c", str(config)]) == 0
    (line,) = read_erasures(config.parent / "elsewhere" / "erasures.jsonl")
    assert line == Erasure("weibo", "7700123456", line.at, "法务", "第 47 条")
    said = capsys.readouterr().out
    assert said.startswith("erased: 1 posts")
    assert "the store's own files hold nothing of it any more" in said
    assert left(config) == 2


def test_erase_asks_before_it_does_what_cannot_be_undone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", "--author", "weibo:7700123456", "-c", str(config)]) == 2
    assert "cannot be undone: say --yes" in capsys.readouterr().err
    assert left(config) == 3


@pytest.mark.parametrize("author", ["weibo", "weibo:", ":7", ""])
def test_an_author_without_a_platform_is_refused(config: Path, author: str) -> None:
    assert main(["erase", "--author", author, "--yes", "-c", str(config)]) == 2


def test_what_is_on_legal_hold_stays_and_the_exit_code_says_so(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held(config)
    assert main(["erase", "--author", "weibo:7700123456", "--yes", "-c", str(config)]) == 1
    assert "1 posts stay until the legal hold on #1 is released" in capsys.readouterr().out
    assert main(["retain", "-c", str(config)]) == 0
    assert "1 erasures wait for the end of a legal hold" in capsys.readouterr().out
    assert main(["incident", "release", "1", "--by", "法务", "-c", str(config)]) == 0
    assert main(["retain", "-c", str(config)]) == 0
    assert "1 erasures completed" in capsys.readouterr().out
    assert main(["incident", "verify", "-c", str(config)]) == 0


def test_a_hold_is_shown_and_placed_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held(config)
    assert main(["incident", "hold", "1", "-c", str(config)]) == 0
    assert main(["incident", "show", "1", "-c", str(config)]) == 0
    said = capsys.readouterr().out
    assert "#1 was on legal hold already" in said
    assert "on legal hold since" in said
    assert main(["incident", "release", "1", "-c", str(config)]) == 0
    assert main(["incident", "release", "1", "-c", str(config)]) == 0
    assert "#1 was not on legal hold" in capsys.readouterr().out


def test_verify_names_the_event_that_was_changed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held(config)
    with sqlite3.connect(config.parent / "store.db") as other:
        other.execute("UPDATE incident_event SET reason = '别的'")
    other.close()
    capsys.readouterr()
    assert main(["incident", "verify", "1", "-c", str(config)]) == 1
    assert capsys.readouterr().out == "incident #1, event 1: its content is not what was written\n"
    assert main(["incident", "verify", "--json", "-c", str(config)]) == 1
    assert json.loads(capsys.readouterr().out) == [{"incident_id": 1, "event_id": 1, "fault": "changed"}]


def test_verify_says_that_a_whole_history_is_gone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held(config)
    with sqlite3.connect(config.parent / "store.db") as other:
        other.execute("DELETE FROM incident_event")
        other.execute("UPDATE incident SET head = NULL")
    other.close()
    capsys.readouterr()
    assert main(["incident", "verify", "-c", str(config)]) == 1
    assert capsys.readouterr().out.startswith("incident #1: its history is gone")


def test_there_is_no_hold_on_an_incident_that_does_not_exist(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("hold", "release", "verify"):
        assert main(["incident", command, "404", "-c", str(config)]) == 1
        assert capsys.readouterr().err == "There is no incident #404.\n"


def test_a_list_that_cannot_be_written_leaves_everything(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(CONFIG.replace("elsewhere/", "/dev/null/"), encoding="utf-8")
    assert main(["erase", "--author", "weibo:7700123456", "--yes", "-c", str(config)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert left(config) == 3
