"""The rows that pages come to in the store, ready made, and how each database takes them without the Store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from benchmarks.volume.made import Page, number_of
from mentions.postgres.bulk import columns_of
from mentions.postgres.indexing import indexed
from mentions.sql.database import Values
from mentions.sql.pages import TASK, Key, author_rows, brand_rows, engagement_rows, mention_rows, words
from mentions.sql.rows import dumps, iso
from mentions.sql.tables import AUTHOR, ENGAGEMENT, MENTION, MENTION_BRAND, TEXT, TIME, Table
from mentions.sqlite import SqliteStore
from mentions.sqlite.words import PUT_WORDS
from mentions.tasks import JUDGE, SCORE
from mentions.types import Observation

KEY = Table("mention_key", ("id",), {"n": "bigint", "id": TEXT, "first_seen": TIME})
UPSERTED = frozenset({"author", "task"})


@dataclass
class Rows:
    """By table, in the order in which they are written; `index` is what SQLite's search index gets beside them."""

    tables: dict[Table, list[Values]] = field(default_factory=dict)
    index: list[Values] = field(default_factory=list)

    def add(self, table: Table, rows: Iterable[Values]) -> None:
        """More rows of a table."""
        self.tables.setdefault(table, []).extend(rows)


class Raw(Protocol):
    """A database that takes ready rows."""

    def prepare(self, pages: Sequence[Page]) -> Any:
        """Whatever can be worked out before the clock runs."""

    def write(self, ready: Any) -> None:
        """All of it in one transaction."""


class RawSqlite:
    """executemany on a connection with the store's pragmas."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def prepare(self, pages: Sequence[Page]) -> Rows:
        """Rows as tuples."""
        rows = Rows()
        for page in pages:
            keys: dict[str, Key] = {o.mention.id: (number_of(o.mention.id) + 1,) for o in page.seen}
            rows.add(AUTHOR, author_rows(page.seen))
            rows.add(MENTION, mention_rows([o.mention for o in page.new], keys))
            rows.index += [(keys[o.mention.id][0], words(o.mention.title, o.mention.text)) for o in page.new]
            _add_the_rest(rows, page, keys)
        return rows

    def write(self, ready: Rows) -> None:
        """One statement a table."""
        connection = self._store.database.connection
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in ready.tables.items():
            connection.executemany(_insert(table), rows)
        connection.executemany(PUT_WORDS, ready.index)
        connection.execute("COMMIT")


class RawPostgres:
    """COPY of text that is formatted already."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("CREATE TEMP TABLE author_copied (LIKE author)")

    def prepare(self, pages: Sequence[Page]) -> list[tuple[str, bytes]]:
        """For each COPY statement what it reads."""
        rows = Rows()
        for page in pages:
            keys: dict[str, Key] = {
                o.mention.id: (number_of(o.mention.id) + 1, iso(o.mention.first_seen)) for o in page.seen
            }
            new = [o.mention for o in page.new]
            rows.add(AUTHOR, author_rows(page.seen))
            rows.add(KEY, [(*keys[m.id][:1], m.id, *keys[m.id][1:]) for m in new])
            made = mention_rows(new, keys)
            rows.add(MENTION, [(*row, indexed(m)) for row, m in zip(made, new, strict=True)])
            _add_the_rest(rows, page, keys)
        return [(_copy(table), copied(listed)) for table, listed in rows.tables.items()]

    def write(self, ready: list[tuple[str, bytes]]) -> None:
        """One COPY a table; authors by way of a temporary one, since most are known."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for statement, block in ready:
                with cursor.copy(statement.encode()) as copy:
                    copy.write(block)
                if "author_copied" in statement:
                    columns = ", ".join(AUTHOR.columns)
                    cursor.execute(
                        f"INSERT INTO author SELECT DISTINCT ON (platform, id) {columns} FROM author_copied "  # noqa: S608 - our own names
                        f"ORDER BY platform, id, updated DESC {AUTHOR.conflict(AUTHOR.key)}".encode()
                    )
                    cursor.execute("TRUNCATE author_copied")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def score_rows(page: Page, keys: Mapping[str, Key]) -> list[Values]:
    """The judgements of a page."""
    return [(*keys[s.mention_id], iso(s.at), s.model, s.negativity, s.label, dumps(s.words)) for s in page.scores]


def _add_the_rest(rows: Rows, page: Page, keys: Mapping[str, Key]) -> None:
    rows.add(MENTION_BRAND, brand_rows([o.mention for o in page.new], keys))
    rows.add(ENGAGEMENT, engagement_rows(page.seen, keys))
    rows.add(TASK, [(SCORE, keys[o.mention.id][0], iso(o.mention.first_seen)) for o in page.new])
    rows.add(TASK, [(JUDGE, keys[o.mention.id][0], iso(_counted(o))) for o in page.again])


def _counted(seen: Observation) -> Any:
    assert seen.engagement is not None
    return seen.engagement.at


def _insert(table: Table) -> str:
    marks = ", ".join("?" * len(table.columns))
    statement = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    return f"{statement} {table.conflict(table.key)}" if table.name in UPSERTED else statement


def _copy(table: Table) -> str:
    name = "author_copied" if table is AUTHOR else table.name
    columns = [*columns_of(table), *(["words"] if table is MENTION else [])]
    return f"COPY {name} ({', '.join(columns)}) FROM STDIN"


def copied(rows: Iterable[Values]) -> bytes:
    """Rows as COPY reads them."""
    return "".join("\t".join(map(_field, row)) + "\n" for row in rows).encode()


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return str(value)
