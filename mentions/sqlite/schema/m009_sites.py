"""Whose turn it is at a host, which are left alone and why, their robots.txt, and versions of pages."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("ALTER TABLE host ADD COLUMN free TEXT")
    db.execute(
        "CREATE TABLE cooling (source TEXT NOT NULL, site TEXT NOT NULL, reason TEXT NOT NULL, "
        "detail TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, times INTEGER NOT NULL, "
        "shared INTEGER NOT NULL, PRIMARY KEY (source, site)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE robots (site TEXT PRIMARY KEY, fetched TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE page_version (source TEXT NOT NULL, url TEXT NOT NULL, asker TEXT NOT NULL, etag TEXT, "
        "modified TEXT, seen TEXT NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID"
    )
