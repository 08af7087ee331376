"""Words of posts that people sent in, which sources look for."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute(
        "CREATE TABLE sought (mention INTEGER NOT NULL, words TEXT NOT NULL, brand TEXT NOT NULL, "
        "at TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (mention, words)) WITHOUT ROWID"
    )
