"""Fixtures that every part of the house shares."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from mentions.sqlite import SqliteStore
from mentions.store import Store
from tests import postgres

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

# On a busy machine any example may take longer than Hypothesis' 200 ms; what is slow is found by the benchmarks.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_session() -> Iterator[str]:
    """The URL of a schema that holds a store, made once for all tests."""
    with postgres.schema() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_session: str) -> str:
    """The URL of an empty store on PostgreSQL."""
    postgres.empty(postgres_session)
    return postgres_session


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, once on each database: what is said of it holds for both."""
    with ExitStack() as opened:
        if request.param == "sqlite":
            yield opened.enter_context(SqliteStore(tmp_path / "mentions.db"))
        else:
            from mentions.postgres import PostgresStore  # noqa: PLC0415 - an extra that may be missing

            yield opened.enter_context(PostgresStore(request.getfixturevalue("postgres_url")))


@pytest.fixture
def shared_data() -> Path:
    """Real recordings, beside the project; what needs them is skipped where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no recorded data at {SHARED_DATA}")
    return SHARED_DATA
