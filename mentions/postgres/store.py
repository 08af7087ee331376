"""The Store over one PostgreSQL database."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from mentions.postgres.database import PATIENCE, Connection, PostgresDatabase
from mentions.postgres.life import LOCK as LOCK_LIFE
from mentions.postgres.life import PostgresLife
from mentions.postgres.migrations import migrate
from mentions.postgres.posts import PostgresPosts
from mentions.postgres.presence import Presence
from mentions.sql.copies import SqlCopies
from mentions.sql.evidence import SqlEvidence
from mentions.sql.fates import SqlFates
from mentions.sql.incidents import SqlIncidents
from mentions.sql.kept import SqlPages
from mentions.sql.looks import SqlLooks
from mentions.sql.outbox import SqlOutbox
from mentions.sql.runs import SqlRuns
from mentions.sql.sites import SqlSites
from mentions.sql.sought import SqlSeeking
from mentions.sql.tasks import SqlTasks
from mentions.sql.trends import COUNT, COUNTED, SqlTrends
from mentions.store import Held, Store

LOCK_COUNTS = ("LOCK TABLE hourly_change IN EXCLUSIVE MODE",)
RECOUNT = (
    "DELETE FROM hourly_change",
    "DELETE FROM hourly_sum",
    f"INSERT INTO hourly_sum ({COUNTED}, mentions) {COUNT}",
)
AHEAD = "interval '2 months'"
"""How long before it is needed a month has its partitions."""
TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || %s, 0)) AS held"
FREE_LOCK = "SELECT pg_advisory_unlock(hashtextextended(current_schema() || %s, 0))"
FOLDING = "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.fold', 0)) AS held"
HOLDER = """
SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(current_schema() || %s, 0)
"""


def is_made(url: str) -> bool:
    """Whether the database holds a store."""
    database = PostgresDatabase(url)
    try:
        with database.open_connection() as connection, database.understood():
            found = connection.execute("SELECT to_regclass('migration') IS NOT NULL AS made").fetchone()
    finally:
        database.close()
    return found is not None and bool(found["made"])


class PostgresStore(Store):
    """Connects to (and makes, and migrates) the schema; StoreError says why where that fails."""

    shared = True

    def __init__(self, url: str, *, name: str = "tingfeng", patience: float = PATIENCE) -> None:
        self.address = url
        self.database = PostgresDatabase(url, name=name, patience=patience)
        try:
            with self._session() as connection:
                migrate(connection, self.database.place)
                connection.execute(f"SELECT tingfeng_months(now() - interval '1 month', now() + {AHEAD})")
        except BaseException:
            self.database.close()
            raise
        self.posts = PostgresPosts(self.database)
        self.tasks = SqlTasks(self.database)
        self.runs = SqlRuns(self.database)
        self.looks = SqlLooks(self.database)
        self.pages = SqlPages(self.database)
        self.sites = SqlSites(self.database)
        self.incidents = SqlIncidents(self.database)
        self.evidence = SqlEvidence(self.database, self.posts)
        self.fates = SqlFates(self.database, self.posts)
        self.seeking = SqlSeeking(self.database)
        self.outbox = SqlOutbox(self.database)
        self.life = PostgresLife(self.database, self.posts.words, self.incidents)
        self.trends = SqlTrends(self.database, self.posts.words, lock=LOCK_COUNTS, recount=RECOUNT)
        self.copies = SqlCopies(self.database, self.posts.words, lock=(LOCK_LIFE,))
        self._presence = Presence(self.database)

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """A connection apart from the pool."""
        connection = self.database.open_connection()
        try:
            with self.database.understood():
                yield connection
        finally:
            connection.close()

    @contextmanager
    def transaction(self, *, wait: bool = True, durable: bool = True) -> Iterator[None]:
        """See Store.transaction."""
        with self.database.transaction(wait=wait, durable=durable):
            yield

    @contextmanager
    def only(self, stage: str, who: str) -> Iterator[None]:
        """See Store.only: an advisory lock, which PostgreSQL frees when its holder's connection ends."""
        with self._session() as connection:
            connection.execute("SELECT set_config('application_name', %s, false)", (f"{stage}: {who}"[:63],))
            locked = connection.execute(TRY_LOCK, (f".{stage}",)).fetchone()
            if locked is None or not locked["held"]:
                holder = connection.execute(HOLDER, (f".{stage}",)).fetchone()
                raise Held(holder["name"] if holder else "someone")
            try:
                yield
            finally:
                with suppress(psycopg.Error):  # its connection's end would free it as well, a moment later
                    connection.execute(FREE_LOCK, (f".{stage}",))

    @contextmanager
    def alive(self, owner: str) -> Iterator[None]:
        """See Store.alive."""
        with self._presence.alive(owner):
            yield

    def maintain(self) -> None:
        """See Store.maintain."""
        self._presence.stay()
        self._presence.bury()
        with self.database.transaction() as tx:
            tx.execute(f"SELECT tingfeng_months(now(), now() + {AHEAD})")
        self._fold()

    def _fold(self) -> None:
        """Add the changes of the roll-ups to their sums; one process at a time."""
        with self.database.transaction() as tx:
            if not tx.execute(FOLDING).fetchone()["held"]:
                return
            tx.execute(
                "WITH gone AS (DELETE FROM hourly_change RETURNING *) "
                f"INSERT INTO hourly_sum ({COUNTED}, mentions) "
                f"SELECT {COUNTED}, sum(mentions) FROM gone GROUP BY {COUNTED} "
                f"ON CONFLICT ({COUNTED}) "
                "DO UPDATE SET mentions = hourly_sum.mentions + excluded.mentions"
            )
            tx.execute("DELETE FROM hourly_sum WHERE mentions = 0")

    def size(self) -> int:
        """See Store.size."""
        found = self.database.rows(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
        )
        return int(found[0]["bytes"])

    def faults(self) -> list[str]:
        """See Store.faults. PostgreSQL looks after its own pages; ours is that every key leads to a row."""
        missing = self.database.rows(
            "SELECT k.n FROM mention_key k WHERE NOT EXISTS "
            "(SELECT 1 FROM mention m WHERE m.n = k.n AND m.first_seen = k.first_seen) LIMIT 5"
        )
        return [f"mention {row['n']} has a key and no row" for row in missing]

    def close(self) -> None:
        """See Store.close."""
        self.database.close()
