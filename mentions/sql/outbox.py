"""Messages on their way, in SQL."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from mentions.outbox import Notification, Outbox
from mentions.sql import rows
from mentions.sql.database import Database, Row
from mentions.sql.rows import LONG_AGO, iso
from mentions.text import scrub
from mentions.types import Severity

# An all-clear waits for its alarm, or a false alarm would be the last word; an alarm that rises waits for nothing.
DUE = """
SELECT id FROM notification n
WHERE channel = ? AND next_attempt <= ?
  AND (state = 'pending' OR (state = 'sending' AND lease_until <= ?))
  AND (reason <> 'resolved' OR NOT EXISTS (
      SELECT 1 FROM notification e
      WHERE e.incident_id = n.incident_id AND e.channel = n.channel AND e.id < n.id
        AND e.state IN ('pending', 'sending')))
ORDER BY id LIMIT 1
"""


class SqlOutbox(Outbox):
    """Outbox in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(
        self,
        incident_id: int,
        channels: Iterable[str],
        *,
        reason: str,
        severity: Severity,
        payload: dict[str, Any],
        at: datetime,
    ) -> None:
        """See Outbox.put."""
        with self._db.transaction() as tx:
            tx.executemany(
                "INSERT INTO notification (incident_id, channel, reason, severity, payload, state, created, "
                "next_attempt, attempts, possible_repeat) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, 0, ?)",
                (
                    (incident_id, channel, reason, severity, rows.dumps(payload), iso(at), iso(at), False)
                    for channel in channels
                ),
            )

    def claim(self, *, now: datetime, lease: timedelta, channels: Collection[str]) -> Iterator[Notification]:
        """See Outbox.claim."""
        for channel in channels:
            row = self._lease(channel, iso(now), iso(now + lease))
            if row is not None:
                yield rows.notification(row)

    def _lease(self, channel: str, now: str, until: str) -> Row | None:
        if not self._db.rows(DUE, (channel, now, now)):
            return None  # a look costs no lock
        with self._db.transaction() as tx:
            row: Row | None = tx.execute(
                # Found in "sending" with its lease over: whoever held it died after it may have been sent.
                f"WITH due AS MATERIALIZED ({DUE} {self._db.SKIP_LOCKED}) "
                "UPDATE notification SET possible_repeat = possible_repeat OR state = 'sending', "
                "state = 'sending', attempts = attempts + 1, lease_until = ? "
                "WHERE id IN (SELECT id FROM due) RETURNING *",
                (channel, now, now, until),
            ).fetchone()
        return row

    def sent(self, notification: Notification, *, at: datetime, receipt: str | None) -> None:
        """See Outbox.sent."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE notification SET state = 'sent', sent = ?, receipt = ?, lease_until = NULL, "
                "last_error = NULL WHERE id = ?",
                (iso(at), None if receipt is None else scrub(receipt), notification.id),
            )

    def failed(
        self, notification: Notification, *, error: str, retry_at: datetime | None, possible_repeat: bool
    ) -> None:
        """See Outbox.failed."""
        state, due = ("failed", notification.next_attempt) if retry_at is None else ("pending", retry_at)
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE notification SET state = ?, next_attempt = ?, last_error = ?, lease_until = NULL, "
                "possible_repeat = possible_repeat OR ? WHERE id = ? AND state = 'sending' AND attempts = ?",
                (state, iso(due), scrub(error), possible_repeat, notification.id, notification.attempts),
            )

    def due(self, channel: str, now: datetime) -> bool:
        """See Outbox.due."""
        return bool(self._db.rows(DUE, (channel, iso(now), iso(now))))

    def take_over(self, channel: str) -> None:
        """See Outbox.take_over."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE notification SET lease_until = ? WHERE state = 'sending' AND channel = ?",
                (iso(LONG_AGO), channel),
            )

    def hold(self, channel: str, until: datetime) -> None:
        """See Outbox.hold."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE notification SET next_attempt = ? "
                "WHERE channel = ? AND state = 'pending' AND next_attempt < ?",
                (iso(until), channel, iso(until)),
            )

    def retry_failed(self, channels: Collection[str], at: datetime) -> int:
        """See Outbox.retry_failed."""
        with self._db.transaction() as tx:
            return sum(
                tx.execute(
                    "UPDATE notification SET state = 'pending', next_attempt = ? "
                    "WHERE state = 'failed' AND channel = ?",
                    (iso(at), channel),
                ).rowcount
                for channel in channels
            )

    def of_incident(self, incident_id: int) -> list[Notification]:
        """See Outbox.of_incident."""
        listed = self._db.rows("SELECT * FROM notification WHERE incident_id = ? ORDER BY id", (incident_id,))
        return [rows.notification(row) for row in listed]

    def unsent(self) -> list[Notification]:
        """See Outbox.unsent."""
        listed = self._db.rows("SELECT * FROM notification WHERE state NOT IN ('sent', 'cancelled') ORDER BY id")
        return [rows.notification(row) for row in listed]
