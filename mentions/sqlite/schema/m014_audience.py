"""When it was told how many follow an author; which posts answer another."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute("ALTER TABLE author ADD COLUMN followers_at TEXT")
    db.execute("UPDATE author SET followers_at = updated WHERE followers IS NOT NULL")
    db.execute("CREATE INDEX idx_mention_thread ON mention (thread) WHERE thread IS NOT NULL")
