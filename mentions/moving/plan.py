"""Which rows of SQLite become which of PostgreSQL: read from both databases, so that no column is forgotten."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mentions.moving.postgresview import PostgresTable
from mentions.moving.sqlitefile import SqliteTable, expression, quoted
from mentions.store import StoreError

DERIVED = frozenset({"hourly", "searchable"})
"""Tables of SQLite that PostgreSQL works out again from others, or has no need of."""
SPLIT = {"mention_key": "mention"}
"""Tables of PostgreSQL that are made from another one of SQLite."""
WORDS = "words"
"""The column of `mention` in which PostgreSQL finds words; SQLite has an index apart."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of one table's rows. `columns` are PostgreSQL's, each as it is read from SQLite's table `t`."""

    source: SqliteTable
    target: PostgresTable
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        """The table in PostgreSQL."""
        return self.target.name

    @property
    def of_mention(self) -> bool:
        """Whether the rows belong to mentions, and so move again when these do."""
        return "first_seen" in self.columns

    @property
    def indexed(self) -> bool:
        """Whether the words of each row have to be worked out."""
        return WORDS in self.target.columns and self.name == "mention"


def plan(source: Mapping[str, SqliteTable], target: Mapping[str, PostgresTable]) -> list[Passage]:
    """Every table of the source with its place. StoreError names what has none: nothing is lost in silence."""
    homeless = [table.name for table in source.values() if table.name not in target]
    homeless = [name for name in homeless if name not in DERIVED]
    passages = [
        Passage(source[of], table, dict(_columns(source[of], table)))
        for name, table in target.items()
        if (of := SPLIT.get(name, name)) in source and of not in DERIVED
    ]
    homeless += [
        f"{passage.name}.{column}"
        for passage in passages
        if passage.name not in SPLIT
        for column in passage.source.columns
        if column not in passage.columns
    ]
    if homeless:
        raise StoreError(f"The store cannot be moved: PostgreSQL has no place for {', '.join(sorted(homeless))}.")
    return sorted(passages, key=lambda passage: (passage.name != "mention_key", passage.name != "mention"))


def _columns(source: SqliteTable, target: PostgresTable) -> Iterator[tuple[str, str]]:
    for column, kind in target.columns.items():
        if column in source.columns:
            yield column, expression(column, source.columns[column], as_kind=kind)
        elif column == "first_seen" and "mention" in source.columns:
            yield column, f"(SELECT m.first_seen FROM mention m WHERE m.n = t.{quoted('mention')})"
        elif column == "n" and source.has_rowid:
            yield column, "t.rowid"
