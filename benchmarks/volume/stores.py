"""Two empty stores of one kind: one for our writes, one for the raw ones."""

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from benchmarks.volume.rows import Raw, RawPostgres, RawSqlite
from mentions.postgres import PostgresStore
from mentions.postgres.database import PostgresDatabase
from mentions.sqlite import SqliteStore
from mentions.sqlite.database import SqliteDatabase
from mentions.store import Store

POSTGRES = os.environ.get("TINGFENG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def sqlite_pair() -> Iterator[tuple[Store, Store, Raw]]:
    """Two files in the folder for temporary ones (TMPDIR names it)."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        ours, theirs = (opened.enter_context(SqliteStore(Path(folder) / f"{n}.db")) for n in ("ours", "raw"))
        yield ours, theirs, RawSqlite(theirs)


@contextmanager
def postgres_pair() -> Iterator[tuple[Store, Store, Raw]]:
    """Two schemas in the database that TINGFENG_TEST_POSTGRES names."""
    with ExitStack() as opened:
        urls = [opened.enter_context(_schema()) for _ in range(2)]
        ours, theirs = (opened.enter_context(PostgresStore(url)) for url in urls)
        raw = RawPostgres(urls[1])
        opened.callback(raw.close)
        yield ours, theirs, raw


@contextmanager
def _schema() -> Iterator[str]:
    name = f"tingfeng_volume_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            yield f"{POSTGRES}?options={quote(f'-csearch_path={name}')}"
        finally:
            connection.execute("SET client_min_messages = warning")
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


def has_postgres() -> bool:
    """Whether there is a PostgreSQL to measure; says so where there is none."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"no PostgreSQL at {POSTGRES}: {str(error).splitlines()[0]}", file=sys.stderr)
        return False
    return True


PAIRS = {"sqlite": sqlite_pair, "postgres": postgres_pair}


def database(store: Store) -> SqliteDatabase | PostgresDatabase:
    """What a store of either kind stands on."""
    assert isinstance(store, SqliteStore | PostgresStore)
    return store.database


def execute(store: Store, sql: str) -> None:
    """A statement that the Store has no method for."""
    with database(store).transaction() as tx:
        tx.execute(sql)


def settle(store: Store) -> None:
    """Housekeeping, and the statistics that autovacuum gathers in time; it is off where tests run."""
    store.maintain()
    if isinstance(store, PostgresStore):
        execute(store, "ANALYZE mention, mention_brand, engagement, score, mention_key, author, hourly_sum")
