"""The Store over one SQLite file."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from mentions.oslock import OsLock
from mentions.room import Room
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
from mentions.sqlite.database import BUSY_SECONDS, SqliteDatabase
from mentions.sqlite.life import SqliteLife
from mentions.sqlite.migrations import STEPS, migrations, unknown_steps
from mentions.sqlite.posts import SqlitePosts
from mentions.store import Store, StoreError

RECOUNT = ("DELETE FROM hourly", f"INSERT INTO hourly ({COUNTED}, mentions) {COUNT}")


class SqliteStore(Store):
    """Opens (and makes, and migrates) the file; StoreError says why where that fails."""

    shared = False

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS, floor: int = 0) -> None:
        self.address = str(path)
        self._floor = floor
        self.database = SqliteDatabase(path, busy_seconds=busy_seconds)
        self._migrate()
        self.posts = SqlitePosts(self.database)
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
        self.life = SqliteLife(self.database, self.posts.words, self.incidents)
        self.trends = SqlTrends(self.database, self.posts.words, recount=RECOUNT)
        self.copies = SqlCopies(self.database, self.posts.words)

    def _migrate(self) -> None:
        with self.database.alone() as connection:
            db = sqlite_utils.Database(connection)
            if unknown := unknown_steps(step.name for step in migrations.applied(db)):
                raise StoreError(
                    f"The mention store {self.database.path} was made by a newer version of Tingfeng (its schema "
                    f"has step {unknown[-1]}, this version knows {STEPS[-1]}): install that version here too."
                )
            if migrations.pending(db):
                migrations.apply(db)

    @contextmanager
    def transaction(self, *, wait: bool = True, durable: bool = True) -> Iterator[None]:
        """See Store.transaction."""
        with self.database.transaction(wait=wait, durable=durable):
            yield

    @contextmanager
    def only(self, stage: str, who: str) -> Iterator[None]:
        """See Store.only: a lock file beside the store."""
        path = self.database.path
        lock = OsLock(path.with_name(f"{path.name}.{stage}.lock"))
        try:
            with lock.exclusive_now(f"{stage}: {who}"):
                yield
        finally:
            lock.close()

    @contextmanager
    def alive(self, owner: str) -> Iterator[None]:  # noqa: ARG002 - `only` tells already
        """See Store.alive."""
        yield

    def maintain(self) -> None:
        """See Store.maintain."""
        self.database.still_there()
        try:
            self.posts.index()
        finally:  # on a full disk it is the checkpoint that makes room
            self.database.checkpoint()

    def size(self) -> int:
        """See Store.size."""
        path = self.database.path
        files = (path, path.with_name(path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def room(self) -> Room:
        """See Store.room. With a floor of 0 only a refused commit counts."""
        free = shutil.disk_usage(self.database.path.parent).free
        return Room(free, self._floor, refused=self.database.full)

    def faults(self) -> list[str]:
        """See Store.faults."""
        said = [row[0] for row in self.database.rows("PRAGMA quick_check(5)")]
        return [] if said == ["ok"] else said

    def close(self) -> None:
        """See Store.close."""
        self.database.close()
