"""Where a page was pictured, and what an authority signed of a copy."""

from sqlite_utils import Database


def step(db: Database) -> None:
    for column in ("url TEXT", "token BLOB", "stamped TEXT"):
        db.execute(f"ALTER TABLE evidence ADD COLUMN {column}")
    db.execute(
        "CREATE INDEX idx_evidence_unstamped ON evidence (frozen) WHERE frozen IS NOT NULL AND token IS NULL"
    )
