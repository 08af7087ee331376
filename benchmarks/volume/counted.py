"""The hourly negative share of all brands over a month: from the roll-up, and from the mentions themselves."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from time import perf_counter

from benchmarks.results import Goal, Line
from benchmarks.volume.made import START
from benchmarks.volume.stores import database
from mentions.sql.database import Row
from mentions.sql.rows import iso, time
from mentions.sql.words import WHEN
from mentions.sqlite.database import SqliteDatabase
from mentions.store import Store
from mentions.types import Label

SINCE, UNTIL = START + timedelta(days=2), START + timedelta(days=32)
ROUNDS = 3
Shares = dict[tuple[str, str], tuple[int, int]]
"""By hour and brand: how many mentions are negative, and of how many."""


def lines(name: str, store: Store, goal: Goal | None) -> list[Line]:
    """The roll-up against the base tables, in turns."""
    seconds: dict[str, list[float]] = {
        "from the roll-up, through trends.shares": [],
        "through trends.hourly": [],
        "base tables": [],
    }
    shares: list[Shares] = []
    for _ in range(ROUNDS):
        for taken, work in zip(seconds.values(), (from_rollup, from_trends, from_mentions), strict=True):
            started = perf_counter()
            shares.append(work(store))
            taken.append(perf_counter() - started)
    assert all(share == shares[0] for share in shares), "the roll-up counts otherwise than the mentions"
    base = median(seconds.pop("base tables"))
    return [
        Line(
            f"{name}.rollup",
            f"hourly negative share of 30 days, {how}: {median(taken) * 1e3:.4g} ms against {base * 1e3:.4g} ms, "
            f"{len(shares[0]):,} equal shares",
            median(taken) / base,
            goal=goal if how.startswith("from the roll-up") else None,
        )
        for how, taken in seconds.items()
    ]


def from_rollup(store: Store) -> Shares:
    """Through the Store, from `hourly`."""
    return {
        (iso(share.hour), share.brand): (share.negative, share.mentions)
        for share in store.trends.shares(SINCE, UNTIL)
    }


def from_trends(store: Store) -> Shares:
    """Through the Store, which tells platforms and severities apart as well."""
    every, negative = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for counted in store.trends.hourly(SINCE, UNTIL):
        key = iso(counted.hour), counted.brand
        every[key] += counted.mentions
        if counted.label is Label.NEGATIVE:
            negative[key] += counted.mentions
    return {key: (negative[key], number) for key, number in every.items()}


def from_mentions(store: Store) -> Shares:
    """As an analyst would without one."""
    db = database(store)
    is_sqlite = isinstance(db, SqliteDatabase)
    hour = f"substr({WHEN}, 1, 13) || ':00:00.000000+00:00'" if is_sqlite else f"date_trunc('hour', {WHEN}, 'UTC')"
    of = "{0}.mention = m.n" if is_sqlite else "{0}.mention = m.n AND {0}.first_seen = m.first_seen"
    rows = db.rows(
        f"SELECT {hour} AS hour, b.brand AS brand, count(*) AS mentions, "  # noqa: S608 - our own names
        f"count(*) FILTER (WHERE (SELECT s.label FROM score s WHERE {of.format('s')} "
        "ORDER BY s.at DESC LIMIT 1) = 'negative') AS negative "
        f"FROM mention_brand b JOIN mention m ON {of.format('b')} WHERE {WHEN} >= ? AND {WHEN} < ? GROUP BY 1, 2",
        (iso(SINCE), iso(UNTIL)),
    )
    return _shares(rows)


def _shares(rows: Sequence[Row]) -> Shares:
    return {(iso(time(row["hour"])), row["brand"]): (int(row["negative"]), int(row["mentions"])) for row in rows}
