"""Who is alive: each worker holds an advisory lock on its name for as long as it is connected.

A worker that is killed lets go of it at once, so its claims need not wait for their leases.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from mentions.postgres.database import Connection, PostgresDatabase
from mentions.sql.rows import LONG_AGO, iso


class Presence:
    """The workers of this process, and a look after those of all others."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._held: dict[str, Connection] = {}

    @contextmanager
    def alive(self, owner: str) -> Iterator[None]:
        """See Store.alive."""
        self._held[owner] = self._hold(owner)
        try:
            yield
        finally:
            self._held.pop(owner).close()

    def _hold(self, owner: str) -> Connection:
        connection = self._database.open_connection()
        with self._database.understood():
            # By its name it is known that this one, unlike a command that runs once, says when it dies.
            connection.execute("INSERT INTO worker (name) VALUES (%s) ON CONFLICT DO NOTHING", (owner,))
            connection.execute(
                "SELECT pg_advisory_lock(hashtextextended(current_schema() || '.alive.' || %s, 0))", (owner,)
            )
        return connection

    def stay(self) -> None:
        """Take the locks again whose connections broke."""
        for owner, connection in list(self._held.items()):
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                with suppress(psycopg.Error):
                    connection.close()
                self._held[owner] = self._hold(owner)

    def bury(self) -> None:
        """End the claims of owners whose process is gone. Only of such as were ever `alive`."""
        claims = self._database.rows(
            "SELECT DISTINCT t.owner FROM task t JOIN worker w ON w.name = split_part(t.owner, ':', 1) || ':' || "
            "split_part(t.owner, ':', 2) WHERE t.owner IS NOT NULL AND t.lease_until > ?",
            (iso(LONG_AGO),),
        )
        for row in claims:
            name = ":".join(row["owner"].split(":")[:2])
            if name not in self._held and self._is_dead(name):
                with self._database.transaction() as tx:
                    tx.execute("UPDATE task SET lease_until = ? WHERE owner = ?", (iso(LONG_AGO), row["owner"]))

    def _is_dead(self, name: str) -> bool:
        with self._database.transaction() as tx:
            locked = tx.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.alive.' || ?, 0)) "
                "AS free",
                (name,),
            )
            return bool(locked.fetchone()["free"])
