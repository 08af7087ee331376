"""That a search takes no wrong turn on its way to the newest: whatever it does, the plain ORDER BY is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from mentions.posts import Search
from mentions.sql.words import WHEN
from mentions.store import Store
from mentions.types import Label, Mention, Observation, Score
from tests.making import mention

START = datetime(2026, 10, 20, tzinfo=UTC)
POSTS = 2_000
WORDS = {"常见": 1, "半数": 2, "十分": 10, "偶尔": 100, "罕有": 1_000}
"""Each stands in one of so many posts."""
ORDERS: dict[str, Callable[[Random, int], timedelta | None]] = {
    "found as they were published": lambda _, n: timedelta(minutes=n),
    "found in no order, many at one moment, some undated": lambda chance, _: (
        None if chance.random() < 0.1 else timedelta(hours=chance.randrange(300))
    ),
    "an archive imported backwards": lambda _, n: timedelta(minutes=POSTS - n),
}
QUERIES = [
    Search(),
    Search(brand="星河"),
    Search(platform="zhihu"),
    Search(label=Label.NEGATIVE),
    Search(min_negativity=0.9),
    Search(since=START + timedelta(hours=20), until=START + timedelta(hours=30)),
    Search(brand="星河", platform="weibo", label=Label.NEGATIVE, since=START + timedelta(hours=9)),
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_newest_are_those_that_a_plain_sort_puts_first(store: Store, order: str) -> None:
    chance = Random(order)
    made = [_made(chance, n, ORDERS[order](chance, n)) for n in range(POSTS)]
    for start in range(0, POSTS, 500):
        store.posts.record([Observation(m) for m in made[start : start + 500]])
    scores = {m.id: _score(chance, m) for m in made if chance.random() < 0.7}
    store.posts.add_scores(scores.values())
    by_id = {m.id: m for m in made}
    newest_first = [by_id[found] for found in _sorted(store)]
    for query, text, limit in product(QUERIES, ("", *WORDS, "半", "半数 十分"), (1, 50)):
        asked = replace(query, text=text, limit=limit)
        expected = [m.id for m in newest_first if _is_meant(asked, m, scores.get(m.id))][:limit]
        assert [found.mention.id for found in store.posts.search(asked)] == expected, asked


def _made(chance: Random, number: int, published: timedelta | None) -> Mention:
    return mention(
        str(number),
        text="，".join(word for word, one_of in WORDS.items() if chance.randrange(one_of) == 0),
        platform=chance.choice(("weibo", "zhihu")),
        brands=("星河",) if chance.random() < 0.3 else ("云岭",),
        published=None if published is None else START + published,
        first_seen=START + timedelta(minutes=number),
    )


def _score(chance: Random, about: Mention) -> Score:
    return Score(about.id, "m", START, chance.random(), chance.choice(list(Label)))


def _sorted(store: Store) -> list[str]:
    rows = store.database.rows(f"SELECT m.id FROM mention m ORDER BY {WHEN} DESC, m.n DESC")  # type: ignore[attr-defined] # noqa: S608
    return [row["id"] for row in rows]


def _is_meant(asked: Search, m: Mention, score: Score | None) -> bool:
    at = m.published or m.first_seen
    return (
        all(word in m.text for word in asked.text.split())
        and asked.brand in {None, *m.brands}
        and asked.platform in {None, m.platform}
        and (asked.since is None or at >= asked.since)
        and (asked.until is None or at < asked.until)
        and (asked.label is None or (score is not None and score.label is asked.label))
        and (asked.min_negativity is None or (score is not None and score.negativity >= asked.min_negativity))
    )
