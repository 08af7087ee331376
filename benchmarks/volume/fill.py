"""Rows a second into a store, in turns with the same rows without it."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from statistics import median
from time import perf_counter
from typing import TypeVar

from benchmarks.results import Goal, Line, ratio_of
from benchmarks.volume.made import PAGE, Page
from benchmarks.volume.rows import Raw
from benchmarks.volume.stores import execute
from mentions.store import Store

T = TypeVar("T")


@dataclass(slots=True)
class Rates:
    """Mentions a second of each chunk, and judgements a second."""

    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def lines(self, name: str, how: str, goal: Goal) -> list[Line]:
        """Ours against raw where both were measured, and how the rate changed as the store grew."""
        both = self.ours[-len(self.raw) :]
        ratio = ratio_of(f"{name}.upsert", f"mentions a second, pages of {PAGE:,}, against {how}", both, self.raw)
        fifth = max(1, len(self.ours) // 5)
        return [
            replace(ratio, goal=goal),
            Line(f"{name}.upsert.rate", "ours, all of them", _overall(self.ours), "/s"),
            Line(f"{name}.upsert.raw", "raw", _overall(self.raw), "/s"),
            Line(
                f"{name}.upsert.growth",
                "rate over the last fifth against the first",
                median(self.ours[-fifth:]) / median(self.ours[:fifth]),
            ),
            Line(f"{name}.scores", "judgements a second", _overall(self.scores), "/s"),
        ]


def fill(pages: Iterable[Page], ours: Store, theirs: Store, raw: Raw, chunk: int) -> Rates:
    """Store all pages on both sides, by turns of `chunk` pages; housekeeping belongs to each turn."""
    rates = Rates()
    for listed in chunks(pages, chunk):
        mentions = sum(len(page.new) for page in listed)
        ready = raw.prepare(listed)
        rates.ours.append(mentions / _recorded(ours, listed))
        started = perf_counter()
        raw.write(ready)
        theirs.maintain()
        rates.raw.append(mentions / (perf_counter() - started))
        rates.scores.append(_judged(ours, listed))
        for store in (ours, theirs):
            execute(store, "DELETE FROM task")  # as if the stages had kept up
        log(f"{len(rates.ours) * mentions:,} mentions: {rates.ours[-1]:.0f}/s against {rates.raw[-1]:.0f}/s")
    return rates


def _recorded(store: Store, listed: list[Page]) -> float:
    started = perf_counter()
    for page in listed:
        store.posts.record(page.seen)
    store.posts.index()
    store.maintain()
    return perf_counter() - started


def _judged(store: Store, listed: list[Page]) -> float:
    started = perf_counter()
    for page in listed:
        store.posts.add_scores(page.scores)
    return sum(len(page.scores) for page in listed) / (perf_counter() - started)


def log(said: str) -> None:
    """How far it is: a million take long."""
    print(said, file=sys.stderr, flush=True)


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time."""
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk


def _overall(rates: list[float]) -> float:
    """The rate over chunks of one size."""
    return len(rates) / sum(1 / rate for rate in rates)
