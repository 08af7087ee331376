"""When each query was asked for and read, how its last look ended, and since when its layout is not known."""

from sqlite_utils import Database


def step(db: Database) -> None:
    for column in ("since", "asked", "read", "outcome", "broken"):
        db.execute(f"ALTER TABLE coverage ADD COLUMN {column} TEXT")
    db.execute("UPDATE coverage SET since = at, asked = at, read = at, outcome = ''")
