"""How fast the counts under a post grow, from the snapshots that were stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.rules.facts import VelocityFacts
from mentions.types import Engagement

SHORT = timedelta(minutes=10)
LONG = timedelta(minutes=30)


def growth(
    snapshots: Sequence[Engagement], count: str, window: timedelta, now: datetime, published: datetime | None
) -> float:
    """By how much `count` grew in the window that ends now; never negative.

    A snapshot that is later than now (two machines' clocks differ) ends the window. Between two
    snapshots the count is taken to grow evenly, and from zero at publication to the first one. Where a post has
    one snapshot and no known publication, nothing is known of its growth, and it is 0.
    """
    points: list[tuple[datetime, int]] = sorted(
        (e.at, value) for e in snapshots if (value := getattr(e, count)) is not None
    )
    if not points:
        return 0.0
    if published is not None and published < points[0][0]:
        points.insert(0, (published, 0))
    end, last = points[-1]
    return max(0.0, last - _value_at(points, max(now, end) - window))


def _value_at(points: Sequence[tuple[datetime, int]], at: datetime) -> float:
    """The count at a moment, on straight lines between points; the first one's before them all."""
    before = points[0]
    for point in points:
        if point[0] > at:
            break
        before = point
    else:
        return before[1]
    if point[0] == before[0] or at <= before[0]:
        return before[1]
    share = (at - before[0]) / (point[0] - before[0])
    return before[1] + share * (point[1] - before[1])


def velocity(
    snapshots: Sequence[Engagement], now: datetime, published: datetime | None, speed: float = 1.0
) -> VelocityFacts:
    """All rates that rules may ask for.

    `speed` is how many story seconds pass in one: the demo's sites run faster than life, so their ten minutes are
    over sooner.
    """
    values = {
        f"{count}_{name}": round(growth(snapshots, count, window / speed, now, published), 1)
        for count in ("reposts", "comments", "likes")
        for name, window in (("10m", SHORT), ("30m", LONG))
    }
    return VelocityFacts(**values)
