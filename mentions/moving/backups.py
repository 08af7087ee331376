"""`tingfeng store backup`, `verify` and `restore`: one file that holds a store, and says what has to be in it."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mentions.erasures import Replayed
from mentions.moving import archive
from mentions.moving.archive import BadBackup, Manifest
from mentions.moving.canon import Sum
from mentions.moving.sqlitefile import opened
from mentions.sqlite import SqliteStore
from mentions.sqlite.backup import copy_file, exchange, stopped
from mentions.sqlite.migrations import unknown_steps
from mentions.store import Store, StoreError
from mentions.stores import is_postgres, place

BESIDE = ".restoring"
"""What a store is called until it is known to be right."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, where the earlier store went, and what became of the erasures made again."""

    manifest: Manifest
    aside: str | None
    erasures: Replayed


Replay = Callable[[Store], Replayed]
"""Makes the erasures again that were asked for since the backup."""


def backup(store: Store, file: Path, *, version: str, at: datetime) -> Manifest:
    """Write the store as it is now to a file, while everybody goes on. StoreError where that fails."""
    if file.exists():
        raise BadBackup(f"{file} exists already: name another file.")
    with _workplace(file.parent) as folder:
        payload = folder / archive.PAYLOAD
        if isinstance(store, SqliteStore):
            manifest = _copy_sqlite(store, payload, version=version, at=at)
        else:
            from mentions.moving.postgresdump import dump_store  # noqa: PLC0415 - late: an extra that may be missing

            manifest = dump_store(store, payload, version=version, at=at)
        archive.write(file, manifest, payload)
    return manifest


def _copy_sqlite(store: SqliteStore, payload: Path, *, version: str, at: datetime) -> Manifest:
    copy_file(store.database.path, payload)
    with opened(payload, still=True) as copy:
        steps, tables = tuple(copy.migrations()), copy.sums()
    size, digest = archive.digest(payload)
    return Manifest("sqlite", at, version, steps, "", sqlite3.sqlite_version, tables, size, digest)


def verify(file: Path) -> Manifest:
    """Hold a backup against its manifest without restoring it; BadBackup says what is wrong.

    Of PostgreSQL's, the SHA-256 and the table of contents are looked at; the rows only by a restore.
    """
    with _workplace(file.parent) as folder:
        return _checked(file, folder / archive.PAYLOAD)


def _checked(file: Path, payload: Path) -> Manifest:
    """Unpack a backup and look at all that can be seen without a store."""
    manifest = archive.unpack(file, payload)
    if manifest.kind == "sqlite":
        if unknown := unknown_steps(manifest.steps):
            raise _newer(file, manifest, unknown)
        with opened(payload, still=True) as copy:
            _compare(file, manifest, copy.sums())
    else:
        from mentions.moving.postgresdump import look_into  # noqa: PLC0415 - late: an extra that may be missing

        if unknown := look_into(payload, manifest):
            raise _newer(file, manifest, unknown)
    return manifest


def _newer(file: Path, manifest: Manifest, unknown: Sequence[str]) -> BadBackup:
    return BadBackup(
        f"{file} was made by a newer version of Tingfeng ({manifest.tingfeng}; its schema has step {unknown[-1]}"
        "): restore it with that one."
    )


def _compare(file: Path, manifest: Manifest, found: dict[str, Sum]) -> None:
    unlike = [name for name in {*manifest.tables, *found} if manifest.tables.get(name) != found.get(name)]
    if unlike:
        raise BadBackup(f"{file} is damaged: {', '.join(sorted(unlike))} are not what its manifest says.")


def restore(
    where: str, file: Path, *, stages: Sequence[str], who: str, force: bool, at: datetime, replay: Replay
) -> Restored:
    """Put the store of a backup at an address. What is there is moved aside, and only with `force`.

    All is checked and the erasures are made before anything that is there is touched; BadBackup or StoreError
    where something is wrong, Held where somebody works on the store.
    """
    kind = archive.read_manifest(file).kind
    if (kind == "postgres") is not is_postgres(where):
        names = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
        raise BadBackup(
            f"{file} holds a store of {names[kind]}, and `store` in config.yaml is {place(where)}: they must be "
            "of one kind. `tingfeng store migrate` moves a store from SQLite to PostgreSQL."
        )
    if kind == "sqlite":
        return _restore_sqlite(Path(where), file, stages=stages, who=who, force=force, at=at, replay=replay)
    from mentions.moving.postgresdump import restore_store  # noqa: PLC0415 - late: an extra that may be missing

    with _workplace(file.parent) as folder:
        payload = folder / archive.PAYLOAD
        manifest = _checked(file, payload)
        aside, replayed = restore_store(
            where, payload, manifest, stages=stages, who=who, force=force, at=at, replay=replay
        )
    return Restored(manifest, aside, replayed)


def _restore_sqlite(
    path: Path, file: Path, *, stages: Sequence[str], who: str, force: bool, at: datetime, replay: Replay
) -> Restored:
    with stopped(path, stages, who):
        if not force and _holds_rows(path):
            raise StoreError(
                f"There is a mention store at {path}: `--force` moves it aside and puts the backup in its place."
            )
        with _workplace(path.parent) as folder:
            new = folder / path.name
            manifest = _checked(file, new)
            with SqliteStore(new) as store:  # brings an older schema up to date
                if faults := store.faults():
                    raise BadBackup(f"{file} holds a damaged store: {'; '.join(faults)}.")
                replayed = replay(store)
            aside = exchange(path, new, at)
    return Restored(manifest, None if aside is None else str(aside), replayed)


def _holds_rows(path: Path) -> bool:
    """Whether a file is there that has anything in it; one that cannot be read may have."""
    log = path.with_name(f"{path.name}-wal")
    if not path.exists():
        return log.exists() and log.stat().st_size > 0
    try:
        with opened(path) as file:
            return any(file.count(table) for table in file.tables())
    except StoreError:
        return True


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder beside the file, on the same disk, that goes away with all that is in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f"tingfeng{BESIDE}-", dir=folder, ignore_cleanup_errors=True) as made:
            yield Path(made)
    except OSError as error:
        raise BadBackup(f"Nothing can be written in {folder}: {error.strerror or error}.") from error
