"""A store of a million mentions, and of five on SQLite: every post is found, and roll-ups count as they should.

The figures are printed (`pytest -m soak -s`), and no time is asserted: `python -m benchmarks volume` says what is
met. `make test` runs a twentieth.
"""

import os

import pytest

from benchmarks.results import show
from benchmarks.volume import run
from benchmarks.volume.stores import has_postgres
from tests.postgres import REQUIRED

SOAK = bool(os.environ.get("TINGFENG_SOAK"))
SIZES = (
    [("sqlite", 1_000_000), ("postgres", 1_000_000), ("sqlite", 5_000_000)]
    if SOAK
    else [
        ("sqlite", 50_000),
        ("postgres", 50_000),
    ]
)


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "mentions"), SIZES)
def test_many_mentions_are_all_found_and_rightly_counted(kind: str, mentions: int) -> None:
    """Unequal counts, and posts found where a word is not, end the run with an error."""
    if kind == "postgres" and not REQUIRED and not has_postgres():
        pytest.skip("no PostgreSQL")
    lines = run.run(mentions=mentions, store=kind)
    show(lines)
    assert {line.figure for line in lines if line.name == f"{kind}.recall"} == {1.0}
