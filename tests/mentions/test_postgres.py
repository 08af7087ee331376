"""What PostgreSQL's failures become: one sentence, which tells only a writer that nothing was written."""

from collections.abc import Iterator

import pytest

from mentions.postgres.database import PostgresDatabase
from mentions.store import StoreError, StoreUnreachable
from mentions.stores import is_made

DOWN = "postgresql://nobody@127.0.0.1:9/nothing"
END_MYSELF = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.fixture
def database(postgres_url: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres_url)
    yield opened
    opened.close()


def test_who_only_looks_for_a_store_is_not_told_of_what_was_written() -> None:
    with pytest.raises(StoreUnreachable, match=r"cannot be reached or has gone away: [^;]*$"):
        is_made(DOWN)


@pytest.mark.parametrize("sql", [END_MYSELF, "SELECT nothing"])
def test_a_reader_is_not_told_of_what_was_written(database: PostgresDatabase, sql: str) -> None:
    with pytest.raises(StoreError, match=r"(gone away|refused)") as caught:
        database.rows(sql)
    assert "writ" not in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "said"),
    [(END_MYSELF, "what was being written was not"), ("SELECT nothing", "nothing was written")],
)
def test_a_writer_is_told_that_nothing_was_written(database: PostgresDatabase, sql: str, said: str) -> None:
    with pytest.raises(StoreError, match=said), database.transaction() as tx:
        tx.execute(sql)
    with pytest.raises(StoreError, match=said), database.transaction():
        database.rows(sql)  # what is read on the way to a write is lost with it
