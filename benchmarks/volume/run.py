"""Fill each store, and measure what it came to."""

from collections.abc import Iterator

from benchmarks.results import Goal, Line
from benchmarks.volume import counted, found, sizes
from benchmarks.volume.fill import fill
from benchmarks.volume.made import PAGE, Page, pages
from benchmarks.volume.stores import PAIRS, has_postgres, settle
from mentions.types import Mention

MENTIONS, QUICK = 1_000_000, 4_000
CHUNK = 20
"""Pages in one turn."""
FIRST = 2_000
"""Posts from whose words some are looked for."""
HOW = {"sqlite": "executemany", "postgres": "COPY"}
UPSERT = {"sqlite": Goal(0.6, at_most=False), "postgres": Goal(0.5, at_most=False)}
MILLION = 1_000_000


def run(*, quick: bool = False, mentions: int = MENTIONS, store: str | None = None) -> list[Line]:
    """All figures of one store, or of both."""
    size = QUICK if quick else mentions
    kinds = [kind for kind in PAIRS if store in {kind, None} and (kind != "postgres" or has_postgres())]
    return [line for kind in kinds for line in _measured(kind, size)]


def _measured(kind: str, size: int) -> Iterator[Line]:
    first: list[Mention] = []
    with PAIRS[kind]() as (ours, theirs, raw):
        rates = fill(_watched(pages(size), first), ours, theirs, raw, min(CHUNK, max(1, size // PAGE // 4)))
        settle(ours)
        yield from rates.lines(kind, f"raw {HOW[kind]}, same tables, same indexes", UPSERT[kind])
        yield from sizes.lines(kind, ours, size)
        yield from counted.lines(kind, ours, _rollup_goal(size))
        yield from found.lines(kind, ours, found.words(first))


def _rollup_goal(size: int) -> Goal | None:
    if size < MILLION:
        return None
    return Goal(1 / 40 if size >= 5 * MILLION else 1 / 10, at_most=True)


def _watched(made: Iterator[Page], first: list[Mention]) -> Iterator[Page]:
    for page in made:
        if len(first) < FIRST:
            first += [o.mention for o in page.new]
        yield page
