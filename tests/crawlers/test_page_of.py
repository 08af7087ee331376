"""Which source knows an address that a person pasted."""

import pytest

from crawlers.source import Source
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.rss import Rss
from crawlers.spiders.v2ex import V2ex
from crawlers.spiders.weibo import Weibo

FORUM = Discuz(base_url="https://bbs.example.com", forums=(2,))
THREAD = "https://bbs.example.com/forum.php?mod=viewthread&tid=7"
FOUND = "https://bbs.example.com/forum.php?mod=redirect&goto=findpost"
SHOW = "https://m.weibo.cn/statuses/show?id="


@pytest.mark.parametrize(
    ("source", "url", "fetched", "mention_id"),
    [
        (
            Weibo(),
            "https://m.weibo.cn/status/4646077034561613",
            f"{SHOW}4646077034561613",
            "weibo:4646077034561613",
        ),
        (
            Weibo(),
            "https://weibo.com/1234567/z0JH2lOMb?type=comment",
            f"{SHOW}3501756485200075",
            "weibo:3501756485200075",
        ),
        (
            Weibo(),
            "https://m.weibo.cn/detail/4646077034561613",
            f"{SHOW}4646077034561613",
            "weibo:4646077034561613",
        ),
        (V2ex(), "https://v2ex.com/t/12?p=2#r_3", "https://www.v2ex.com/api/topics/show.json?id=12", "v2ex:12"),
        (FORUM, "https://bbs.example.com/thread-7-2-1.html", f"{THREAD}&page=2", None),
        (
            FORUM,
            "https://bbs.example.com/forum.php?mod=viewthread&tid=7&page=3#pid99",
            f"{FOUND}&ptid=7&pid=99",
            "discuz:bbs.example.com:99",
        ),
    ],
)
def test_a_post_is_found_by_its_address(source: Source, url: str, fetched: str, mention_id: str | None) -> None:
    fetch = source.page_of(url)
    assert fetch is not None
    assert (fetch.url, fetch.mention_id) == (fetched, mention_id)


@pytest.mark.parametrize("source", [Weibo(), V2ex(), FORUM, Rss(feeds=("https://example.com/feed",))])
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/t/12",
        "https://weibo.com/u/1234567",
        "https://www.v2ex.com/go/apple",
        "https://bbs.example.com/forum-2-1.html",
    ],
)
def test_another_address_is_none_of_a_sources(source: Source, url: str) -> None:
    assert source.page_of(url) is None
