"""Bytes a mention, and where they are."""

from benchmarks.results import Line
from benchmarks.volume.stores import database
from mentions.sqlite.database import SqliteDatabase
from mentions.store import Store

LARGEST = 12
SQLITE = "SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC"
POSTGRES = """
SELECT name, sum(bytes)::bigint AS bytes FROM (
    SELECT coalesce(over.relname, c.relname) AS name, pg_table_size(c.oid) AS bytes
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class over ON over.oid = i.inhparent
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'i')) sized
GROUP BY name ORDER BY bytes DESC
"""


def lines(name: str, store: Store, mentions: int) -> list[Line]:
    """The whole, and the largest tables and indexes."""
    db = database(store)
    parts = db.rows(SQLITE if isinstance(db, SqliteDatabase) else POSTGRES)
    return [
        Line(f"{name}.bytes", "bytes a mention on disk", store.size() / mentions, "B"),
        *(
            Line(f"{name}.bytes", f"of which {row['name']}", row["bytes"] / mentions, "B")
            for row in parts[:LARGEST]
            if row["bytes"] > mentions
        ),
    ]
