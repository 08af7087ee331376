"""`tingfeng store`: what whoever types it reads, and what it refuses."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from mentions.sqlite import SqliteStore
from mentions.store import Search, Store
from tests import postgres
from tests.making import BIG_V
from tests.mentions.moving.furnishing import furnish
from tingfeng import stages
from tingfeng.cli import main
from tingfeng.config import load_config
from tingfeng.desk import open_desk

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
store: store.db
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with SqliteStore(config.parent / "store.db") as opened:
        furnish(opened)
        yield opened


def count(config: Path) -> int:
    with SqliteStore(config.parent / "store.db") as opened:
        return opened.posts.count(Search())


def test_a_backup_comes_back(config: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.close()
    file = str(config.parent / "b.tar")
    assert main(["store", "backup", file, "-c", str(config)]) == 0
    assert "已备份到" in capsys.readouterr().out
    assert main(["store", "verify", file, "-c", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["mention"]["rows"] == 24
    assert main(["store", "restore", file, "-c", str(config)]) == 1
    assert "`--force` moves it aside" in capsys.readouterr().err
    assert main(["store", "restore", file, "-c", str(config), "--force"]) == 0
    assert "原来的库现在是" in capsys.readouterr().out
    assert count(config) == 24


def test_who_was_erased_since_the_backup_does_not_come_back(
    config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    (config.parent / "data").mkdir()
    file = str(config.parent / "b.tar")
    assert main(["store", "backup", file, "-c", str(config)]) == 0
    assert main(["erase", "--author", f"weibo:{BIG_V.id}", "--yes", "-c", str(config)]) == 0
    capsys.readouterr()
    assert main(["store", "restore", file, "-c", str(config), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["erased"] == 1
    assert count(config) == 0


def test_a_backup_can_be_verified_where_there_is_no_configuration(
    config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    file = str(config.parent / "b.tar")
    main(["store", "backup", file, "-c", str(config)])
    assert main(["store", "verify", file, "-c", str(config.parent / "none.yaml")]) == 0
    assert main(["store", "verify", str(config), "-c", str(config)]) == 1
    assert "is no backup of Tingfeng's" in capsys.readouterr().err


def test_nothing_is_restored_beside_a_running_service(
    config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(config.parent / "b.tar")
    main(["store", "backup", file, "-c", str(config)])
    with store.only("deliver-console", "process 1"):
        assert main(["store", "restore", file, "-c", str(config), "--force"]) == 3
    assert "process 1" in capsys.readouterr().err


def test_recount_says_how_many_counts_were_wrong(
    config: Path, store: SqliteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store.database.connection.execute("UPDATE hourly SET mentions = mentions + 1")
    store.close()
    assert main(["store", "recount", "-c", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wrong"] > 0
    assert main(["store", "recount", "-c", str(config)]) == 0
    assert "有 0 处计数不对" in capsys.readouterr().out


def test_a_store_moves_to_postgresql(config: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.close()
    with postgres.schema() as url:
        assert main(["store", "migrate", "--to", url, "-c", str(config)]) == 0
    said = capsys.readouterr()
    assert "mention：已搬 24 / 24 行" in said.err
    assert "每张表两边一致" in said.out


@pytest.mark.parametrize("to", ["other.db", "mysql://x"])
def test_a_store_moves_nowhere_else(config: Path, to: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "migrate", "--to", to, "-c", str(config)]) == 2
    assert "to postgresql://" in capsys.readouterr().err


def test_nothing_is_visited_while_the_disk_is_short_and_again_when_it_is_not(
    config: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**8))
    with open_desk(load_config(config, {}), now=lambda: now) as desk:
        run = asyncio.run(stages.crawl(desk, "feed"))
        assert run.error is not None
        assert run.error.startswith("Not visited: 100MB free on the disk of the store, less than disk_floor 200MB")
        assert asyncio.run(stages.reread(desk, "feed")) is None
        assert (run.finished, desk.store.runs.recent("feed")) == (now, [run])
        assert desk.store.runs.job_errors() == {"crawl:feed": run.error}
    assert main(["doctor", "--no-model", "-c", str(config)]) == 1
    assert "✗ disk: 100MB free" in capsys.readouterr().out
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**10))
    main(["doctor", "--no-model", "-c", str(config)])
    assert "✓ disk: 10GB free" in capsys.readouterr().out
