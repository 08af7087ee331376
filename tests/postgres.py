"""PostgreSQL for tests: schemas of their own in a database of this machine, gone afterwards."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

URL = os.environ.get("TINGFENG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REQUIRED = bool(os.environ.get("REQUIRE_POSTGRES"))
"""Set in CI, so that these tests cannot be skipped there."""


@contextmanager
def schema() -> Iterator[str]:
    """The URL of an empty schema; skips the test where there is no PostgreSQL."""
    try:
        import psycopg  # noqa: PLC0415 - an extra that may be missing

        connection = psycopg.connect(URL, autocommit=True, connect_timeout=3)
    except (ImportError, psycopg.OperationalError) as error:
        if REQUIRED:
            raise
        pytest.skip(f"no PostgreSQL at {URL}: {str(error).splitlines()[0]}")
    name = f"tingfeng_{uuid.uuid4().hex[:12]}"
    with connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            yield f"{URL}?options={quote(f'-csearch_path={name}')}"
        finally:
            connection.execute("SET client_min_messages = warning")
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


def empty(url: str) -> None:
    """Remove all rows of a store that an earlier test left, so that the next need not make its tables."""
    import psycopg  # noqa: PLC0415 - an extra that may be missing

    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "AND c.relname NOT IN ('migration', 'partition_month')"
        ).fetchall()
        if tables:
            names = ", ".join(name for (name,) in tables)
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
