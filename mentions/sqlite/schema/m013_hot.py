"""Where entries stood on hot lists, over time."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute(
        "CREATE TABLE hot (mention INTEGER NOT NULL, at TEXT NOT NULL, until TEXT, rank INTEGER NOT NULL, "
        "heat INTEGER, tag TEXT NOT NULL, PRIMARY KEY (mention, at)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX idx_hot_standing ON hot (mention) WHERE until IS NULL")
