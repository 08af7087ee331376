"""Retention and erasure on SQLite: the search index is told what it forgets, and the file is written anew."""

import os
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from typing import ClassVar

from mentions.sql.database import Row, Transaction
from mentions.sql.life import SqlLife
from mentions.sqlite.database import SqliteDatabase
from mentions.sqlite.words import WordIndex
from mentions.store import StoreError

MERGED = 2000
"""Pages of the search index (4 KB each) that are merged in one transaction."""
TEMPORARY = ("SQLITE_TMPDIR", "TMPDIR")
SPARE = 1.1
"""Room is asked for a little more than what is known to be needed."""


class SqliteLife(SqlLife):
    """Life on SQLite."""

    GIVE_WAY: ClassVar[float] = 0.25
    _db: SqliteDatabase

    def _unindex(self, tx: Transaction, rows: Sequence[Row]) -> None:
        WordIndex(self._db).forget(tx, rows)

    def _lock(self, tx: Transaction) -> None:
        pass  # there is one writer at a time

    def _between(self) -> object:
        return self._db.checkpoint()  # under cron nobody else keeps the log from growing

    def _check_room(self) -> None:
        """VACUUM writes the store twice: into a temporary file, and from there through the write-ahead log."""
        counted = "SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size"
        size = int(self._db.rows(counted)[0]["n"])
        store, temporary = self._db.path.parent, temporary_folder()
        together = store.stat().st_dev == temporary.stat().st_dev
        for folder, times in ((store, 2 if together else 1), (temporary, 2 if together else 1)):
            free, needed = disk_usage(folder).free, int(size * times * SPARE)
            if free < needed:
                raise StoreError(
                    f"Erasing writes the mention store anew: {folder} has to have {needed / 1e6:,.0f} MB free for "
                    f"that, and has {free / 1e6:,.0f}; nothing was erased."
                )

    def _purge(self, months: Collection[datetime]) -> None:  # noqa: ARG002 - one file holds all months
        self._merge_index()
        connection = self._db.connection
        with self._db.alone():
            # The copy would be made in memory otherwise: see the connection's settings.
            connection.execute("PRAGMA temp_store = FILE")
            try:
                connection.execute("VACUUM")
            finally:
                connection.execute("PRAGMA temp_store = MEMORY")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                f"The rows are erased, but somebody is reading {self._db.path}, so its old pages are still on the "
                "disk: end that reader, and run `tingfeng retain`."
            )

    def _merge_index(self) -> None:
        """Merge the whole search index into one segment: only there the words of deleted rows are left out."""
        pages, connection = -MERGED, self._db.connection
        while True:
            with self._db.transaction() as tx:
                before = connection.total_changes
                tx.execute("INSERT INTO mention_search (mention_search, rank) VALUES ('merge', ?)", (pages,))
                if connection.total_changes - before < 2:  # noqa: PLR2004 - FTS5's own sign that nothing is left
                    return
            pages = MERGED

    def _tidy(self, now: datetime) -> int:  # noqa: ARG002 - there are no partitions
        with self._db.transaction() as tx:
            tx.execute("DELETE FROM hourly WHERE mentions = 0")
        return 0

    def elsewhere(self) -> dict[str, str]:
        """See Life.elsewhere."""
        log = self._db.path.with_name(self._db.path.name + "-wal")
        size = 0
        with suppress(FileNotFoundError):
            size = log.stat().st_size
        return {"wal_bytes": str(size)}


def temporary_folder() -> Path:
    """Where SQLite makes its temporary files."""
    asked = [os.environ.get(name) for name in TEMPORARY]
    for folder in (*asked, "/var/tmp", "/usr/tmp", "/tmp"):  # noqa: S108 - SQLite's own list
        if folder and Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder)
    return Path(tempfile.gettempdir())
