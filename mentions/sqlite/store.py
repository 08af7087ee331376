"""The Store over one SQLite file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlite_utils

from mentions.sqlite.database import BUSY_SECONDS, Database
from mentions.sqlite.incidents import SqliteIncidents
from mentions.sqlite.migrations import migrations
from mentions.sqlite.outbox import SqliteOutbox
from mentions.sqlite.posts import SqlitePosts
from mentions.sqlite.runs import SqliteRuns
from mentions.sqlite.tasks import SqliteTasks
from mentions.store import Store


class SqliteStore(Store):
    """Opens (and makes, and migrates) the file; StoreError says why where that fails."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.database = Database(path, busy_seconds=busy_seconds)
        self._migrate()
        self.posts = SqlitePosts(self.database)
        self.tasks = SqliteTasks(self.database)
        self.runs = SqliteRuns(self.database)
        self.incidents = SqliteIncidents(self.database)
        self.outbox = SqliteOutbox(self.database)

    def _migrate(self) -> None:
        with self.database.alone() as connection:
            db = sqlite_utils.Database(connection)
            if migrations.pending(db):
                migrations.apply(db)

    @contextmanager
    def transaction(self, *, wait: bool = True, durable: bool = True) -> Iterator[None]:
        """See Store.transaction."""
        with self.database.transaction(wait=wait, durable=durable):
            yield

    def maintain(self) -> None:
        """See Store.maintain."""
        self.database.still_there()
        self.database.checkpoint()

    def faults(self) -> list[str]:
        """See Store.faults."""
        said = [row[0] for row in self.database.rows("PRAGMA quick_check(5)")]
        return [] if said == ["ok"] else said

    def close(self) -> None:
        """See Store.close."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
