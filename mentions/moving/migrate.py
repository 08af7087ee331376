"""`tingfeng store migrate`: the SQLite store becomes a PostgreSQL store, row by row, and is held against it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from mentions.moving.canon import Sum
from mentions.moving.copying import PROGRESS, Step, Tell, copy_table, forget
from mentions.moving.plan import Passage, plan
from mentions.moving.postgresview import PostgresView, viewed
from mentions.moving.sqlitefile import SqliteFile, opened
from mentions.postgres import PostgresStore
from mentions.postgres.database import Connection
from mentions.sql.trends import COUNT, COUNTED
from mentions.sqlite import SqliteStore
from mentions.sqlite.backup import stages_seen
from mentions.store import Store, StoreError

WRONG_COUNTS = (
    f"SELECT count(*) AS n FROM (SELECT {COUNTED}, sum(mentions) AS mentions FROM ("
    f"SELECT {COUNTED}, mentions FROM hourly UNION ALL SELECT {COUNTED}, -mentions FROM ({COUNT}) counted"
    f") compared GROUP BY {COUNTED} HAVING sum(mentions) <> 0) wrong"
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What is in the target now, by table: the same as in the source. `again` are tables moved twice."""

    tables: dict[str, Sum]
    again: tuple[str, ...] = ()


@contextmanager
def only(store: Store, stages: Iterable[str], who: str) -> Iterator[None]:
    """Be the only one that runs any stage; Held says who else does. Nothing is written."""
    with ExitStack() as held:
        for stage in sorted(set(stages)):
            held.enter_context(store.only(stage, who))
        yield


def migrate(
    source: SqliteStore,
    target: PostgresStore,
    *,
    stages: Sequence[str],
    who: str,
    now: Callable[[], datetime],
    tell: Tell,
) -> Moved:
    """Bring all rows over, go on where an earlier run stopped, and compare every table.

    The source is read at one moment. A table that differs at the end, since the source was written to after an
    earlier run, is brought over anew. StoreError where the target holds other data, or a table stays unlike.
    """
    path = source.database.path
    with (
        only(source, {*stages, *stages_seen(path)}, who),
        only(target, {*stages, "move"}, who),
        opened(path) as file,
        _session(target) as connection,
    ):
        passages = plan(file.tables(), PostgresView(connection).tables())
        finished = _begin(connection, passages, path, now(), target.database.place)
        if finished is not None:
            return _already(finished, file, passages)
        _make_months(file, connection)
        resumed = {p.name for p in passages if copy_table(file, connection, p, tell)}
        _advance(connection)
        sums, different = _compare(file, target, passages, tell)
        again = _again(passages, different)
        if different and not resumed:
            raise _unlike(different)
        if again:
            for passage in again:
                forget(connection, passage)
            for passage in again:
                copy_table(file, connection, passage, tell)
            _advance(connection)
            sums, different = _compare(file, target, passages, tell)
            if different:
                raise _unlike(different)
        target.maintain()
        _check_counts(connection)
        names = sql.SQL(", ").join(sql.Identifier(p.name) for p in passages)
        connection.execute(sql.SQL("ANALYZE {}").format(names))
        moved = Moved(sums, tuple(p.name for p in again))
        connection.execute("UPDATE moving SET finished = %s, report = %s", (now(), json.dumps(asdict(moved))))
    return moved


@contextmanager
def _session(target: PostgresStore) -> Iterator[Connection]:
    connection = target.database.open_connection()
    try:
        with target.database.understood():
            yield connection
    finally:
        connection.close()


def _begin(
    connection: Connection, passages: Sequence[Passage], path: Path, at: datetime, place: str
) -> dict[str, Any] | None:
    """Claim the target for this source; the report of a move that was finished, or None."""
    with connection.transaction():
        connection.execute(PROGRESS)
        row = connection.execute("SELECT * FROM moving").fetchone()
        if row is None:
            full = [p.name for p in passages if _holds(connection, p.name)]
            if full:
                raise StoreError(
                    f"The mention store at {place} is not empty ({', '.join(full)} hold rows): "
                    "name an empty database, or a schema of its own."
                )
            connection.execute("INSERT INTO moving (source, begun) VALUES (%s, %s)", (str(path.absolute()), at))
            return None
    if row["source"] != str(path.absolute()):
        raise StoreError(
            f"The mention store at {place} is being filled from another store, {row['source']}: "
            "name an empty database, or a schema of its own."
        )
    return None if row["finished"] is None else row


def _holds(connection: Connection, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {}) AS held").format(sql.Identifier(table))
    found = connection.execute(query).fetchone()
    return found is not None and bool(found["held"])


def _already(row: dict[str, Any], file: SqliteFile, passages: Sequence[Passage]) -> Moved:
    """The report of the earlier run, if the source still holds as much as it did then."""
    tables = {name: Sum(**told) for name, told in row["report"]["tables"].items()}
    changed = [
        p.name for p in passages if p.name not in tables or file.count(p.source.name) != tables[p.name].rows
    ]
    if changed:
        raise StoreError(
            f"This store was moved already, at {row['finished']:%Y-%m-%d %H:%M} UTC, and was written to since "
            f"({', '.join(changed)}): to move it once more, name an empty database, or a schema of its own."
        )
    return Moved(tables, tuple(row["report"]["again"]))


def _make_months(file: SqliteFile, connection: Connection) -> None:
    months = file.connection.execute("SELECT DISTINCT substr(first_seen, 1, 7) FROM mention")
    for (month,) in months.fetchall():
        connection.execute("SELECT tingfeng_months(%s, %s)", (f"{month}-01T00:00:00+00:00",) * 2)


def _advance(connection: Connection) -> None:
    """Let every identity column go on behind the highest number that came over."""
    listed = connection.execute(
        "SELECT table_name AS name, column_name AS number FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND is_identity = 'YES'"
    ).fetchall()
    for row in listed:
        connection.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({}), 1), max({}) IS NOT NULL) FROM {}"
            ).format(
                sql.Literal(row["name"]),
                sql.Literal(row["number"]),
                sql.Identifier(row["number"]),
                sql.Identifier(row["number"]),
                sql.Identifier(row["name"]),
            )
        )


def _compare(
    file: SqliteFile, target: PostgresStore, passages: Sequence[Passage], tell: Tell
) -> tuple[dict[str, Sum], dict[str, tuple[Sum, Sum]]]:
    """The sums of all tables, and both of those that differ."""
    sums, different = {}, {}
    with viewed(target.database) as view:
        for passage in passages:
            there = view.sum(passage.target, list(passage.columns), order=_order(passage))
            here = file.sum(passage.source, list(passage.columns.values()))
            sums[passage.name] = there
            if here != there:
                different[passage.name] = here, there
            tell(Step(passage.name, there.rows, here.rows, compared=True))
    return sums, different


def _order(passage: Passage) -> tuple[str, ...]:
    return passage.source.key or ("n",)


def _again(passages: Sequence[Passage], different: Iterable[str]) -> list[Passage]:
    """What has to move anew: where a mention differs, also all that bears its time."""
    names = set(different)
    if names & {"mention", "mention_key"}:
        names |= {p.name for p in passages if p.of_mention}
    return [p for p in passages if p.name in names]


def _unlike(different: dict[str, tuple[Sum, Sum]]) -> StoreError:
    told = "; ".join(
        f"{name}: {here.rows} rows here, {there.rows} there, SHA-256 {here.sha256[:12]} and {there.sha256[:12]}"
        for name, (here, there) in different.items()
    )
    return StoreError(f"The stores differ after the move ({told}): do not use the new one, and report this.")


def _check_counts(connection: Connection) -> None:
    wrong = connection.execute(WRONG_COUNTS.encode()).fetchone()
    if wrong is None or wrong["n"]:
        raise StoreError("The hourly counts differ after the move: run `tingfeng store recount` on the new store.")
