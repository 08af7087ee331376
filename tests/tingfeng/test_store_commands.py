"""`tingfeng store`: what whoever types it reads, and what it refuses."""

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.store import Store
from tests import postgres
from tests.making import BIG_V, NOW
from tests.mentions.moving.furnishing import furnish
from tingfeng import stages
from tingfeng.cli import main
from tingfeng.cli.store import without_password
from tingfeng.config import load_config
from tingfeng.desk import open_desk

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
store: store.db
"""
USERNAME = re.compile(r"://([^:@/]+)")


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
    done = {"completed": 1, "waiting": 0, "kept": 0, "held": [], "complete": True}
    assert json.loads(capsys.readouterr().out)["erasures"] == done
    assert count(config) == 0


def test_a_restore_that_a_legal_hold_keeps_from_erasing_says_so_and_retain_completes_it(
    config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.life.hold(1, who="法务", reason="诉讼", at=NOW)
    store.close()
    options, file = ["-c", str(config)], str(config.parent / "b.tar")
    main(["store", "backup", file, *options])
    main(["incident", "release", "1", *options])
    assert main(["erase", "--author", f"weibo:{BIG_V.id}", "--yes", *options]) == 0
    capsys.readouterr()
    assert main(["store", "restore", file, *options, "--force"]) == 1
    said = capsys.readouterr().out
    assert "已完成的删除请求：0 条。\n1 项删除请求等待法律保全结束\n2 条帖子保留到 #1 的法律保全解除" in said
    config.write_text(CONFIG.replace("store.db", "other.db"), encoding="utf-8")
    assert main(["store", "restore", file, *options, "--json"]) == 1
    done = json.loads(capsys.readouterr().out)["erasures"]
    assert done == {"completed": 0, "waiting": 1, "kept": 2, "held": [1], "complete": False}
    assert main(["incident", "release", "1", *options]) == 0
    assert main(["retain", *options]) == 0
    assert "补完 1 项删除请求" in capsys.readouterr().out
    with SqliteStore(config.parent / "other.db") as other:
        assert other.posts.count(Search()) == 0


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


def test_the_address_that_is_to_be_written_leads_to_the_store_that_was_made(
    config: Path, store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    with postgres.schema() as url:
        assert main(["store", "migrate", "--to", with_password(url, "ge%40heim"), "-c", str(config)]) == 0
        said = capsys.readouterr().out
        assert "heim" not in said
        line = said.splitlines()[-1]
        config.write_text(CONFIG.replace("store: store.db", line), encoding="utf-8")
        monkeypatch.setenv("PASSWORD", "ge%40heim")
        assert load_config(config).store == with_password(url, "ge%40heim")
        assert main(["search", "--json", "-c", str(config)]) == 0
        assert "weibo:1" in capsys.readouterr().out


def with_password(url: str, password: str) -> str:
    before, at, after = url.partition("@")
    return f"{before.rpartition('://')[0]}://{USERNAME.findall(before)[0]}:{password}{at}{after}"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("postgresql://me:ge%40heim@host:5432/db?sslmode=require", "me:${PASSWORD}@host:5432/db?sslmode=require"),
        ("postgresql://me@host/db?options=-csearch_path%3Dx", "me@host/db?options=-csearch_path%3Dx"),
        ("postgresql://host/db?user=me&pass%77ord=geheim", "host/db?user=me&pass%77ord=${PASSWORD}"),
        ("postgresql:///db?host=/var/run&sslpassword=geheim", "/db?host=/var/run&sslpassword=${SSLPASSWORD}"),
    ],
)
def test_of_an_address_only_the_password_is_not_written(address: str, written: str) -> None:
    assert without_password(address) == f"postgresql://{written}"


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
    assert "✗ 磁盘: 存储所在磁盘剩余 100MB，少于 disk_floor 200MB；已暂停抓取" in capsys.readouterr().out
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**10))
    main(["doctor", "--no-model", "-c", str(config)])
    assert "✓ 磁盘: 存储所在磁盘剩余 10GB" in capsys.readouterr().out
