"""Words that are looked for, in SQL: the table `sought`."""

from collections.abc import Sequence
from datetime import datetime

from mentions.sought import Seeking, Sought
from mentions.sql.database import Database
from mentions.sql.rows import iso, time

MOST = 6
"""Words that are looked for at a time, each one page of each source that can search, at each of its visits."""


class SqlSeeking(Seeking):
    """Seeking in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def seek(self, mention_id: str, words: Sequence[str], brand: str, *, at: datetime, until: datetime) -> None:
        """See Seeking.seek. What is over is forgotten with it."""
        with self._db.transaction() as tx:
            tx.execute(
                f"DELETE FROM sought WHERE until <= ? OR mention = (SELECT n FROM {self._db.KEYS} WHERE id = ?)",
                (iso(at), mention_id),
            )
            tx.executemany(
                "INSERT INTO sought (mention, words, brand, at, until) "
                f"SELECT n, ?, ?, ?, ? FROM {self._db.KEYS} WHERE id = ?",
                [(said, brand, iso(at), iso(until), mention_id) for said in dict.fromkeys(words)],
            )

    def sought(self, at: datetime) -> list[Sought]:
        """See Seeking.sought."""
        listed = self._db.rows(
            "SELECT k.id, s.words, s.brand, s.at, s.until "
            f"FROM sought s JOIN {self._db.KEYS} k ON k.n = s.mention "
            "WHERE s.until > ? AND EXISTS (SELECT 1 FROM incident_mention h JOIN incident i "
            "ON i.id = h.incident_id AND i.state <> 'resolved' WHERE h.mention_id = k.id) "
            "ORDER BY s.at DESC, s.mention DESC, s.words LIMIT ?",
            (iso(at), MOST),
        )
        return [
            Sought(row["id"], row["words"], row["brand"], time(row["at"]), time(row["until"])) for row in listed
        ]
