"""Removing mentions with every row that belongs to them: what retention and erasure share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.rows import iso
from mentions.sql.tables import ENGAGEMENT, HOT, MENTION_BRAND, REVISION, SCORE
from mentions.sql.words import WHEN, Words, chunks
from mentions.tasks import JUDGE
from mentions.tasks import SCORE as SCORE_QUEUE

PARTITIONED = tuple(table.name for table in (MENTION_BRAND, ENGAGEMENT, HOT, REVISION, SCORE))
"""Those of the next that PostgreSQL partitions."""
OF_MENTION = (*PARTITIONED, "evidence", "gone")
"""The tables whose rows begin with a mention's key; a new one belongs here."""
NUMBERED = ("fingerprint", "authenticity", "sought")
"""Those whose rows bear only its number; so does `task`."""
Key = tuple[int, object]
"""A mention's number, and when it was first seen as the database gives it."""
Unindex = Callable[[Transaction, Sequence[Row]], None]
"""Makes the search index forget mentions, from their rows with n, title and text."""


@dataclass(frozen=True, slots=True)
class Remover:
    """Deletes mentions, inside the caller's transaction."""

    db: Database
    words: Words
    unindex: Unindex

    def remove(self, tx: Transaction, keys: Sequence[Key], *, queues: Iterable[str]) -> int:
        """Delete the mentions of these keys and all that is keyed by them; returns how many there were."""
        listed = list(queues)
        gone = 0
        for chunk in chunks(keys):
            numbers = [n for n, _ in chunk]
            within, bounds = self.words.within("m", chunk)
            self.unindex(
                tx,
                tx.execute(
                    f"SELECT m.n, m.title, m.text FROM mention m WHERE m.n IN ({marks(numbers)}){within}",
                    (*numbers, *bounds),
                ).fetchall(),
            )
            for table in OF_MENTION:
                within, bounds = self.words.within(table, chunk)
                tx.execute(f"DELETE FROM {table} WHERE mention IN ({marks(numbers)}){within}", (*numbers, *bounds))
            for table in NUMBERED:
                tx.execute(f"DELETE FROM {table} WHERE mention IN ({marks(numbers)})", numbers)
            self._inherit(tx, numbers)
            tx.execute(
                f"DELETE FROM task WHERE queue IN ({marks(listed)}) AND mention IN ({marks(numbers)})",
                (*listed, *numbers),
            )
            within, bounds = self.words.within("mention", chunk)
            gone += tx.execute(
                f"DELETE FROM mention WHERE n IN ({marks(numbers)}){within}", (*numbers, *bounds)
            ).rowcount
            if self.db.KEYS != "mention":
                tx.execute(f"DELETE FROM {self.db.KEYS} WHERE n IN ({marks(numbers)})", numbers)
        return gone

    @staticmethod
    def _inherit(tx: Transaction, numbers: Sequence[int]) -> None:
        """Of what a mention that goes had said first, the earliest copy becomes the origin, else a repost."""
        orphaned = tx.execute(
            f"SELECT DISTINCT origin FROM fingerprint WHERE origin IN ({marks(numbers)}) ORDER BY origin", numbers
        ).fetchall()
        for origin in [row["origin"] for row in orphaned]:
            heir = tx.execute(
                "SELECT f.mention AS n FROM fingerprint f LEFT JOIN mention m ON m.n = f.mention "
                f"WHERE f.origin = ? ORDER BY f.distance IS NULL, {WHEN}, m.n LIMIT 1",
                (origin,),
            ).fetchone()["n"]
            tx.execute(
                "UPDATE fingerprint SET origin = NULL, distance = NULL, at = NULL WHERE mention = ?", (heir,)
            )
            tx.execute("UPDATE fingerprint SET origin = ? WHERE origin = ?", (heir, origin))
            tx.execute("UPDATE mention_brand SET original = ? WHERE mention = ?", (True, heir))

    def queues(self) -> list[str]:
        """Every queue that holds anything, so that a mention's tasks are found by the primary key."""
        found = {row["queue"] for row in self.db.rows("SELECT DISTINCT queue FROM task")}
        return sorted(found | {SCORE_QUEUE, JUDGE})

    def forget_authors(
        self, tx: Transaction, authors: Iterable[tuple[str, str]], *, seen_by: datetime | None = None
    ) -> int:
        """Delete those of the authors of whom no post is left; returns how many.

        One who was seen again after `seen_by` stays: somebody is storing a post of his at this moment.
        """
        seen, values = ("", ()) if seen_by is None else ("AND (updated IS NULL OR updated <= ?) ", (iso(seen_by),))
        return sum(
            tx.execute(
                f"DELETE FROM author WHERE platform = ? AND id = ? {seen}"
                "AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.author_id = author.id "
                "AND m.author_platform = author.platform)",
                (platform, author, *values),
            ).rowcount
            for platform, author in sorted(set(authors))
        )
