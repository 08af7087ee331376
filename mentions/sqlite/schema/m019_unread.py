"""How many of the last looks in a row did not read their query, and whose channel a query addresses."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("ALTER TABLE coverage ADD COLUMN unread INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE coverage ADD COLUMN brand TEXT")
    db.execute(
        "UPDATE coverage SET unread = (SELECT count(*) FROM look l WHERE l.source = coverage.source "
        "AND l.query = coverage.query AND l.at > coalesce(coverage.read, ''))"
    )
