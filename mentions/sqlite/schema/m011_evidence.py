"""Copies of posts, posts that are gone, how grave a task is, and what re-reading may still ask of a host."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("ALTER TABLE task ADD COLUMN danger INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "CREATE TABLE evidence (mention INTEGER NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, "
        "kind TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, frozen TEXT, "
        "PRIMARY KEY (mention, sha256))"
    )
    db.execute(
        "CREATE TABLE gone (mention INTEGER NOT NULL, since TEXT NOT NULL, confirmed TEXT, back TEXT, "
        "PRIMARY KEY (mention)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE reread_budget (host TEXT NOT NULL, owed REAL NOT NULL, at TEXT NOT NULL, "
        "PRIMARY KEY (host)) WITHOUT ROWID"
    )
