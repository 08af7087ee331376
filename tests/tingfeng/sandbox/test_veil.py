"""What a veiled site does not show, and to which looks."""

from collections.abc import Callable

import pytest

from tests.making import NOW
from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites.weibo import Weibo
from tingfeng.sandbox.veil import Authors, EachLook, SomePosts, Times, Veil
from tingfeng.sandbox.world import Account, Post, Site, World

POSTS = [
    Post(Site.WEIBO, str(5_000_000_000_000_000 + n), n * 10.0, Account(str(n % 500), "甲"), "听风")
    for n in range(2_000)
]


def hidden(veil: Veil, look: int) -> set[str]:
    return {post.id for post in POSTS if veil.hides(post, look)}


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("kind", [EachLook, SomePosts, Authors, Times])
def test_a_veil_hides_the_share_that_it_says(kind: Callable[[float], Veil], share: float) -> None:
    assert len(hidden(kind(share), 1)) / len(POSTS) == pytest.approx(share, abs=0.05)


def test_at_random_each_look_is_hidden_others() -> None:
    first, second = (hidden(EachLook(0.2, 7), look) for look in (1, 2))
    assert len(first & second) / len(first) == pytest.approx(0.2, abs=0.06)


def test_a_wall_hides_the_same_from_every_look() -> None:
    assert hidden(Authors(0.2), 1) == hidden(Authors(0.2), 2)
    assert hidden(Times(0.2), 1) == hidden(Times(0.2), 2)


def test_one_half_is_never_hidden() -> None:
    ever = set().union(*(hidden(SomePosts(0.4), look) for look in range(20)))
    assert len(ever) / len(POSTS) == pytest.approx(0.5, abs=0.05)


def test_all_pages_of_one_search_are_one_look() -> None:
    site = Weibo(World(POSTS), StoryClock(NOW, 1.0, lambda: NOW.replace(hour=20)), veil=EachLook(0.4))
    pages = [site._found("听风", page, hot=False)[0] for page in (1, 2, 3)]
    shown = [post.at for page in pages for post in page]
    assert shown == sorted(set(shown), reverse=True)
    again = [post.at for post in site._found("听风", 1, hot=False)[0]]
    assert again != shown[:10]
