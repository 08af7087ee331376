"""Fixtures that every part of the house shares."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentions.sqlite import SqliteStore
from mentions.store import Store

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with SqliteStore(tmp_path / "mentions.db") as opened:
        yield opened


@pytest.fixture
def shared_data() -> Path:
    """Real recordings, beside the project; what needs them is skipped where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no recorded data at {SHARED_DATA}")
    return SHARED_DATA
