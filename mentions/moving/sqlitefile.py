"""A SQLite store's file as it is at one moment: its tables, and their rows in the order of a key."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from mentions.moving.canon import Sum, summed
from mentions.sql.rows import iso
from mentions.store import StoreError
from mentions.text import scrub

BOOKKEEPING = frozenset({"_sqlite_migrations"})
"""Tables that say how the file was made; nothing that was seen or done stands in them."""
WRITTEN_LENGTH = len("2026-11-21T12:00:00.000000+00:00")
BUSY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SqliteTable:
    """A table of the file. `key` is empty where rows are known by their rowid only."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    has_rowid: bool

    @property
    def place(self) -> tuple[str, ...]:
        """The columns by which reading goes on where it stopped, without sorting anything."""
        return ("rowid",) if self.has_rowid else self.key


class SqliteFile:
    """An open file, read only, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def tables(self) -> dict[str, SqliteTable]:
        """All tables but the search index and the bookkeeping, by name."""
        listed = self._all(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
        )
        return {
            name: self._table(name, has_rowid=not without_rowid)
            for name, without_rowid in listed
            if name not in BOOKKEEPING and not name.startswith("sqlite_")
        }

    def _table(self, name: str, *, has_rowid: bool) -> SqliteTable:
        info = self._all(f"PRAGMA table_info({quoted(name)})")
        key = sorted((number, column) for _, column, _, _, _, number in info if number)
        return SqliteTable(name, {row[1]: row[2].upper() for row in info}, tuple(c for _, c in key), has_rowid)

    def migrations(self) -> list[str]:
        """The steps of the schema that were applied to the file."""
        try:
            return [name for (name,) in self._all("SELECT name FROM _sqlite_migrations ORDER BY id")]
        except StoreError:
            return []

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self._all(f"SELECT count(*) FROM {quoted(table)}")[0][0])

    def rows(
        self,
        table: SqliteTable,
        expressions: Sequence[str],
        *,
        order: Sequence[str],
        after: Sequence[Any] | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of the table (called `t` in expressions) behind `after` in this order, one at a time."""
        behind = f"WHERE ({', '.join(order)}) > ({', '.join('?' * len(order))})" if after is not None else ""
        yield from self._each(
            f"SELECT {', '.join(expressions)} FROM {quoted(table.name)} t {behind} ORDER BY {', '.join(order)}",
            tuple(after or ()),
        )

    def sum(self, table: SqliteTable, expressions: Sequence[str]) -> Sum:
        """The sum of the table, in the order of its key as PostgreSQL would hold it."""
        return summed(self.rows(table, expressions, order=self._clean_order(table)))

    def sums(self) -> dict[str, Sum]:
        """The sum of every table as it stands in the file, its columns in the order of their names."""
        return {
            table.name: self.sum(table, [expression(c, kind) for c, kind in sorted(table.columns.items())])
            for table in self.tables().values()
        }

    def _clean_order(self, table: SqliteTable) -> list[str]:
        """The key's columns; a text that had to be scrubbed somewhere is put where its scrubbed form belongs."""
        order = []
        for column in table.key or table.place:
            plain = f"t.{quoted(column)}" if column != "rowid" else "t.rowid"
            order.append(plain)
            if table.columns.get(column) == "TEXT":
                whole = f"tingfeng_clean(CAST({plain} AS BLOB))"
                dirty = f"SELECT 1 FROM {quoted(table.name)} t WHERE {whole} <> {plain} LIMIT 1"
                if self._all(dirty):
                    order[-1] = whole
        return order

    def _all(self, sql: str) -> list[Any]:
        return list(self._each(sql, ()))

    def _each(self, sql: str, values: tuple[Any, ...]) -> Iterator[Any]:
        try:
            for row in self.connection.execute(sql, values):  # noqa: UP028 - see below
                yield row
            # Not `yield from`: where something breaks off, the connection is closed before this generator.
        except sqlite3.Error as error:
            raise StoreError(f"The mention store {self.path} cannot be read: {error}.") from error


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def expression(column: str, kind: str, *, as_kind: str = "") -> str:
    """How a column is read: bytes as PostgreSQL writes them; times that another tool wrote become ours."""
    name = f"t.{quoted(column)}"
    if kind == "BLOB":
        return f"CASE typeof({name}) WHEN 'blob' THEN '\\x' || lower(hex({name})) ELSE {name} END"
    if as_kind.startswith("timestamp"):
        known = f"{name} IS NULL OR length({name}) = {WRITTEN_LENGTH}"
        return f"CASE WHEN {known} THEN {name} ELSE tingfeng_time({name}) END"
    return name


def _clean(data: bytes | None) -> str | None:
    return None if data is None else scrub(data.decode(errors="replace"))


def _time(written: str) -> str:
    with suppress(ValueError):
        at = datetime.fromisoformat(written)
        return iso(at if at.tzinfo else at.replace(tzinfo=UTC))
    return written


@contextmanager
def opened(path: Path, *, still: bool = False) -> Iterator[SqliteFile]:
    """Open a store's file and hold it at this moment; writers go on. `still`: nobody else has it open.

    StoreError where it cannot be read. A reader never checkpoints: the rules of mentions/sqlite/database.py hold.
    """
    how = "immutable=1" if still else "mode=ro"
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    except sqlite3.Error as error:
        raise StoreError(f"The mention store {path} cannot be opened: {error}.") from error
    try:
        # Bytes that are no UTF-8 (another tool wrote them) must not end a move.
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        connection.create_function("tingfeng_clean", 1, _clean, deterministic=True)
        connection.create_function("tingfeng_time", 1, _time, deterministic=True)
        try:
            connection.executescript("PRAGMA temp_store=FILE; PRAGMA cache_size=-16000; BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # now the moment is fixed
        except sqlite3.Error as error:
            raise StoreError(f"The mention store {path} cannot be read: {error}.") from error
        yield SqliteFile(connection, path)
    finally:
        connection.close()
