"""Retention and erasure on PostgreSQL: dead rows are vacuumed, months that hold nothing any more are dropped."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

import psycopg

from mentions.postgres.database import PostgresDatabase
from mentions.sql.database import Row, Transaction
from mentions.sql.life import SqlLife
from mentions.sql.removing import NUMBERED, OF_MENTION
from mentions.sql.removing import PARTITIONED as OF_MENTION_BY_MONTH
from mentions.sql.retaining import OF_INCIDENT
from mentions.sql.rows import iso
from mentions.store import StoreError

PARTITIONED = ("mention", *OF_MENTION_BY_MONTH)
WHOLE = (
    *("author", "mention_key", "task", "incident", "hourly_change", "hourly_sum"),
    *NUMBERED,
    *OF_INCIDENT,
    *(table for table in OF_MENTION if table not in OF_MENTION_BY_MONTH),
)
"""The tables, not partitioned, from which an erasure takes rows."""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.life', 0))"
MONTHS_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.partition_month', 0))"
OLD_MONTHS = """
SELECT month FROM partition_month
WHERE month < date_trunc('month', ?::timestamptz AT TIME ZONE 'UTC') - interval '1 month' ORDER BY month
"""
PATIENCE = "500ms"
"""How long dropping a month waits for its tables. After a second PostgreSQL would look for deadlocks and end one
of those who wait; so it is always this one that gives up, until the next day."""
ELSEWHERE = """
SELECT current_setting('archive_mode') AS archive_mode, current_setting('wal_level') AS wal_level,
       current_setting('wal_keep_size') AS wal_keep_size, current_setting('max_wal_size') AS max_wal_size,
       current_setting('checkpoint_timeout') AS checkpoint_timeout,
       (SELECT count(*) FROM pg_replication_slots)::text AS replication_slots,
       (SELECT count(*) FROM pg_stat_replication)::text AS replicas,
       (SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver) AS last_archived_wal
"""


class PostgresLife(SqlLife):
    """Life on PostgreSQL."""

    GIVE_WAY: ClassVar[float] = 0.0
    _db: PostgresDatabase

    def _unindex(self, tx: Transaction, rows: Sequence[Row]) -> None:
        pass  # a mention's words stand in its row

    def _lock(self, tx: Transaction) -> None:
        tx.execute(LOCK)

    def _between(self) -> object:
        pass  # PostgreSQL looks after its log

    def _check_room(self) -> None:
        pass  # VACUUM frees rows where they stand

    def _purge(self, months: Collection[datetime]) -> None:
        names = {f"_{at:%Y_%m}" for at in months}
        made = {
            row["name"]
            for row in self._db.rows(
                "SELECT c.relname AS name FROM pg_class c WHERE c.relispartition AND c.relkind = 'r' "
                "AND c.relnamespace = current_schema()::regnamespace"
            )
        }
        touched = {name for name in made if name[-8:] in names} if months else made
        connection = self._db.open_connection()
        try:
            with self._db.understood():
                for name in (*sorted(touched), *WHOLE):
                    connection.execute(f'VACUUM "{name}"'.encode())
        finally:
            connection.close()

    def _tidy(self, now: datetime) -> int:
        months = [row["month"] for row in self._db.rows(OLD_MONTHS, (iso(now),))]
        return sum(self._drop(f"_{month:%Y_%m}", month.isoformat()) for month in months)

    def _drop(self, suffix: str, month: str) -> bool:
        """Drop a month's partitions if no mention is in them, and nobody is at work on its tables."""
        if self._db.rows(f"SELECT 1 FROM mention{suffix} LIMIT 1"):
            return False
        try:
            with self._db.transaction() as tx:
                tx.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                tx.execute(MONTHS_LOCK)
                for table in PARTITIONED:
                    tx.execute(f"LOCK TABLE ONLY {table} IN ACCESS EXCLUSIVE MODE")
                if tx.execute(f"SELECT 1 FROM mention{suffix} LIMIT 1").fetchone():
                    return False
                tx.execute(f"DROP TABLE {', '.join(table + suffix for table in PARTITIONED)}")
                tx.execute("DELETE FROM partition_month WHERE month = ?", (month,))
        except StoreError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                return False
            raise
        return True

    def elsewhere(self) -> dict[str, str]:
        """See Life.elsewhere."""
        return {name: str(value) for name, value in dict(self._db.rows(ELSEWHERE)[0]).items()}
