"""A PostgreSQL store into a dump and out of it, with the sums of all tables taken in the dump's own snapshot."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from mentions.erasures import Replayed
from mentions.moving import archive
from mentions.moving.archive import BadBackup, Manifest
from mentions.moving.postgresview import PostgresView, viewed
from mentions.postgres import PostgresStore
from mentions.postgres.backup import (
    MAJOR,
    check_dump,
    drop,
    dump,
    foreign,
    in_schema,
    restore_beside,
    schema_of,
    session,
    stopped,
    swap,
)
from mentions.postgres.database import Connection, PostgresDatabase
from mentions.postgres.migrations import steps
from mentions.store import Store, StoreError

VIEWS = ("mention_now", "hourly")
PROGRESS = ("moving", "moving_table")
BESIDE = "_restoring"


def dump_store(store: Store, payload: Path, *, version: str, at: datetime) -> Manifest:
    """Write the store to a file; everybody goes on meanwhile."""
    assert isinstance(store, PostgresStore)  # noqa: S101 - there are two kinds
    database = store.database
    with viewed(database) as view:
        schema = schema_of(database, view.connection)
        row = view.connection.execute("SELECT pg_export_snapshot() AS snapshot").fetchone()
        listed = view.connection.execute("SELECT name, number FROM migration ORDER BY number").fetchall()
        dump(database, view.connection, row["snapshot"] if row else "", schema, payload)
        tables = view.sums()
        server = view.connection.info.server_version
    size, digest = archive.digest(payload)
    made = tuple(f"{entry['number']:03}_{entry['name']}" for entry in listed)
    return Manifest("postgres", at, version, made, schema, str(server), tables, size, digest)


def look_into(payload: Path, manifest: Manifest) -> list[str]:
    """The steps of the schema that only a newer version knows. StoreError where pg_restore cannot read it."""
    check_dump(payload, MAJOR * (int(manifest.database) // MAJOR))
    known = set(steps())
    return sorted(step for step in manifest.steps if int(step.partition("_")[0]) not in known)


def restore_store(
    url: str,
    payload: Path,
    manifest: Manifest,
    *,
    stages: Sequence[str],
    who: str,
    force: bool,
    at: datetime,
    replay: Callable[[Store], Replayed],
) -> tuple[str | None, Replayed]:
    """Restore into a schema of its own, check it, make the erasures, and let it take the place of the old one.

    Where the old store went, and what became of the erasures. Until the last moment the old one is what it was.
    """
    database = PostgresDatabase(url)
    try:
        with stopped(database, stages, who), session(database) as connection:
            live = schema_of(database, connection)
            beside = f"{live}{BESIDE}"
            _may_go(database, connection, live, manifest, force=force)
            drop(connection, beside)
            try:
                restore_beside(database, connection, payload, dumped=manifest.schema, beside=beside)
                replayed = _finish(in_schema(url, beside), manifest, replay)
                aside = swap(connection, live=live, beside=beside, at=at)
            except BaseException:
                drop(connection, beside)
                raise
    finally:
        database.close()
    return aside, replayed


def _may_go(
    database: PostgresDatabase, connection: Connection, live: str, manifest: Manifest, *, force: bool
) -> None:
    """StoreError where the schema holds a store and `force` was not given, or anything that is not the store's."""
    view = PostgresView(connection)
    tables = view.tables()
    others = foreign(connection, live, [*manifest.tables, *_own(), *VIEWS])
    if others:
        raise StoreError(
            f"The schema {live} of {database.place} also holds {', '.join(others[:5])}, which would be moved "
            "aside with the store: restore into a schema, or a database, of its own."
        )
    full = any(_holds(connection, name) for name in ("mention", "incident", "crawl_run") if name in tables)
    if full and not force:
        raise StoreError(
            f"There is a mention store at {database.place}: `--force` moves it aside and puts the backup in its "
            "place."
        )


def _own() -> tuple[str, ...]:
    return (*PROGRESS, "migration", "partition_month", "worker", "host", "cooling", "robots", "page_version")


def _holds(connection: Connection, table: str) -> bool:
    found = connection.execute(f'SELECT EXISTS (SELECT FROM "{table}") AS held'.encode()).fetchone()
    return found is not None and bool(found["held"])


def _finish(url: str, manifest: Manifest, replay: Callable[[Store], Replayed]) -> Replayed:
    """Hold the restored schema against the manifest, bring it up to date, and make the erasures."""
    database = PostgresDatabase(url)
    try:
        with viewed(database) as view:
            found = view.sums()
    finally:
        database.close()
    unlike = [name for name in {*manifest.tables, *found} if manifest.tables.get(name) != found.get(name)]
    if unlike:
        raise BadBackup(f"The backup is damaged: {', '.join(sorted(unlike))} are not what its manifest says.")
    with PostgresStore(url) as store:
        return replay(store)
