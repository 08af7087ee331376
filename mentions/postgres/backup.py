"""PostgreSQL's own tools, and the exchange of one schema for another in one transaction."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from mentions.postgres.database import Connection, PostgresDatabase
from mentions.postgres.store import HOLDER, TRY_LOCK
from mentions.store import Held, StoreError

DUMP, RESTORE, SHELL = "pg_dump", "pg_restore", "psql"
MAJOR = 10_000
"""PostgreSQL writes 15.20 as 150020."""
SEARCH_PATH = re.compile(r"-c\s*search_path=\S+")
FOREIGN = """
SELECT c.relname AS name FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
  AND c.relname <> ALL (%(ours)s) AND c.relname NOT LIKE 'procrastinate%%'
UNION ALL SELECT extname FROM pg_extension WHERE extnamespace = %(schema)s::regnamespace
"""
ALIVE = """
SELECT w.name FROM worker w WHERE EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint)
          = hashtextextended(current_schema() || '.alive.' || w.name, 0))
LIMIT 1
"""


@contextmanager
def session(database: PostgresDatabase) -> Iterator[Connection]:
    """A connection of one's own; StoreError for what PostgreSQL says."""
    connection = database.open_connection()
    try:
        with database.understood():
            yield connection
    finally:
        connection.close()


def tool(name: str, server: int) -> str:
    """Where a program of PostgreSQL's is, if it can speak with this server. StoreError names what to do."""
    major = server // MAJOR
    package = f"apt-get install postgresql-client-{major}"
    found = shutil.which(name)
    if found is None:
        raise StoreError(f"{name} is not installed, and the backup needs it: {package}.")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"(\d+)", said)
    if version is None or int(version[1]) < major:
        has = version[1] if version else "unknown"
        raise StoreError(f"{name} is of version {has} and the server of version {major}: {package}.")
    return found


def schema_of(database: PostgresDatabase, connection: Connection) -> str:
    """The schema in which the store is, or would be. StoreError where there is none."""
    row = connection.execute("SELECT current_schema() AS name").fetchone()
    if row is None or row["name"] is None:
        raise StoreError(f"The schema that the address of {database.place} names does not exist: create it first.")
    return str(row["name"])


def dump(database: PostgresDatabase, connection: Connection, snapshot: str, schema: str, target: Path) -> None:
    """Write a schema as it was when the snapshot was taken. `connection` is only asked which version answers."""
    program = tool(DUMP, connection.info.server_version)
    options = ("--format=custom", f"--snapshot={snapshot}", f"--schema={_pattern(schema)}", "--no-owner")
    _run([program, *options, "--no-privileges", f"--file={target}", f"--dbname={_address(database)}"], database)


def check_dump(payload: Path, server: int) -> None:
    """StoreError where pg_restore cannot read the file."""
    program = tool(RESTORE, server)
    _said([program, "--list", str(payload)], os.environ.copy(), payload.name)


def restore_beside(
    database: PostgresDatabase, connection: Connection, payload: Path, *, dumped: str, beside: str
) -> None:
    """Make the schema `beside` of a dump, in one transaction; what is there stays as it is for everybody else."""
    server = connection.info.server_version
    programs = tool(RESTORE, server), tool(SHELL, server)
    aside = f"{dumped}_held_{os.getpid()}"
    there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL AS there", (_name(dumped),)).fetchone()
    is_there = there is not None and there["there"]
    before = [f"ALTER SCHEMA {_name(dumped)} RENAME TO {_name(aside)}"] if is_there else []
    after = [f"ALTER SCHEMA {_name(aside)} RENAME TO {_name(dumped)}"] if is_there else []
    statements = (
        [*before, f"CREATE SCHEMA {_name(dumped)}"],
        [f"ALTER SCHEMA {_name(dumped)} RENAME TO {_name(beside)}", *after],
    )
    reading = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's, and our own arguments
        [programs[0], f"--schema={dumped}", "--no-owner", "--no-privileges", "--file=-", str(payload)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    commands = [f"--command={statement}" for statement in statements[0]]
    commands += ["--file=-", *(f"--command={statement}" for statement in statements[1])]
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    try:
        _run([programs[1], *options, *commands, f"--dbname={_address(database)}"], database, reading.stdout)
    finally:
        if reading.stdout is not None:
            reading.stdout.close()
        _, said = reading.communicate()
    if reading.returncode:
        raise StoreError(f"{RESTORE} failed: {_last_line(said.decode(errors='replace'))}.")


def swap(connection: Connection, *, live: str, beside: str, at: datetime) -> str | None:
    """Let the new schema take the place of the old one, which is moved aside; where to, if there was one."""
    aside: str | None = f"{live}_before_{at:%Y%m%dt%H%M%S}"
    with connection.transaction():
        if connection.execute("SELECT to_regnamespace(%s) AS there", (_name(live),)).fetchone() == {"there": None}:
            aside = None
        else:
            connection.execute(f"ALTER SCHEMA {_name(live)} RENAME TO {_name(aside or '')}".encode())
        connection.execute(f"ALTER SCHEMA {_name(beside)} RENAME TO {_name(live)}".encode())
    return aside


def drop(connection: Connection, schema: str) -> None:
    """Remove a schema of ours that was restored and not put in place."""
    connection.execute("SET client_min_messages = warning")
    connection.execute(f"DROP SCHEMA IF EXISTS {_name(schema)} CASCADE".encode())


def foreign(connection: Connection, schema: str, ours: Iterable[str]) -> list[str]:
    """What stands in the schema beside the store: it would be moved aside together with it."""
    found = connection.execute(FOREIGN, {"schema": _name(schema), "ours": list(ours)}).fetchall()
    return [row["name"] for row in found]


@contextmanager
def stopped(database: PostgresDatabase, stages: Iterable[str], who: str) -> Iterator[None]:
    """Be the only one that works on a store that may be missing or damaged; Held says who else does."""
    with ExitStack() as held:
        for stage in sorted(set(stages)):
            connection = held.enter_context(session(database))
            connection.execute("SELECT set_config('application_name', %s, false)", (f"{stage}: {who}"[:63],))
            row = connection.execute(TRY_LOCK, (f".{stage}",)).fetchone()
            if row is None or not row["held"]:
                holder = connection.execute(HOLDER, (f".{stage}",)).fetchone()
                raise Held(holder["name"] if holder else "someone")
        connection = held.enter_context(session(database))
        there = connection.execute("SELECT to_regclass('worker') AS there").fetchone()
        if there is not None and there["there"] is not None:
            worker = connection.execute(ALIVE).fetchone()
            if worker is not None:
                raise Held(f"worker {worker['name']}")
        yield


def in_schema(url: str, schema: str) -> str:
    """The same database, with another schema in front."""
    path = f"-csearch_path={_name(schema)}"
    parts = urlsplit(url)
    asked = [part for part in parts.query.split("&") if part]
    others = [part for part in asked if not part.startswith("options=")]
    options = " ".join(unquote(part.removeprefix("options=")) for part in asked if part.startswith("options="))
    kept = SEARCH_PATH.sub("", options).strip()
    return urlunsplit(parts._replace(query="&".join([*others, f"options={quote(f'{kept} {path}'.strip())}"])))


def _name(schema: str) -> str:
    return sql.Identifier(schema).as_string(None)


def _pattern(schema: str) -> str:
    """A schema's name as pg_dump takes it, which reads patterns."""
    return '"' + schema.replace('"', '""') + '"'


def _address(database: PostgresDatabase) -> str:
    """Where the database is, without the password: command lines can be read by others."""
    parts = conninfo_to_dict(database.url)
    parts.pop("password", None)
    return make_conninfo("", **{key: str(value) for key, value in parts.items() if value is not None})


def _run(command: Sequence[str], database: PostgresDatabase, stdin: object = None) -> None:
    password = conninfo_to_dict(database.url).get("password")
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    _said(command, environment, database.place, stdin)


def _said(command: Sequence[str], environment: dict[str, str], about: str, stdin: object = None) -> None:
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, and our own arguments
        command,
        env=environment,
        stdin=stdin if stdin is not None else subprocess.DEVNULL,  # type: ignore[call-overload]
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StoreError(f"{Path(command[0]).name} failed on {about}: {_last_line(done.stderr)}.")


def _last_line(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line]
    errors = [line for line in lines if "error" in line.lower() or "FATAL" in line] or lines
    return errors[0].rstrip(".") if errors else "without a word"
