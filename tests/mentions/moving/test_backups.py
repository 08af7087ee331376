"""A backup holds what was there, says so itself, and a restore never makes things worse."""

import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mentions.erasures import Replayed
from mentions.moving import archive
from mentions.moving.archive import BadBackup, Manifest
from mentions.moving.backups import Restored, backup, restore, verify
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.sqlite.backup import exchange
from mentions.store import Held, Store, StoreError
from mentions.stores import open_store
from tests import postgres
from tests.making import NOW, mention, seen
from tests.mentions.moving.furnishing import furnish


@contextmanager
def address(kind: str, folder: Path) -> Iterator[str]:
    """Where a store can be made."""
    if kind == "sqlite":
        yield str(folder / "store.db")
        return
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    with postgres.schema() as url:
        try:
            yield url
        finally:
            forget_aside(url)


def forget_aside(url: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra that may be missing

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        name = url.rpartition("%3D")[2]
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}".encode())
        aside = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"{name}\\_before%",)
        ).fetchall()
        for (schema,) in aside:
            connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with address(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "store.db")


def saved(where: str, folder: Path) -> Path:
    """A furnished store's backup."""
    file = folder / "backup.tar"
    with open_store(where) as store:
        furnish(store)
        backup(store, file, version="0.1", at=NOW)
    return file


def put_back(
    where: str, file: Path, *, force: bool = False, replay: Callable[[Store], Replayed] = lambda _: Replayed()
) -> Restored:
    return restore(where, file, stages=("score",), who="test", force=force, at=NOW, replay=replay)


def posts(where: str) -> list[str]:
    with open_store(where) as store:
        return sorted(found.mention.id for found in store.posts.search(Search(limit=100)))


def test_a_restored_store_is_what_was_backed_up(where: str, tmp_path: Path) -> None:
    file = saved(where, tmp_path)
    with open_store(where) as store:
        store.posts.record([seen(mention("weibo:later"))])
        store.posts.record([seen(mention("weibo:1", "改了"))])
    restored = put_back(where, file, force=True)
    assert "weibo:later" not in posts(where)
    assert restored.aside is not None
    with open_store(where) as store:
        again = backup(store, tmp_path / "again.tar", version="0.1", at=NOW)
        assert again.tables == verify(file).tables
        assert (store.trends.rebuild(), store.faults()) == (0, [])
        store.posts.record([seen(mention("weibo:later"))])
    assert len(posts(where)) == 25


def test_a_store_that_holds_anything_is_not_replaced_by_accident(where: str, tmp_path: Path) -> None:
    file = saved(where, tmp_path)
    with open_store(where) as store:
        store.posts.record([seen(mention("weibo:later"))])
    with pytest.raises(StoreError, match="`--force` moves it aside"):
        put_back(where, file)
    assert "weibo:later" in posts(where)


def test_a_running_service_is_not_restored_over(where: str, tmp_path: Path) -> None:
    file = saved(where, tmp_path)
    with open_store(where) as store, store.only("score", "the service"), pytest.raises(Held, match="the service"):
        put_back(where, file, force=True)


def test_what_fails_half_way_leaves_the_old_store(where: str, tmp_path: Path) -> None:
    file = saved(where, tmp_path)
    with open_store(where) as store:
        store.posts.record([seen(mention("weibo:later"))])

    def fail(_: Store) -> Replayed:
        raise StoreError("the list of erasures is broken")

    with pytest.raises(StoreError, match="is broken"):
        put_back(where, file, force=True, replay=fail)
    assert "weibo:later" in posts(where)


def test_erasures_are_made_before_the_store_is_in_place(where: str, tmp_path: Path) -> None:
    file = saved(where, tmp_path)
    seen_by_replay: list[bool] = []

    def replay(store: Store) -> Replayed:
        seen_by_replay.append("weibo:1" in store.posts.get(["weibo:1"]))
        store.posts.record([seen(mention("weibo:replayed"))])
        return Replayed(completed=3)

    assert put_back(where, file, force=True, replay=replay).erasures == Replayed(completed=3)
    assert seen_by_replay == [True]
    assert "weibo:replayed" in posts(where)


def test_a_backup_is_of_one_moment_while_others_write(path: str, tmp_path: Path) -> None:
    with SqliteStore(Path(path)) as store, SqliteStore(Path(path)) as writer:
        furnish(store)
        with writer.transaction():
            writer.posts.record([seen(mention("weibo:uncommitted"))])
            manifest = backup(store, tmp_path / "b.tar", version="0.1", at=NOW)
    assert manifest.tables["mention"].rows == 24
    assert verify(tmp_path / "b.tar") == manifest


def test_it_is_restored_where_nothing_is(path: str, tmp_path: Path) -> None:
    file = saved(path, tmp_path)
    new = tmp_path / "elsewhere" / "store.db"
    assert put_back(str(new), file).aside is None
    assert len(posts(str(new))) == 24


def test_the_file_is_for_its_owner_only_and_is_never_overwritten(path: str, tmp_path: Path) -> None:
    file = saved(path, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    with SqliteStore(Path(path)) as store, pytest.raises(BadBackup, match="exists already"):
        backup(store, file, version="0.1", at=NOW)
    assert sorted(p.name for p in tmp_path.iterdir() if "restoring" in p.name or ".part" in p.name) == []


@pytest.mark.parametrize("length", [0, 100, 700, 5_000, 60_000])
def test_a_backup_that_was_cut_off_is_a_sentence(path: str, tmp_path: Path, length: int) -> None:
    file = saved(path, tmp_path)
    os.truncate(file, length)
    with pytest.raises(BadBackup, match=r"backup\.tar is (cut off|no backup|damaged)"):
        put_back(path, file, force=True)
    assert len(posts(path)) == 24


def test_a_single_wrong_byte_is_noticed(path: str, tmp_path: Path) -> None:
    file = saved(path, tmp_path)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BadBackup, match="is damaged: it holds"):
        verify(file)


def test_garbage_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 5000)
    with pytest.raises(BadBackup, match=r"photo\.jpg is no backup of Tingfeng's"):
        verify(tmp_path / "photo.jpg")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "photo.jpg", "photo.jpg")
    with pytest.raises(BadBackup, match="does not begin with a manifest"):
        verify(tmp_path / "other.tar")


def changed(file: Path, **told: Any) -> Path:
    """The same backup with another manifest."""
    manifest = archive.unpack(file, file.with_name("payload"))
    text = manifest.as_json() | told
    other = file.with_name("changed.tar")
    with tarfile.open(other, "w") as tar:
        member = file.with_name("manifest.json")
        member.write_text(json.dumps(text))
        tar.add(member, archive.MANIFEST)
        tar.add(file.with_name("payload"), archive.PAYLOAD)
    return other


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"steps": ["m001_posts", "m999_later"]}, "newer version of Tingfeng .*m999_later"),
        ({"format": 2}, "newer version of Tingfeng"),
        ({"tables": {}}, "are not what its manifest says"),
        ({"made": "yesterday"}, "its manifest cannot be read"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(path: str, tmp_path: Path, told: Any, said: str) -> None:
    file = changed(saved(path, tmp_path), **told)
    with pytest.raises(BadBackup, match=said):
        put_back(path, file, force=True)
    assert len(posts(path)) == 24


def test_a_backup_of_the_other_database_is_refused(path: str, tmp_path: Path) -> None:
    file = saved(path, tmp_path)
    with pytest.raises(BadBackup, match=r"holds a store of SQLite, and `store` in config\.yaml is postgresql://"):
        put_back("postgresql://nobody@127.0.0.1/nothing", file)


def test_a_damaged_store_can_be_restored_over(path: str, tmp_path: Path) -> None:
    file = saved(path, tmp_path)
    Path(path).write_bytes(b"not a database" * 1000)
    aside = put_back(path, file, force=True).aside
    assert aside is not None
    assert Path(aside).read_bytes().startswith(b"not a database")
    assert len(posts(path)) == 24


def test_a_log_that_cannot_be_emptied_goes_with_its_file(tmp_path: Path) -> None:
    path, new = tmp_path / "store.db", tmp_path / "new.db"
    path.write_bytes(b"damaged" * 1000)
    path.with_name("store.db-wal").write_bytes(b"log")
    new.write_bytes(b"new")
    aside = exchange(path, new, NOW)
    assert aside is not None
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"log"
    assert (path.read_bytes(), new.exists()) == (b"new", False)


def test_the_sums_of_both_databases_are_made_of_the_same_rows(tmp_path: Path) -> None:
    manifests: list[Manifest] = []
    for kind in ("sqlite", "postgres"):
        (tmp_path / kind).mkdir()
        with address(kind, tmp_path / kind) as where:
            manifests.append(verify(saved(where, tmp_path / kind)))
    same = {"author", "finding", "job", "host", "notification", "crawl_run"}
    assert {n: manifests[0].tables[n] for n in same} == {n: manifests[1].tables[n] for n in same}


@pytest.mark.parametrize("version", [None, "14.1"])
def test_a_missing_or_old_pg_dump_is_a_sentence_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    if version is not None:
        (tools / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        (tools / "pg_dump").chmod(0o755)
    with address("postgres", tmp_path) as where, open_store(where) as store:
        monkeypatch.setenv("PATH", f"{tools}")
        with pytest.raises(StoreError, match=r"pg_dump is .*: apt-get install postgresql-client-\d+\.$"):
            backup(store, tmp_path / "b.tar", version="0.1", at=NOW)
        monkeypatch.undo()


def test_a_schema_that_holds_other_tables_is_not_moved_aside(tmp_path: Path) -> None:
    with address("postgres", tmp_path) as where:
        file = saved(where, tmp_path)
        import psycopg  # noqa: PLC0415 - an extra that may be missing

        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute("CREATE TABLE shop (n int)")
        with pytest.raises(StoreError, match="also holds shop, which would be moved aside"):
            put_back(where, file, force=True)
