"""Properties of the whole stage: what does not change what people hear."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.types import Mention
from tests.alerts.arranging import REPOSTS, judge, messages, settings, show
from tests.making import NOW, mention, minutes


@contextmanager
def fresh_store() -> Iterator[Store]:
    with TemporaryDirectory() as folder, SqliteStore(Path(folder) / "mentions.db") as store:
        yield store


@dataclass(frozen=True)
class Look:
    """At one minute, one post has so many reposts."""

    post: int
    reposts: int


LOOKS = st.lists(st.builds(Look, post=st.integers(1, 3), reposts=st.integers(0, 700)), max_size=8)
Heard = list[tuple[str, str, str]]


def play(looks: Sequence[Look], *, each_twice: bool = False) -> Heard:
    with fresh_store() as store:
        for n, look in enumerate(looks):
            at = NOW + minutes(n)
            for _ in range(1 + each_twice):
                show(store, mention(f"weibo:{look.post}"), at, reposts=look.reposts)
                judge(store, REPOSTS, at)
        return [(m.payload["mention"]["id"], m.reason, m.severity.label) for m in messages(store)]


@examples(max_examples=15)
@given(LOOKS)
def test_the_same_pages_give_the_same_alerts(looks: list[Look]) -> None:
    assert play(looks) == play(looks)


@examples(max_examples=15)
@given(LOOKS)
def test_a_page_seen_twice_says_nothing_new(looks: list[Look]) -> None:
    assert play(looks, each_twice=True) == play(looks)


@examples(max_examples=15)
@given(LOOKS)
def test_nobody_hears_of_a_post_at_one_level_twice(looks: list[Look]) -> None:
    heard = play(looks)
    assert len(heard) == len({(post, severity) for post, _, severity in heard})


def partition(posts: Sequence[Mention]) -> set[frozenset[str]]:
    """Which posts share an incident, when they are claimed in this order."""
    rules = settings(
        {
            "negative": {"severity": "yellow", "brands": ["星河"]},
            "words": {"severity": "blue", "brands": ["云岭"], "group": "brand", "words": ["鼓包"]},
            "large": {"severity": "red", "brands": ["云岭"], "when": "engagement.reposts >= 100"},
        }
    )
    with fresh_store() as store:
        for n, post in enumerate(posts):
            show(store, post, NOW + minutes(n), reposts=100 if post.id.endswith("0") else 1)
            judge(store, rules, NOW + minutes(n))
        return {frozenset(store.incidents.mentions(i.id)) for i in store.incidents.recent()}


WORLD = [
    *(mention(f"weibo:{n}") for n in (1, 2)),
    *(mention(f"weibo:{n}", "转发微博", repost_of="weibo:1") for n in (3, 4)),
    mention("weibo:5", "转发微博", repost_of="weibo:404"),
    *(mention(f"v2ex:{n}", "云岭电池鼓包", brands=("云岭",)) for n in (6, 7, 10)),
    mention("v2ex:20", "云岭客服不理", brands=("云岭",)),
]


@examples(max_examples=20)
@given(st.permutations(WORLD))
def test_the_order_of_claims_does_not_change_which_posts_share_an_incident(posts: list[Mention]) -> None:
    assert partition(posts) == {
        frozenset({"weibo:1", "weibo:3", "weibo:4"}),
        frozenset({"weibo:2"}),
        frozenset({"weibo:5"}),
        frozenset({"v2ex:6", "v2ex:7", "v2ex:10"}),
        frozenset({"v2ex:20"}),
    }
