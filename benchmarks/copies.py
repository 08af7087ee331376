"""How long it takes to find who said a text first, in process, among a million others on SQLite."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles

from benchmarks.posts import NAMES, text
from benchmarks.results import Goal, Line
from mentions.fingerprints import fingerprint
from mentions.sqlite import SqliteStore
from mentions.types import Mention

GOAL = Goal(2.0, at_most=True)
STORED, QUICK = 1_000_000, 20_000
ASKED = 2_000
CHUNK = 10_000
COLUMNS = "n, id, platform, source, url, text, first_seen"
START = datetime(2026, 1, 1, tzinfo=UTC)
TAIL = "扩散一下"
"""What people add when they pass a text on by hand."""


def texts(count: int) -> Iterator[str]:
    """Posts as they are made up for every benchmark: three in ten of their phrases are those of many others."""
    chance = Random(5)  # noqa: S311 - the same texts at every run
    return (text(chance, chance.choice(NAMES)) for _ in range(count))


def fill(store: SqliteStore, count: int) -> list[str]:
    """Store so many posts as originals, past the Store's own way; a sample of their texts."""
    sample: list[str] = []
    mentions: list[tuple[object, ...]] = []
    prints: list[tuple[int, int | None]] = []
    every = count // ASKED
    for n, said in enumerate(texts(count), 1):
        made = fingerprint(said)
        mentions.append((n, f"weibo:{n}", "weibo", "weibo", "", said, START.isoformat()))
        prints.append((n, made.bits if made else None))
        sample += [said] if n % every == 0 else []
        if len(prints) == CHUNK or n == count:
            with store.database.transaction(durable=False) as tx:
                tx.executemany(
                    f"INSERT INTO mention ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                    mentions,
                )
                tx.executemany("INSERT INTO fingerprint (mention, hash) VALUES (?, ?)", prints)
            store.maintain()
            mentions, prints = [], []
    return sample


def asked(store: SqliteStore, wanted: Sequence[str]) -> tuple[list[float], list[float], int]:
    """Milliseconds of each look-up, those spent on the processor, and how many texts were found."""
    taken, worked, found = [], [], 0
    for said in wanted:
        began, worked_before = time.perf_counter(), time.thread_time()
        alike = store.copies.alike(said)
        worked.append((time.thread_time() - worked_before) * 1e3)
        taken.append((time.perf_counter() - began) * 1e3)
        found += bool(alike)
    return taken, worked, found


def linked(store: SqliteStore, wanted: Sequence[str]) -> float:
    """Milliseconds a post when two hundred that are stored already are looked at for the first time, together."""
    at = START + timedelta(days=1)
    posts = [Mention(f"v2ex:{n}", "v2ex", "v2ex", "", said, at) for n, said in enumerate(wanted[:200])]
    with store.database.transaction() as tx:
        top = tx.execute("SELECT max(n) AS n FROM mention").fetchone()["n"]
        tx.executemany(
            f"INSERT INTO mention ({COLUMNS}) VALUES (?, ?, ?, '', '', ?, ?)",  # noqa: S608 - our own names
            [(n, post.id, post.platform, post.text, at.isoformat()) for n, post in enumerate(posts, top + 1)],
        )
    began = time.perf_counter()
    store.copies.link(posts, at)
    return (time.perf_counter() - began) * 1e3 / len(posts)


def run(*, quick: bool) -> list[Line]:
    """Copies, copies with a tail, and texts that nobody wrote, asked for in turns."""
    count = QUICK if quick else STORED
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "store.db") as store:
        stored = fill(store, count)
        strangers = [said[::-1] for said in stored]
        ways = {"word for word": stored, "with a tail": [said + TAIL for said in stored], "new": strangers}
        lines, every, ours = [], list[float](), list[float]()
        for way, wanted in ways.items():
            taken, worked, found = asked(store, wanted)
            every, ours = every + taken, ours + worked
            lines.append(Line("copies.found", f"share found of {len(wanted):,} texts, {way}", found / len(wanted)))
        each = linked(store, ways["with a tail"])
    figures = quantiles(every, n=100)
    return [
        Line(
            "copies",
            f"p95 of finding a text among {count:,} on SQLite, fingerprint included",
            figures[94],
            "ms",
            GOAL,
        ),
        Line("copies.p50", f"the same, median (slowest {max(every):.3g} ms)", median(every), "ms"),
        Line("copies.cpu", "p95 of the processor's time in it", quantiles(ours, n=100)[94], "ms"),
        Line("copies.link", "finding it its place and writing it down, a post of 200 together", each, "ms"),
        *lines,
    ]
