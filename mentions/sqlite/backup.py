"""A copy of the SQLite file while it is in use, and the exchange of one file for another."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from mentions.oslock import OsLock
from mentions.store import StoreError

BUSY_SECONDS = 60.0
HEADER = b"SQLite format 3\0"


def stages_seen(path: Path) -> set[str]:
    """The stages that ever ran on a store, by their lock files."""
    prefix, suffix = f"{path.name}.", ".lock"
    found = {
        file.name.removeprefix(prefix).removesuffix(suffix) for file in path.parent.glob(f"{path.name}.*{suffix}")
    }
    return found - {""}


@contextmanager
def stopped(path: Path, stages: Iterable[str], who: str) -> Iterator[None]:
    """Be the only one that works on a store that may be missing or damaged; Held says who else does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for stage in sorted({*stages, *stages_seen(path)}):
            lock = OsLock(path.with_name(f"{path.name}.{stage}.lock"))
            held.callback(lock.close)
            held.enter_context(lock.exclusive_now(f"{stage}: {who}"))
        writer = OsLock(path.with_name(f"{path.name}.lock"))
        held.callback(writer.close)
        held.enter_context(writer.exclusive())
        yield


def copy_file(source: Path, target: Path) -> None:
    """Copy a store as it is at one moment; its writers go on, and see nothing of it.

    A reader that checkpoints nothing keeps the rules of mentions/sqlite/database.py. StoreError where it fails.
    """
    here = there = None
    try:
        here = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        there = sqlite3.connect(target)
        here.backup(there)
    except sqlite3.Error as error:
        raise StoreError(f"The mention store {source} could not be copied to {target}: {error}.") from error
    finally:
        for connection in (here, there):
            if connection is not None:
                connection.close()


def exchange(path: Path, new: Path, at: datetime) -> Path | None:
    """Put a file in the place of the store, which is moved aside whole; where to, or None if there was none.

    Only while nobody else uses the store: see `stopped`. A crash leaves the old store in its place, or (where its
    log could not become part of it) aside, with the log beside its old name: then no empty store is made there.
    """
    aside = path.with_name(f"{path.name}.before-{at:%Y%m%dT%H%M%S}")
    _empty_log(path)
    log, shared = (path.with_name(path.name + part) for part in ("-wal", "-shm"))
    whole = not (log.exists() and log.stat().st_size)
    moved = path.exists() or not whole
    if path.exists():
        _look_like(new, path)
    if path.exists() and whole:
        aside.hardlink_to(path)
    elif path.exists():
        path.rename(aside)
    for part in (log, shared):
        if part.exists():
            part.rename(aside.with_name(aside.name + part.name.removeprefix(path.name)))
    new.replace(path)
    sync_folder(path.parent)
    return aside if moved else None


def _look_like(new: Path, old: Path) -> None:
    """Give a file the owner and the rights of another: root may restore what a service works with."""
    found = old.stat()
    new.chmod(found.st_mode & 0o777)
    with suppress(PermissionError):
        os.chown(new, found.st_uid, found.st_gid)


def _empty_log(path: Path) -> None:
    """Let the log become part of the file, so that one file holds all; a damaged one is moved as it is."""
    if not path.exists():
        return
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            return  # SQLite removes the log of what it takes for no database
    if path.with_name(f"{path.name}-wal").exists():
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(path)
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()


def sync_folder(folder: Path) -> None:
    """Let a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
