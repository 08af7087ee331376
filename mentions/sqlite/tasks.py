"""The queues between the stages, on SQLite."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from mentions.sqlite.database import Database
from mentions.sqlite.rows import iso, time_or_none
from mentions.store import Backlog, Task, Tasks

PUT = """
INSERT INTO task (queue, mention, due) VALUES (?, ?, ?)
ON CONFLICT (queue, mention) DO UPDATE SET due = excluded.due, version = version + 1
"""
WAITING = """
SELECT mention FROM task
WHERE queue = ? AND quarantined = 0 AND due <= ? AND (owner IS NULL OR lease_until <= ?)
ORDER BY due LIMIT ?
"""
BY_ID = "mention = (SELECT n FROM mention WHERE id = ?)"


def put_tasks(tx: sqlite3.Connection, queue: str, due: Iterable[tuple[int, datetime]]) -> None:
    """Ask for work on mentions by their number, inside the caller's transaction."""
    tx.executemany(PUT, ((queue, n, iso(at)) for n, at in due))


class SqliteTasks(Tasks):
    """Tasks on SQLite: one row a queue and mention, claimed by conditional UPDATE."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, queue: str, mention_ids: Iterable[str], due: datetime) -> None:
        """See Tasks.put."""
        with self._db.transaction() as tx:
            tx.executemany(
                "INSERT INTO task (queue, mention, due) SELECT ?, n, ? FROM mention WHERE id = ? "
                "ON CONFLICT (queue, mention) DO UPDATE SET due = excluded.due, version = version + 1",
                ((queue, iso(due), mention_id) for mention_id in mention_ids),
            )

    def claim(self, queue: str, *, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Task]:
        """See Tasks.claim."""
        at = iso(now)
        if not self._db.rows(WAITING, (queue, at, at, 1)):
            return []  # a look costs no lock
        with self._db.transaction() as tx:
            claimed = tx.execute(
                "UPDATE task SET attempts = attempts + (owner IS NOT NULL), owner = ?, lease_until = ? "
                f"WHERE queue = ? AND mention IN ({WAITING}) "
                "RETURNING mention, version, attempts, due",
                (owner, iso(now + lease), queue, queue, at, at, limit),
            ).fetchall()
            ids = {
                row["n"]: row["id"]
                for task in claimed
                for row in tx.execute("SELECT n, id FROM mention WHERE n = ?", (task["mention"],))
            }
        claimed.sort(key=lambda row: row["due"])
        return [
            Task(queue, ids[row["mention"]], row["version"], row["attempts"])
            for row in claimed
            if row["mention"] in ids
        ]

    def done(self, tasks: Iterable[Task], *, owner: str) -> None:
        """See Tasks.done."""
        with self._db.transaction() as tx:
            for task in tasks:
                mine = (task.queue, task.mention_id, owner)
                tx.execute(
                    f"DELETE FROM task WHERE queue = ? AND {BY_ID} AND owner = ? AND version = ?",
                    (*mine, task.version),
                )
                tx.execute(
                    "UPDATE task SET owner = NULL, lease_until = NULL, attempts = 0 "
                    f"WHERE queue = ? AND {BY_ID} AND owner = ?",
                    mine,
                )

    def drop(self, queue: str, mention_ids: Iterable[str]) -> None:
        """See Tasks.drop."""
        with self._db.transaction() as tx:
            tx.executemany(
                f"DELETE FROM task WHERE queue = ? AND {BY_ID}",
                ((queue, mention_id) for mention_id in mention_ids),
            )

    def failed(self, task: Task, *, owner: str, error: str, retry_at: datetime, give_up_after: int) -> bool:
        """See Tasks.failed."""
        with self._db.transaction() as tx:
            row = tx.execute(
                "UPDATE task SET owner = NULL, lease_until = NULL, attempts = attempts + 1, error = ?, due = ?, "
                "quarantined = (attempts + 1 >= ?) "
                f"WHERE queue = ? AND {BY_ID} AND owner = ? RETURNING quarantined",
                (error, iso(retry_at), give_up_after, task.queue, task.mention_id, owner),
            ).fetchone()
        return row is not None and bool(row["quarantined"])

    def release(self, tasks: Iterable[Task], *, owner: str) -> None:
        """See Tasks.release."""
        with self._db.transaction() as tx:
            tx.executemany(
                f"UPDATE task SET owner = NULL, lease_until = NULL WHERE queue = ? AND {BY_ID} AND owner = ?",
                ((task.queue, task.mention_id, owner) for task in tasks),
            )

    def take_over(self, queue: str) -> None:
        """See Tasks.take_over."""
        with self._db.transaction() as tx:
            tx.execute("UPDATE task SET lease_until = '' WHERE queue = ? AND owner IS NOT NULL", (queue,))

    def revive(self, queue: str) -> None:
        """See Tasks.revive."""
        if not self._db.rows("SELECT 1 FROM task WHERE queue = ? AND quarantined = 1 LIMIT 1", (queue,)):
            return
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE task SET quarantined = 0, attempts = 0 WHERE queue = ? AND quarantined = 1", (queue,)
            )

    def backlog(self, queue: str) -> Backlog:
        """See Tasks.backlog."""
        row = self._db.rows(
            "SELECT coalesce(sum(1 - quarantined), 0) AS waiting, coalesce(sum(quarantined), 0) AS set_aside, "
            "min(CASE WHEN quarantined = 0 THEN due END) AS oldest FROM task WHERE queue = ?",
            (queue,),
        )[0]
        return Backlog(row["waiting"], time_or_none(row["oldest"]), row["set_aside"])
