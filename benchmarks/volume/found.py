"""Words of two characters: whether the index finds every post, and how fast, against LIKE over the same table."""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from operator import attrgetter
from random import Random
from statistics import median
from time import perf_counter

from benchmarks.posts import NAMES
from benchmarks.results import Goal, Line
from benchmarks.volume.made import DAYS, START, number_of, two_character_words
from benchmarks.volume.stores import database
from mentions.posts import Search
from mentions.sql.rows import time
from mentions.sql.words import WHEN
from mentions.store import Store
from mentions.text import fold
from mentions.types import Mention

COMMON = ("手机", "我的", "客服", "屏幕", "充电", "系统", "门店", "续航")
"""Words of every post, and of the phrases that many write."""
SAMPLED = 40
"""Of all different pairs in the first posts, each as likely as another: most of them are rare."""
ROUNDS = 3
LIMIT = 50
DAY = START + timedelta(days=DAYS // 2)
FEW = 20_000
"""Hits that are compared one by one. Of words with more, those of one day are, and the others counted."""
TEXTS = 20_000
"""Texts read at once."""
LIKE = "SELECT m.id FROM mention m WHERE m.text LIKE ? OR m.title LIKE ? ORDER BY {}, m.n DESC LIMIT {}"
SCAN = LIKE.format("coalesce(m.published, m.first_seen, m.first_seen) DESC", LIMIT)
"""By an expression that no index holds: every post is read."""
WALK = LIKE.format(f"{WHEN} DESC", LIMIT)
"""As the database likes: for a frequent word back through time until there are enough, and ids alone."""
GOAL = Goal(1 / 50, at_most=True)
COMPLETE = Goal(1.0, at_most=False)


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds for one word."""

    word: str
    ours: float
    scan: float
    walk: float


def words(first: Sequence[Mention], seed: int = 4) -> dict[str, list[str]]:
    """What is looked for, by where it comes from."""
    chance = Random(seed)  # noqa: S311 - the same words at every run
    others = sorted(two_character_words(first) - {*NAMES, *COMMON})
    return {
        "brand names": list(NAMES),
        "common words": list(COMMON),
        "pairs at random": chance.sample(others, min(SAMPLED, len(others))),
    }


def lines(name: str, store: Store, asked: Mapping[str, Sequence[str]]) -> list[Line]:
    """Recall over all words; p50 over all, and for each kind."""
    every = [word for listed in asked.values() for word in listed]
    recalled, hits = recall(store, every)
    timed = {kind: [_timed(store, word) for word in listed] for kind, listed in asked.items()}
    return [
        Line(f"{name}.recall", f"the least of {len(every)} words with {hits:,} hits", recalled, goal=COMPLETE),
        *_p50(f"{name}.search", "all words", [t for listed in timed.values() for t in listed], GOAL),
        *(line for kind, listed in timed.items() for line in _p50(f"{name}.search", kind, listed)),
    ]


def _p50(name: str, kind: str, timed: Sequence[Timed], goal: Goal | None = None) -> list[Line]:
    ours, scan, walk = (median(map(attrgetter(what), timed)) for what in ("ours", "scan", "walk"))
    slowest = max(timed, key=lambda t: t.ours)
    said = f"p50 of {len(timed)} words, {kind}: {ours * 1e3:.3g} ms (slowest {slowest.ours * 1e3:.3g} ms)"
    return [
        Line(name, f"{said} against a LIKE scan of {scan * 1e3:.4g} ms", ours / scan, goal=goal),
        Line(f"{name}.walk", f"the same against LIKE along the index of time, {walk * 1e3:.3g} ms", ours / walk),
    ]


def _timed(store: Store, word: str) -> Timed:
    query, like = Search(text=word, limit=LIMIT), (f"%{word}%", f"%{word}%")
    ours = median(_seconds(lambda: store.posts.search(query)) for _ in range(ROUNDS))
    db = database(store)
    return Timed(word, ours, *(_seconds(partial(db.rows, statement, like)) for statement in (SCAN, WALK)))


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def recall(store: Store, asked: Collection[str]) -> tuple[float, int]:
    """The least share of posts with a word that a search for it finds, and the hits of all words together.

    Finding anything else is an error, so that a share of 1 means the very same posts.
    """
    everywhere, that_day = _occurrences(store, asked)
    shares = []
    for word, numbers in everywhere.items():
        if len(numbers) <= FEW:
            shares.append(_share(store, Search(text=word, limit=FEW + 1), set(numbers)))
        else:
            shares.append(store.posts.count(Search(text=word)) / len(numbers))
            within = that_day[word]
            query = Search(text=word, since=DAY, until=DAY + timedelta(days=1), limit=len(within) + 1)
            shares.append(_share(store, query, set(within)))
    assert max(shares) <= 1, "a search found posts without the word"
    return min(shares), sum(map(len, everywhere.values()))


def _share(store: Store, query: Search, expected: set[int]) -> float:
    found = {number_of(found.mention.id) for found in store.posts.search(query)}
    assert found <= expected, f"{query.text} was found where it is not"
    return len(found) / len(expected) if expected else 1.0


def _occurrences(store: Store, asked: Collection[str]) -> "tuple[dict[str, array[int]], dict[str, array[int]]]":
    """The numbers of all mentions with each word in their folded title or text, and of those of one day."""
    everywhere = {word: array("q") for word in asked}
    that_day = {word: array("q") for word in asked}
    db, after = database(store), 0
    while rows := db.rows(
        f"SELECT n, id, title, text, {WHEN} AS at FROM mention m WHERE n > ? AND n <= ?",  # noqa: S608 - our own names
        (after, after + TEXTS),
    ):
        for row in rows:
            written = fold(f"{row['title'] or ''}\n{row['text']}")
            present = [word for word in asked if word in written]
            number = number_of(row["id"])
            for word in present:
                everywhere[word].append(number)
            if DAY <= time(row["at"]) < DAY + timedelta(days=1):
                for word in present:
                    that_day[word].append(number)
        after += TEXTS
    return everywhere, that_day
