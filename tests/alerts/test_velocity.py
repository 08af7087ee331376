"""How fast counts grow, from snapshots."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.velocity import growth, velocity
from mentions.types import Engagement
from tests.making import NOW, counts, minutes


def series(*points: tuple[float, int | None]) -> list[Engagement]:
    """Snapshots from (minutes ago, reposts)."""
    return [counts(at=NOW - minutes(ago), reposts=reposts) for ago, reposts in points]


def grown(*points: tuple[float, int | None], born: float | None = None, window: float = 10) -> float:
    published = None if born is None else NOW - minutes(born)
    return growth(series(*points), "reposts", minutes(window), NOW, published)


@pytest.mark.parametrize(
    ("growth_found", "expected", "why"),
    [
        (grown(), 0, "no snapshot"),
        (grown((0, 50)), 0, "one snapshot of a post of unknown age"),
        (grown((0, 50), born=5), 50, "all since a publication inside the window"),
        (grown((0, 60), born=30), 20, "even growth since publication: a third of it in the window"),
        (grown((10, 20), (0, 50)), 30, "a snapshot exactly where the window begins"),
        (grown((15, 10), (5, 30), (0, 50)), 30, "between two snapshots: 20 when the window began"),
        (grown((20, 10), (0, 50)), 20, "a gap in polling: half of it in the window"),
        (grown((30, 10), (20, 50)), 0, "nothing was seen in the window"),
        (grown((8, 10), (0, 50)), 40, "the window begins before the first look"),
        (grown((8, 10), (0, 50), born=8), 40, "published at the first look"),
        (grown((10, 50), (0, 20)), 0, "counts that fall"),
        (grown((10, 50), (5, 10), (0, 70)), 20, "counts that fell and rose"),
        (grown((10, None), (5, 10), (0, None), born=5), 0, "counts that the site hid"),
        (grown((0, 50), born=-5), 0, "a publication in the future"),
        (grown((20, 0), (5, 10), (-5, 30)), 20, "a snapshot of a clock that is ahead ends the window"),
        (grown((30, 0), (0, 90), window=30), 90, "a longer window"),
    ],
)
def test_growth_in_a_window(growth_found: float, expected: float, why: str) -> None:
    assert growth_found == pytest.approx(expected), why


def test_all_rates_come_by_name() -> None:
    snapshots = [
        counts(at=NOW - minutes(30), reposts=0, comments=0, likes=0),
        counts(reposts=90, comments=9, likes=3),
    ]
    rates = velocity(snapshots, NOW, None)
    assert (rates.reposts_10m, rates.reposts_30m, rates.comments_30m, rates.likes_10m) == (30, 90, 9, 1)


def test_a_story_that_runs_faster_has_shorter_minutes() -> None:
    snapshots = series((1, 0), (0, 60))
    assert velocity(snapshots, NOW, None, speed=60).reposts_10m == 10


TIMES = st.floats(min_value=0, max_value=120, allow_nan=False)
POINTS = st.lists(st.tuples(TIMES, st.integers(0, 10**9)), max_size=12, unique_by=lambda point: point[0])
BORN = st.none() | TIMES.map(minutes).map(lambda age: NOW - age)
WINDOWS = st.sampled_from([minutes(10), minutes(30)])


@given(POINTS, BORN, WINDOWS)
def test_growth_is_never_negative(
    points: list[tuple[float, int]], born: datetime | None, window: timedelta
) -> None:
    assert growth(series(*points), "reposts", window, NOW, born) >= 0


@given(POINTS, BORN, WINDOWS)
def test_growth_of_rising_counts_is_no_more_than_they_rose(
    points: list[tuple[float, int]], born: datetime | None, window: timedelta
) -> None:
    ages = sorted((age for age, _ in points), reverse=True)
    rising = list(zip(ages, sorted(n for _, n in points), strict=True))
    found = growth(series(*rising), "reposts", window, NOW, born)
    total = rising[-1][1] - (0 if born else rising[0][1]) if rising else 0
    assert found <= total + 1e-6 * total


@given(POINTS, BORN, WINDOWS, st.randoms())
def test_the_order_of_snapshots_does_not_matter(
    points: list[tuple[float, int]], born: datetime | None, window: timedelta, random: object
) -> None:
    snapshots = series(*points)
    shuffled = snapshots.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    # Hypothesis types its randoms as object.
    assert growth(shuffled, "reposts", window, NOW, born) == growth(snapshots, "reposts", window, NOW, born)
