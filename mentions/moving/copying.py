"""Rows on their way into PostgreSQL: in chunks, each in one transaction with the row that says how far it came."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from psycopg import sql

from mentions.moving.plan import WORDS, Passage
from mentions.moving.sqlitefile import SqliteFile
from mentions.postgres.database import Connection
from mentions.postgres.indexing import cut
from mentions.sql.pages import words
from mentions.store import StoreError

CHUNK = 20_000
"""Rows of one commit: what a kill costs at most."""
PROGRESS = """
CREATE TABLE IF NOT EXISTS moving (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), source text NOT NULL, begun timestamptz NOT NULL,
    finished timestamptz, report json);
CREATE TABLE IF NOT EXISTS moving_table (
    name text PRIMARY KEY, place text, rows bigint NOT NULL, done boolean NOT NULL);
"""
"""`place` is JSON in ASCII: a key may hold what PostgreSQL's text refuses."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a move has come: so many of a table's rows are there, or are compared."""

    table: str
    rows: int
    total: int
    compared: bool = False


Tell = Callable[[Step], None]


def copy_table(source: SqliteFile, connection: Connection, passage: Passage, tell: Tell) -> bool:
    """Bring over what is not there yet; whether an earlier run had begun with it."""
    row = connection.execute(
        "SELECT place, rows, done FROM moving_table WHERE name = %s", (passage.name,)
    ).fetchone()
    place, count, done = (row["place"], row["rows"], row["done"]) if row else (None, 0, False)
    total = source.count(passage.source.name)
    if done:
        tell(Step(passage.name, count, total))
        return True
    reading = _rows(source, passage, None if place is None else json.loads(place))
    while not done:
        with connection.transaction():
            last, copied = _copy(connection, passage, islice(reading, CHUNK))
            done, count = copied < CHUNK, count + copied
            place = place if last is None else json.dumps(last)
            connection.execute(
                "INSERT INTO moving_table VALUES (%s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET "
                "place = excluded.place, rows = excluded.rows, done = excluded.done",
                (passage.name, place, count, done),
            )
        tell(Step(passage.name, count, total))
    return row is not None


def _rows(source: SqliteFile, passage: Passage, after: Any) -> Iterator[tuple[Any, ...]]:
    """Rows as PostgreSQL gets them, each behind the place at which it stands."""
    order = [f"t.{column}" for column in passage.source.place]
    reading = source.rows(passage.source, [*order, *passage.columns.values()], order=order, after=after)
    if not passage.indexed:
        return reading
    names = [*order, *passage.columns]
    title, text = names.index("title"), names.index("text")
    return ((*row, cut(words(row[title], row[text]))) for row in reading)


def _copy(
    connection: Connection, passage: Passage, rows: Iterator[tuple[Any, ...]]
) -> tuple[tuple[Any, ...] | None, int]:
    """Send some rows; the place of the last one and how many they were."""
    columns = [*passage.columns, WORDS] if passage.indexed else list(passage.columns)
    keys = len(passage.source.place)
    birth = keys + columns.index("first_seen") if passage.of_mention else None
    place, count = None, 0
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(passage.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(query) as copy:
        for row in rows:
            if birth is not None and row[birth] is None:
                raise StoreError(
                    f"The store cannot be moved: {passage.source.name} holds a row of mention {row[keys]}, "
                    "which does not exist. Delete that row, and run the command again."
                )
            copy.write_row(row[keys:])
            place, count = row[:keys], count + 1
    return place, count


def forget(connection: Connection, passage: Passage) -> None:
    """Empty a table, so that it is brought over anew."""
    with connection.transaction():
        names = [passage.name, *(("hourly_sum", "hourly_change") if passage.name == "mention_brand" else ())]
        connection.execute(
            sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(name) for name in names))
        )
        connection.execute("DELETE FROM moving_table WHERE name = %s", (passage.name,))
