"""The queues between the stages, in SQL: one row a queue and mention, claimed by conditional UPDATE."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from mentions.sql.database import Database, Transaction, marks
from mentions.sql.rows import LONG_AGO, iso, time_or_none
from mentions.tasks import Backlog, Task, Tasks
from mentions.text import scrub

ON_CONFLICT = (
    "ON CONFLICT (queue, mention) DO UPDATE SET due = excluded.due, version = task.version + 1, "
    "danger = excluded.danger"
)
WAITING = """
SELECT mention FROM task
WHERE queue = ? AND quarantined = ? AND due <= ? AND (owner IS NULL OR lease_until <= ?)
ORDER BY {} LIMIT ?
"""
OLDEST, WORST = "due", "danger DESC, due"


class SqlTasks(Tasks):
    """Tasks in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._by_id = f"mention = (SELECT n FROM {db.KEYS} WHERE id = ?)"

    def put(self, queue: str, mention_ids: Iterable[str], due: datetime, *, danger: int = 0) -> None:
        """See Tasks.put."""
        with self._db.transaction() as tx:
            tx.executemany(
                "INSERT INTO task (queue, mention, due, danger) "
                f"SELECT ?, n, ?, ? FROM {self._db.KEYS} WHERE id = ? {ON_CONFLICT}",
                [(queue, iso(due), danger, mention_id) for mention_id in sorted(set(mention_ids))],
            )

    def claim(
        self,
        queue: str,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        worst_first: bool = False,
    ) -> list[Task]:
        """See Tasks.claim."""
        at, order = iso(now), WORST if worst_first else OLDEST
        if not self.due(queue, now):
            return []  # a look costs no lock
        with self._db.transaction() as tx:
            claimed = tx.execute(
                f"WITH waiting AS MATERIALIZED ({WAITING.format(order)} {self._db.SKIP_LOCKED}) "
                "UPDATE task SET attempts = attempts + CASE WHEN owner IS NULL THEN 0 ELSE 1 END, "
                "owner = ?, lease_until = ? WHERE queue = ? AND mention IN (SELECT mention FROM waiting) "
                "RETURNING mention, version, attempts, due, danger",
                (queue, False, at, at, limit, owner, iso(now + lease), queue),
            ).fetchall()
            numbers = [row["mention"] for row in claimed]
            named = f"SELECT n, id FROM {self._db.KEYS} WHERE n IN ({marks(numbers)})"
            ids = {row["n"]: row["id"] for row in tx.execute(named, numbers).fetchall()} if numbers else {}
        claimed.sort(key=lambda row: (-row["danger"] if worst_first else 0, row["due"]))
        return [
            Task(queue, ids[row["mention"]], row["version"], row["attempts"], row["danger"])
            for row in claimed
            if row["mention"] in ids
        ]

    def due(self, queue: str, now: datetime) -> bool:
        """See Tasks.due."""
        return bool(self._db.rows(WAITING.format(OLDEST), (queue, False, iso(now), iso(now), 1)))

    def done(self, tasks: Iterable[Task], *, owner: str) -> set[str]:
        """See Tasks.done."""
        held: set[str] = set()
        with self._db.transaction() as tx:
            for task in tasks:
                mine = (task.queue, task.mention_id, owner)
                gone = tx.execute(
                    f"DELETE FROM task WHERE queue = ? AND {self._by_id} AND owner = ? AND version = ?",
                    (*mine, task.version),
                )
                if gone.rowcount or self._unclaim(tx, mine):
                    held.add(task.mention_id)
        return held

    def _unclaim(self, tx: Transaction, mine: tuple[str, str, str]) -> int:
        """What was asked for again while it was being done waits for the next one."""
        return tx.execute(
            "UPDATE task SET owner = NULL, lease_until = NULL, attempts = 0 "
            f"WHERE queue = ? AND {self._by_id} AND owner = ?",
            mine,
        ).rowcount

    def drop(self, queue: str, mention_ids: Iterable[str]) -> None:
        """See Tasks.drop."""
        with self._db.transaction() as tx:
            tx.executemany(
                f"DELETE FROM task WHERE queue = ? AND {self._by_id}",
                [(queue, mention_id) for mention_id in mention_ids],
            )

    def failed(self, task: Task, *, owner: str, error: str, retry_at: datetime, give_up_after: int) -> bool:
        """See Tasks.failed."""
        with self._db.transaction() as tx:
            row = tx.execute(
                "UPDATE task SET owner = NULL, lease_until = NULL, attempts = attempts + 1, error = ?, due = ?, "
                "quarantined = (attempts + 1 >= ?) "
                f"WHERE queue = ? AND {self._by_id} AND owner = ? RETURNING quarantined",
                (scrub(error), iso(retry_at), give_up_after, task.queue, task.mention_id, owner),
            ).fetchone()
        return row is not None and bool(row["quarantined"])

    def release(self, tasks: Iterable[Task], *, owner: str) -> None:
        """See Tasks.release."""
        with self._db.transaction() as tx:
            tx.executemany(
                "UPDATE task SET owner = NULL, lease_until = NULL "
                f"WHERE queue = ? AND {self._by_id} AND owner = ?",
                [(task.queue, task.mention_id, owner) for task in tasks],
            )

    def take_over(self, queue: str) -> None:
        """See Tasks.take_over."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE task SET lease_until = ? WHERE queue = ? AND owner IS NOT NULL", (iso(LONG_AGO), queue)
            )

    def revive(self, queue: str) -> None:
        """See Tasks.revive."""
        set_aside = "WHERE queue = ? AND quarantined = ?"
        if not self._db.rows(f"SELECT 1 FROM task {set_aside} LIMIT 1", (queue, True)):
            return
        with self._db.transaction() as tx:
            tx.execute(f"UPDATE task SET quarantined = ?, attempts = 0 {set_aside}", (False, queue, True))

    def backlog(self, queue: str) -> Backlog:
        """See Tasks.backlog."""
        row = self._db.rows(
            "SELECT count(*) FILTER (WHERE NOT quarantined) AS waiting, "
            "count(*) FILTER (WHERE quarantined) AS set_aside, "
            "min(due) FILTER (WHERE NOT quarantined) AS oldest FROM task WHERE queue = ?",
            (queue,),
        )[0]
        return Backlog(row["waiting"], time_or_none(row["oldest"]), row["set_aside"])
