"""A PostgreSQL store as it is at one moment: its tables, and their rows in the order of a key."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from mentions.moving.canon import Sum, summed
from mentions.postgres.database import Connection, PostgresDatabase

INTEGERS = frozenset({"smallint", "integer", "bigint"})
FLOATS = frozenset({"real", "double precision"})
TABLES = """
SELECT c.relname AS name,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum) AS kinds,
       coalesce((SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
                 FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey::int2[])
                 WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS key
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid, c.relname ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class PostgresTable:
    """A table and its columns with their types. `key` is empty where it has none."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]


class PostgresView:
    """A connection inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def tables(self) -> dict[str, PostgresTable]:
        """All tables of the schema, partitions not named apart."""
        return {
            row["name"]: PostgresTable(
                row["name"], dict(zip(row["columns"], row["kinds"], strict=True)), tuple(row["key"])
            )
            for row in self.connection.execute(TABLES.encode())
        }

    def rows(
        self, table: PostgresTable, columns: Sequence[str], *, order: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        """Rows in this order, one at a time, in the form of SQLite's."""
        kinds = [table.columns[column] for column in columns]
        query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
            sql.SQL(", ").join(map(_expression, columns, kinds)),
            sql.Identifier(table.name),
            sql.SQL(", ").join(_ordered(column, table.columns[column]) for column in order),
        )
        with self.connection.cursor().copy(query) as copy:
            copy.set_types([_loaded(kind) for kind in kinds])
            yield from copy.rows()

    def sum(self, table: PostgresTable, columns: Sequence[str], *, order: Sequence[str]) -> Sum:
        """The sum of some columns of the table."""
        return summed(self.rows(table, columns, order=order))

    def sums(self) -> dict[str, Sum]:
        """The sum of every table, its columns in the order of their names."""
        return {
            table.name: self.sum(table, sorted(table.columns), order=table.key or tuple(table.columns))
            for table in self.tables().values()
        }


def _expression(column: str, kind: str) -> sql.Composable:
    name = sql.Identifier(column)
    if kind in INTEGERS | FLOATS | {"text"}:
        return name
    if kind == "boolean":
        return sql.SQL("{}::int").format(name)
    if kind == "timestamp with time zone":
        return sql.SQL("""to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""").format(name)
    return sql.SQL("{}::text").format(name)


def _ordered(column: str, kind: str) -> sql.Composable:
    if kind in {"json", "xml"}:
        return sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(column))
    return sql.SQL('{} COLLATE "C"' if kind == "text" else "{}").format(sql.Identifier(column))


def _loaded(kind: str) -> str:
    return "float8" if kind in FLOATS else "int8" if kind in INTEGERS | {"boolean"} else "text"


@contextmanager
def viewed(database: PostgresDatabase) -> Iterator[PostgresView]:
    """Look at the schema as it is now, whatever is written meanwhile. StoreError where it cannot be."""
    connection = database.open_connection()
    try:
        with database.understood():
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute("SET LOCAL bytea_output = hex")
            yield PostgresView(connection)
            connection.execute("COMMIT")
    finally:
        connection.close()
