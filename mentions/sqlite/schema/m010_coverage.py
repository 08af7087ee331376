"""Looks at queries and how much they miss, refused pages, and what pages are built of."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.table("look").create(
        {
            "id": int,
            "source": str,
            "query": str,
            "run": int,
            "at": str,
            "pages": int,
            "shown": int,
            "known": int,
            "oldest": str,
            "newest": str,
            "cap_hit": int,
            "outcome": str,
            "posts": str,
        },
        pk="id",
    )
    db.table("look").create_index(["source", "query", "id"])
    db.table("look").create_index(["at"])
    db.execute(
        "CREATE TABLE coverage (source TEXT NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL, "
        "capped INTEGER NOT NULL, worked TEXT, basis TEXT, share REAL, low REAL, high REAL, one_look REAL, "
        "looks INTEGER, posts INTEGER, gap_seconds REAL, PRIMARY KEY (source, query)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE refusal (source TEXT NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL, at TEXT NOT NULL, "
        "url TEXT NOT NULL, status INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, "
        "size INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (source, reason, day))"
    )
    db.execute(
        "CREATE TABLE page_shape (source TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, "
        "pages INTEGER NOT NULL, parts TEXT NOT NULL, gone TEXT NOT NULL, changed TEXT NOT NULL, "
        "drift REAL NOT NULL, PRIMARY KEY (source, kind)) WITHOUT ROWID"
    )
