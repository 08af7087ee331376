"""Rows a second into the store against raw executemany of the same rows, in one transaction."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.posts import NAMES, author, text
from benchmarks.results import Goal, Line, ratio_of
from mentions.bigrams import index_text
from mentions.sql.database import Values
from mentions.sqlite import SqliteStore
from mentions.sqlite.words import PUT_WORDS
from mentions.types import Author, Engagement, Mention, Observation

GOAL = Goal(0.6, at_most=False)
START = datetime(2026, 11, 1, tzinfo=UTC)
ROWS, WRITERS = 20_000, 5_000
BULK = 1_000
"""What an import hands over at once, all of it inside one `Store.transaction()`, as the raw rows are."""
PAGES = (10, 100, BULK)
"""Each a commit of its own, as a visit stores what it reads (ten posts or so): it pays for a sync of the disk,
which one transaction pays once."""

TABLES = ("author", "mention", "mention_brand", "engagement", "task")


def observations(rows: int) -> list[Observation]:
    """New posts of a few thousand people, each on one brand."""
    chance = Random(2)  # noqa: S311 - the same rows at every run
    return [_observation(chance, number) for number in range(rows)]


def _observation(chance: Random, number: int) -> Observation:
    name, seen = chance.choice(NAMES), START + timedelta(seconds=number)
    account = author(chance, chance.randrange(WRITERS))
    mention = Mention(
        id=f"weibo:{5_100_000_000_000_000 + number * 1_009}",
        platform="weibo",
        source="weibo",
        url=f"https://m.weibo.cn/status/{number}",
        text=text(chance, name),
        first_seen=seen,
        published=seen - timedelta(seconds=chance.randrange(600)),
        author=Author("weibo", account.id, account.name, account.followers, verified=False, verified_type=-1),
        brands=(name,),
        region=account.region,
    )
    counts = Engagement(mention.id, seen, chance.randrange(50), chance.randrange(50), chance.randrange(500))
    return Observation(mention, counts)


def tables(listed: Sequence[Observation]) -> dict[str, list[Values]]:
    """The very rows that the same posts come to in the store, by the statement that writes them."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "store.db") as store:
        store.posts.record(listed)
        found: dict[str, list[Values]] = {}
        for table in TABLES:
            rows = store.database.connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            marks = ", ".join("?" * len(rows.description))
            found[f"INSERT INTO {table} VALUES ({marks})"] = [tuple(row) for row in rows]  # noqa: S608 - as above
    # The index has no content that could be read back.
    found[PUT_WORDS] = [(n, index_text(o.mention.text)) for n, o in enumerate(listed, 1)]
    return found


def raw(store: SqliteStore, rows: dict[str, list[Values]]) -> None:
    """All rows of all tables, ready made, on a connection with the store's pragmas, in one transaction."""
    connection = store.database.connection
    connection.execute("BEGIN IMMEDIATE")
    for statement, listed in rows.items():
        connection.executemany(statement, listed)
    connection.execute("COMMIT")


def paged(store: SqliteStore, listed: Sequence[Observation], size: int) -> None:
    """The posts, as many at once as one page holds."""
    for start in range(0, len(listed), size):
        store.posts.record(listed[start : start + size])
    store.posts.index()


def imported(store: SqliteStore, listed: Sequence[Observation]) -> None:
    """The posts in bulk, all or nothing."""
    with store.transaction():
        paged(store, listed, BULK)


def rate(rows: int, write: Callable[[SqliteStore], None]) -> float:
    """Posts a second into a fresh file."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "store.db") as store:
        started = time.perf_counter()
        write(store)
        seconds = time.perf_counter() - started
        assert store.database.rows("SELECT count(*) FROM mention")[0][0] == rows
    return rows / seconds


def run(*, quick: bool) -> list[Line]:
    """The raw transaction and each way of ours, in turns."""
    count, rounds = (ROWS // 10, 1) if quick else (ROWS, 7)
    listed = observations(count)
    rows = tables(listed)
    ways: dict[str, Callable[[SqliteStore], None]] = {
        "raw": partial(raw, rows=rows),
        f"{BULK:,} at once, one transaction": partial(imported, listed=listed),
        **{f"{size:,} a commit": partial(paged, listed=listed, size=size) for size in reversed(PAGES)},
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, write in ways.items():
            rates[way].append(rate(count, write))
    theirs = rates.pop("raw")
    lines = [
        ratio_of("store", f"new posts a second, {way}, against raw executemany of {count:,}", found, theirs)
        for way, found in rates.items()
    ]
    bulk = next(iter(rates.values()))
    return [
        replace(lines[0], goal=GOAL),
        Line("store.rate", "the same, in posts", median(bulk), "/s"),
        *(replace(line, name="store.paged") for line in lines[1:]),
    ]
