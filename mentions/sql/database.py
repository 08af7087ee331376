"""A database as the parts of the store use it. Statements are written once, with `?` for each value."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from mentions.sql.tables import Table

Values = tuple[object, ...]
"""A row as it is written."""
Row = Any
"""A row by its column names: `sqlite3.Row`, or a dict."""


class Cursor(Protocol):
    """What a statement brought."""

    @property
    def rowcount(self) -> int:
        """Rows changed."""

    def fetchone(self) -> Row:
        """The next row, or None."""

    def fetchall(self) -> list[Row]:
        """All that are left."""


class Transaction(Protocol):
    """An open transaction, of which sqlite3.Connection is one."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        """One statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any:
        """One statement for each row."""


class Database(ABC):
    """Connections to one database, and the words in which SQLite and PostgreSQL differ."""

    KEYS: ClassVar[str]
    """The table in which a mention's id and its number `n` stand beside each other."""
    SKIP_LOCKED: ClassVar[str]
    """What makes a claim pass over rows that another one is just taking."""
    LOCKED: ClassVar[str]
    """What keeps others from a row that is read, until the transaction ends."""
    ROW_ORDER: ClassVar[str]
    """The column of `incident_mention` that counts up as rows are added."""

    @abstractmethod
    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read; StoreError says what the database said."""

    @abstractmethod
    def transaction(self, *, wait: bool = True, durable: bool = True) -> AbstractContextManager[Transaction]:
        """All writes inside commit together or not at all; inside another transaction they join it."""

    @abstractmethod
    def put(self, tx: Transaction, table: Table, rows: Sequence[Values]) -> None:
        """Many rows into one table; each begins with its mention's key where the table has one."""


def marks(values: Sequence[object]) -> str:
    """A question mark for each value."""
    return ",".join("?" * len(values))
