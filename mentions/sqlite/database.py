"""Connections to the SQLite file, and the one way to write to it.

Several processes and threads write. SQLite before 3.51.3 can corrupt a WAL that is reset while two connections
write and checkpoint, so: every connection has wal_autocheckpoint=0, writers hold a lock file shared while they
write, and checkpoints (also the one that closing the last connection makes) run only while it is held alone.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mentions.oslock import OsLock
from mentions.sql.database import Database, Transaction, Values
from mentions.sql.tables import Table
from mentions.store import Held, StoreBusy, StoreError

BUSY_SECONDS = 60.0
"""How long a writer waits for another one before it gives up."""
CHECKPOINT_BYTES = 4 * 1024 * 1024
"""A write-ahead log larger than this is copied into the database at the next housekeeping."""
LOG_BYTES = 64 * 1024 * 1024
"""What is left of a larger write-ahead log when it begins anew."""
MUST_CHECKPOINT_BYTES = 256 * 1024 * 1024
"""One larger than this makes housekeeping wait for the writers."""


class _Session(threading.local):
    """A thread's own connection and grip on the lock file, how deep its transactions are, and how it syncs."""

    connection: sqlite3.Connection | None = None
    lock: OsLock | None = None
    depth: int = 0
    durable: bool = True


class SqliteDatabase(Database):
    """One SQLite file, opened by each thread on first use."""

    KEYS = "mention"
    SKIP_LOCKED = ""
    LOCKED = ""
    ROW_ORDER = "rowid"

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.full = False
        """Whether the last commit failed because the disk was full."""
        self._busy_seconds = busy_seconds
        self._session = _Session()
        self._opened: list[tuple[sqlite3.Connection, OsLock]] = []
        self._opening = threading.Lock()
        self._file: tuple[int, int] | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection; StoreError if the file cannot be opened."""
        if self._session.connection is None:
            self._open()
        assert self._session.connection is not None  # noqa: S101 - _open sets it or raises
        return self._session.connection

    def _open(self) -> None:
        log = self.path.with_name(self.path.name + "-wal")
        if not self.path.exists() and log.exists() and log.stat().st_size:
            raise StoreError(
                f"The mention store {self.path} is gone, but its write-ahead log {log} is there: put the store "
                "back beside it, or move the log away."
            )
        with ExitStack() as opened:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                lock = OsLock(self.path.with_name(self.path.name + ".lock"))
                opened.callback(lock.close)
                # A new file becomes one with a write-ahead log, for which SQLite waits for nobody: it refuses.
                with lock.shared() if self._is_made() else lock.exclusive():
                    connection = sqlite3.connect(
                        self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
                    )
                    opened.callback(connection.close)
                    connection.executescript(
                        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                        f"PRAGMA journal_size_limit={LOG_BYTES};"
                        "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;"
                    )
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"The mention store {self.path} cannot be opened: {error}.") from error
            opened.pop_all()
        connection.row_factory = sqlite3.Row
        self._file = self._file or self._identity()
        self._session.connection, self._session.lock = connection, lock
        with self._opening:
            self._opened.append((connection, lock))

    def _is_made(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read; StoreError says what SQLite said."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    @contextmanager
    def transaction(self, *, wait: bool = True, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """All writes inside commit together or not at all; inside another transaction they join it.

        `wait` and `durable`: see Store.transaction. A durable commit also makes those before it durable.
        """
        connection, session = self.connection, self._session
        if session.depth:
            yield connection
            return
        assert session.lock is not None  # noqa: S101 - opened together with the connection
        with self._held(session.lock, wait=wait):
            try:
                self._begin(connection, wait=wait, durable=durable)
                session.depth = 1
                yield connection
                connection.execute("COMMIT")
                self.full = False
            except sqlite3.Error as error:
                raise self._failure(error) from error
            finally:
                session.depth = 0
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def put(self, tx: Transaction, table: Table, rows: Sequence[Values]) -> None:
        """See Database.put."""
        tx.executemany(_insert(table), rows)

    @contextmanager
    def _held(self, lock: OsLock, *, wait: bool) -> Iterator[None]:
        with ExitStack() as held:
            try:
                held.enter_context(lock.shared() if wait else lock.shared_now())
            except Held:
                raise self._busy() from None
            yield

    def _begin(self, connection: sqlite3.Connection, *, wait: bool, durable: bool) -> None:
        if durable is not self._session.durable:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._session.durable = durable
        # IMMEDIATE: a transaction that reads first and writes later fails at once with BUSY_SNAPSHOT when another
        # writer came between.
        if wait:
            connection.execute("BEGIN IMMEDIATE")
            return
        connection.execute("PRAGMA busy_timeout=0")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise self._busy() from None
        finally:
            connection.execute(f"PRAGMA busy_timeout={int(self._busy_seconds * 1000)}")

    def _busy(self) -> StoreBusy:
        return StoreBusy(f"The mention store {self.path} is being written to by somebody else.")

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the file against all other writers (migrations)."""
        connection = self.connection
        assert self._session.lock is not None  # noqa: S101 - opened together with the connection
        with self._session.lock.exclusive():
            try:
                yield connection
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def _identity(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_dev, found.st_ino

    def still_there(self) -> None:
        """StoreError if the file was moved or replaced since it was opened."""
        if not self.path.exists() or self._identity() != self._file:
            raise StoreError(
                f"The mention store {self.path} was moved or replaced while it was open: what is written now "
                "goes to the file that was there. Stop, put it back, and start again."
            )

    def checkpoint(self) -> bool:
        """Copy the write-ahead log into the database if it is worth it; whether it was done."""
        connection, lock = self.connection, self._session.lock
        wal = self.path.with_name(self.path.name + "-wal")
        size = wal.stat().st_size if wal.exists() else 0
        if size < CHECKPOINT_BYTES or lock is None:
            return False
        try:
            with lock.exclusive() if size > MUST_CHECKPOINT_BYTES else lock.exclusive_now("a checkpoint"):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except Held:
            return False
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return True

    def close(self) -> None:
        """Close every thread's connection; the last one checkpoints, so each closes while it is alone."""
        with self._opening:
            opened, self._opened = self._opened, []
        for connection, lock in opened:
            with lock.exclusive():
                connection.close()
            lock.close()
        self._session = _Session()

    def _failure(self, error: sqlite3.Error) -> StoreError:
        self.full = self.full or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if "locked" in str(error):
            return StoreError(
                f"The mention store {self.path} has been locked by another program for more than "
                f"{self._busy_seconds:g} s; nothing was written."
            )
        return StoreError(f"The mention store {self.path} refused: {error}; nothing was written.")


@cache
def _insert(table: Table) -> str:
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks}) {table.conflict(table.key)}"
