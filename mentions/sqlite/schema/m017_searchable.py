"""How far the search index is: it used to be as far as the posts."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("CREATE TABLE searchable (upto INTEGER NOT NULL)")
    db.execute("INSERT INTO searchable SELECT coalesce(max(n), 0) FROM mention")
