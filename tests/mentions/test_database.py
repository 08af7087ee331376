"""One file, many writers: what survives threads, processes, kills, a full disk and a broken file."""

import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import sqlite_utils

from mentions.oslock import OsLock
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.sqlite import database as settings
from mentions.sqlite.migrations import STEPS
from mentions.store import Held, Store, StoreBusy, StoreError
from tests.making import NOW, counts, mention, seen

PATIENCE = 60.0
"""Seconds after which a test gives up on another process; all need a fraction of one."""
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mentions.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path, busy_seconds=0.05) as opened:
        yield opened


def record(store: Store, mention_id: str = "weibo:1") -> None:
    store.posts.record([seen(mention(mention_id))])


def stored(store: Store) -> int:
    return store.posts.count(Search())


def write(store: Store, name: str, posts: int) -> None:
    for n in range(posts):
        record(store, f"{name}:{n}")


def write_posts(path: Path, name: str, posts: int) -> None:
    """In a process of its own."""
    with SqliteStore(path) as store:
        write(store, name, posts)


def make_together(path: Path, together: Barrier) -> None:
    """In a process of its own: open a store that nobody has made yet."""
    together.wait(PATIENCE)
    with SqliteStore(path):
        pass


def write_and_wait(path: Path, ready: Connection) -> None:
    """In a process of its own: a transaction that never ends."""
    with SqliteStore(path) as store, store.transaction():
        record(store, "weibo:2")
        ready.send("written")
        ready.recv()


def test_two_threads_that_write_at_once_lose_nothing(path: Path) -> None:
    with SqliteStore(path) as store:
        threads = [threading.Thread(target=write, args=(store, name, 20)) for name in ("weibo", "v2ex")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert stored(store) == 40
        assert store.faults() == []


def test_processes_that_make_one_store_at_the_same_moment_all_open_it(path: Path) -> None:
    together = SPAWN.Barrier(5)
    processes = [SPAWN.Process(target=make_together, args=(path, together)) for _ in range(5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0] * 5


def test_two_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    processes = [SPAWN.Process(target=write_posts, args=(path, name, 20)) for name in ("weibo", "v2ex")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0, 0]
    with SqliteStore(path) as store:
        assert stored(store) == 40
        assert store.faults() == []


def test_a_writer_that_is_killed_leaves_the_earlier_rows_and_a_free_lock(path: Path) -> None:
    with SqliteStore(path) as store:
        record(store)
    here, there = SPAWN.Pipe()
    writer = SPAWN.Process(target=write_and_wait, args=(path, there))
    writer.start()
    assert here.poll(PATIENCE)
    assert here.recv() == "written"
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(PATIENCE)
    with SqliteStore(path, busy_seconds=1) as store:
        assert stored(store) == 1
        record(store, "weibo:2")
        assert store.faults() == []


def test_a_reader_sees_what_was_before_a_write_until_it_is_whole(sqlite: SqliteStore, path: Path) -> None:
    with SqliteStore(path) as reader:
        with sqlite.transaction():
            record(sqlite)
            assert (stored(sqlite), stored(reader)) == (1, 0)
        assert stored(reader) == 1


def test_a_transaction_inside_another_ends_with_it(sqlite: SqliteStore, path: Path) -> None:
    with SqliteStore(path) as reader, sqlite.transaction():
        with sqlite.transaction():
            record(sqlite)
        assert stored(reader) == 0


def test_an_exception_undoes_all_of_a_transaction(sqlite: SqliteStore) -> None:
    def fail() -> None:
        with sqlite.transaction():
            record(sqlite)
            with sqlite.transaction():
                record(sqlite, "weibo:2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert stored(sqlite) == 0
    record(sqlite)
    assert stored(sqlite) == 1


def test_a_store_that_another_program_locks_is_a_sentence(sqlite: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"has been locked by another program for more than 0\.05 s; nothing was"):
        record(sqlite)
    other.execute("ROLLBACK")
    other.close()
    record(sqlite)
    assert stored(sqlite) == 1


def test_a_full_disk_is_a_sentence_and_leaves_nothing_partial(sqlite: SqliteStore) -> None:
    record(sqlite)
    (pages,) = sqlite.database.connection.execute("PRAGMA page_count").fetchone()
    sqlite.database.connection.execute(f"PRAGMA max_page_count = {pages}")
    long = mention("weibo:2", "星河" * 100_000)
    with pytest.raises(StoreError, match="refused: database or disk is full; nothing was written"):
        sqlite.posts.record([seen(mention("weibo:3")), seen(long)])
    assert (stored(sqlite), sqlite.faults()) == (1, [])
    sqlite.database.connection.execute("PRAGMA max_page_count = 1000000")
    sqlite.posts.record([seen(long)])
    assert stored(sqlite) == 2


def no_database(path: Path) -> None:
    path.write_text("这不是数据库" * 100)


def folder(path: Path) -> None:
    path.mkdir()


def foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mention (something_else)")
    other.close()


def torn_database(path: Path) -> None:
    with SqliteStore(path) as store:
        record(store)
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 20_000)


@pytest.mark.parametrize("spoil", [no_database, folder, foreign_database, torn_database])
def test_a_file_that_is_no_store_of_ours_is_a_sentence_that_names_it(path: Path, spoil: object) -> None:
    spoil(path)  # type: ignore[operator]
    # pytest hands it over as an object.
    with pytest.raises(StoreError) as caught, SqliteStore(path) as store:
        stored(store)
    assert str(path) in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_sentence() -> None:
    with pytest.raises(StoreError, match=r"The mention store /dev/null/store\.db cannot be opened: "):
        SqliteStore(Path("/dev/null/store.db"))


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "new" / "folder" / "mentions.db") as store:
        assert stored(store) == 0


def test_a_store_that_is_closed_opens_again_when_it_is_used(sqlite: SqliteStore, path: Path) -> None:
    record(sqlite)
    sqlite.close()
    assert not path.with_name("mentions.db-wal").exists()
    assert stored(sqlite) == 1


def test_an_old_store_is_opened_as_it_is(path: Path) -> None:
    for expected in (0, 1, 1):
        with SqliteStore(path) as store:
            assert stored(store) == expected
            record(store)


class TestCheckpoint:
    @pytest.fixture(autouse=True)
    def worth_it(self, monkeypatch: pytest.MonkeyPatch, sqlite: SqliteStore) -> None:
        record(sqlite)
        monkeypatch.setattr(settings, "CHECKPOINT_BYTES", 1)

    @pytest.fixture
    def writer(self, path: Path) -> Iterator[OsLock]:
        """Another writer's grip on the lock file."""
        lock = OsLock(path.with_name("mentions.db.lock"))
        yield lock
        lock.close()

    def test_it_leaves_a_short_log_alone(self, sqlite: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "CHECKPOINT_BYTES", 10**9)
        assert not sqlite.database.checkpoint()

    def test_it_copies_the_log_into_the_database(self, sqlite: SqliteStore, path: Path) -> None:
        before = path.stat().st_size
        assert sqlite.database.checkpoint()
        assert path.stat().st_size > before
        record(sqlite, "weibo:2")
        assert (stored(sqlite), sqlite.faults()) == (2, [])

    def test_it_does_not_wait_for_a_writer(self, sqlite: SqliteStore, writer: OsLock) -> None:
        with writer.shared():
            assert not sqlite.database.checkpoint()
        assert sqlite.database.checkpoint()

    def test_it_runs_only_while_nobody_else_can_write(
        self, sqlite: SqliteStore, writer: OsLock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "MUST_CHECKPOINT_BYTES", 1)
        seen_free: list[bool] = []

        def look(statement: str) -> None:
            if "wal_checkpoint" in statement:
                try:
                    with writer.exclusive_now("test"):
                        seen_free.append(True)
                except Held:
                    seen_free.append(False)

        sqlite.database.connection.set_trace_callback(look)
        assert sqlite.database.checkpoint()
        sqlite.database.connection.set_trace_callback(None)
        assert seen_free == [False]

    def test_the_lock_is_free_afterwards(self, sqlite: SqliteStore, writer: OsLock) -> None:
        sqlite.maintain()
        with writer.exclusive_now("test"):
            pass

    def test_sqlite_itself_never_copies_the_log(self, sqlite: SqliteStore) -> None:
        (pages,) = sqlite.database.connection.execute("PRAGMA wal_autocheckpoint").fetchone()
        assert pages == 0


def test_a_snapshot_of_a_moment_is_never_overwritten(sqlite: SqliteStore) -> None:
    record(sqlite)
    sqlite.posts.record([seen(mention(), reposts=7)])
    assert sqlite.posts.get(["weibo:1"])["weibo:1"].engagement == counts()


def test_who_does_not_want_to_wait_is_told_at_once_that_somebody_writes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore(path) as one, SqliteStore(path) as other:
        with one.transaction(), pytest.raises(StoreBusy), other.transaction(wait=False):
            pytest.fail("two writers at once")
        with other.transaction(wait=False):
            other.posts.record([seen(mention())])
        assert one.posts.count(Search()) == 1


def test_a_checkpoint_turns_away_who_does_not_want_to_wait(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.db") as store:
        lock = OsLock(tmp_path / "store.db.lock")
        with lock.exclusive(), pytest.raises(StoreBusy), store.transaction(wait=False):
            pytest.fail("a writer during a checkpoint")
        lock.close()


def test_a_durable_transaction_syncs_also_after_one_that_was_not(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.db") as store:
        connection = store.database.connection
        store.posts.record([seen(mention())])
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 1
        store.tasks.put("x", ["weibo:1"], NOW)
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_a_store_that_was_moved_away_under_us_is_noticed(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.db") as store:
        store.posts.record([seen(mention())])
        store.maintain()
        (tmp_path / "store.db").rename(tmp_path / "elsewhere.db")
        with pytest.raises(StoreError, match="was moved or replaced"):
            store.maintain()


def test_no_new_store_is_made_beside_the_log_of_a_lost_one(tmp_path: Path) -> None:
    (tmp_path / "store.db-wal").write_bytes(b"committed")
    with pytest.raises(StoreError, match="is gone, but its write-ahead log"):
        SqliteStore(tmp_path / "store.db")
    assert (tmp_path / "store.db-wal").read_bytes() == b"committed"


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    with SqliteStore(path) as store:
        record(store)
        store.database.connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('tingfeng', 'm999_later')"
        )
    with pytest.raises(StoreError, match=r"mentions\.db was made by a newer version .* has step m999_later, this"):
        SqliteStore(path)


def test_both_databases_have_the_same_steps() -> None:
    postgres = pytest.importorskip("mentions.postgres.migrations")
    assert tuple(f"m{number:03}_{name}" for number, (name, _) in postgres.steps().items()) == STEPS


def test_a_newer_store_on_postgresql_is_refused(postgres_url: str) -> None:
    postgres = pytest.importorskip("mentions.postgres")
    with postgres.PostgresStore(postgres_url) as store:
        with store.transaction(), store.database.transaction() as tx:
            tx.execute("INSERT INTO migration (number, name) VALUES (999, 'later')")
        try:
            with pytest.raises(StoreError, match=r"by a newer version .* has step 999, this version knows"):
                postgres.PostgresStore(postgres_url)
        finally:
            with store.transaction(), store.database.transaction() as tx:
                tx.execute("DELETE FROM migration WHERE number = 999")


def test_looks_that_failed_before_the_update_count_after_it() -> None:
    """A query that nobody could read stays behind across an update, and one that was read stays read."""
    db = sqlite_utils.Database(memory=True)
    for name in (step for step in STEPS if step < "m019"):
        import_module(f"mentions.sqlite.schema.{name}").step(db)
    for query, read in (("星河", "2026-11-21T12:10:00Z"), ("云岭", None)):
        db.table("coverage").insert({"source": "x", "query": query, "at": "", "capped": 0, "read": read})
        for at in ("2026-11-21T12:00:00Z", "2026-11-21T12:10:00Z"):
            db.table("look").insert({"source": "x", "query": query, "at": at})
    import_module("mentions.sqlite.schema.m019_unread").step(db)
    assert {row["query"]: row["unread"] for row in db.table("coverage").rows} == {"星河": 0, "云岭": 2}
