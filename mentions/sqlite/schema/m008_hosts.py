"""When each host last answered: the pause between two requests holds from one visit to the next."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("CREATE TABLE host (name TEXT PRIMARY KEY, asked TEXT NOT NULL) WITHOUT ROWID")
