"""Connections to PostgreSQL, and how statements written once become its own."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolTimeout

from mentions.postgres import bulk
from mentions.sql.database import Cursor, Database, Row, Transaction, Values
from mentions.sql.tables import Table
from mentions.store import StoreBusy, StoreError, StoreUnreachable
from mentions.text import scrub

Connection = psycopg.Connection[dict[str, Any]]
CONNECTIONS = 8
"""Of one process at most: as many threads as its stages run in."""
PATIENCE = 30.0
"""Seconds that a statement waits for a connection before the database counts as down."""
PREPARED_AFTER = 5


class CleanText(StrDumperUnknown):
    """Text without what PostgreSQL refuses, whatever a site sent: NUL, and halves of surrogate pairs."""

    def dump(self, obj: str) -> bytes | bytearray | memoryview | None:
        """The text as it is sent."""
        return super().dump(scrub(obj))


class _Session(threading.local):
    """The connection whose transaction this thread is in."""

    connection: Connection | None = None


class _Open:
    """A connection inside a transaction, spoken to with `?`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        return self._connection.execute(translated(sql), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(translated(sql), rows)


class PostgresDatabase(Database):
    """One PostgreSQL database. Threads share a pool; a connection that broke is replaced by a new one."""

    KEYS = "mention_key"
    SKIP_LOCKED = "FOR UPDATE SKIP LOCKED"
    LOCKED = "FOR UPDATE"
    ROW_ORDER = "n"

    def __init__(self, url: str, *, name: str = "tingfeng", patience: float = PATIENCE) -> None:
        self.url = url
        self.place = place(url)
        self.name = name
        self._session = _Session()
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # what it warns of is raised, too
        self._pool = ConnectionPool(
            url,
            connection_class=Connection,
            kwargs={"autocommit": True, "row_factory": dict_row, "application_name": name},
            configure=_configure,
            min_size=0,
            max_size=CONNECTIONS,
            timeout=patience,
            reconnect_timeout=patience,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def _why(self) -> str:
        """What the database says to one who knocks now."""
        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.Error as error:
            return _one_line(error)
        return "its connections are all in use"

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """See Database.rows."""
        if self._session.connection is not None:
            with self.understood(writing=True):
                return self._session.connection.execute(translated(sql), values).fetchall()
        with self.understood(), self._pool.connection() as connection:
            return connection.execute(translated(sql), values).fetchall()

    @contextmanager
    def transaction(self, *, wait: bool = True, durable: bool = True) -> Iterator[Transaction]:
        """See Database.transaction. It answers nobody at once: where `wait` is false, it is busy."""
        if self._session.connection is not None:
            yield _Open(self._session.connection)
            return
        if not wait:
            raise StoreBusy(f"The mention store at {self.place} cannot be written to without waiting.")
        with self.understood(writing=True), self._pool.connection() as connection, connection.transaction():
            if not durable:
                connection.execute("SET LOCAL synchronous_commit = off")
            self._session.connection = connection
            try:
                yield _Open(connection)
            finally:
                self._session.connection = None

    def put(self, tx: Transaction, table: Table, rows: Sequence[Values]) -> None:
        """See Database.put."""
        bulk.put(tx, table, rows)

    def open_connection(self) -> Connection:
        """A connection of the caller's own, outside the pool: for locks that last."""
        with self.understood():
            connection = psycopg.connect(
                self.url, autocommit=True, row_factory=dict_row, application_name=self.name, connect_timeout=10
            )
        _configure(connection)
        return connection

    @contextmanager
    def understood(self, *, writing: bool = False) -> Iterator[None]:
        """Let what PostgreSQL says become a StoreError, which tells a writer that nothing was written."""
        try:
            yield
        except psycopg.Error as error:
            raise self._failure(error, writing=writing) from error

    def _failure(self, error: psycopg.Error, *, writing: bool) -> StoreError:
        if isinstance(error, PoolTimeout):
            return StoreUnreachable(f"The mention store at {self.place} cannot be reached: {self._why()}.")
        if isinstance(error, psycopg.errors.DeadlockDetected):
            return StoreBusy(
                f"The mention store at {self.place} let another writer go first; nothing was written."
            )
        if isinstance(error, psycopg.OperationalError):
            lost = "; what was being written was not" if writing else ""
            return StoreUnreachable(
                f"The mention store at {self.place} cannot be reached or has gone away: {_one_line(error)}{lost}."
            )
        lost = "; nothing was written" if writing else ""
        return StoreError(f"The mention store at {self.place} refused: {_one_line(error)}{lost}.")

    def close(self) -> None:
        """Close every connection of the pool."""
        self._pool.close()


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.adapters.register_dumper(str, CleanText)
    connection.prepare_threshold = PREPARED_AFTER


def _one_line(error: psycopg.Error) -> str:
    """PostgreSQL's first sentence; the others quote the statement."""
    said = str(error).strip().splitlines()
    return said[0].rstrip(".") if said else type(error).__name__


@cache
def translated(sql: str) -> bytes:
    """A statement with `?` as psycopg wants it. No statement of ours holds a question mark of another kind."""
    return sql.replace("%", "%%").replace("?", "%s").encode()


def place(url: str) -> str:
    """Host, port and database of a URL, without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # Not what libpq says of it: that quotes the password.
        raise StoreError("The mention store's address cannot be read.") from error
    return f"{parts.get('host') or 'localhost'}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"
