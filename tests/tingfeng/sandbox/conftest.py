from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tingfeng.sandbox import Sandbox

START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""Noon in Beijing."""


@pytest.fixture
def start() -> datetime:
    return START


@pytest.fixture
def at() -> Callable[[float], Sandbox]:
    """The storyline's sandbox, its clock standing at a minute of the story."""

    def build(minute: float) -> Sandbox:
        return Sandbox(start=START, now=lambda: START + timedelta(seconds=minute))

    return build
