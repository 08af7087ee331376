from collections.abc import Callable

import feedparser
from starlette.testclient import TestClient

from tingfeng.sandbox import Sandbox

At = Callable[[float], Sandbox]


def test_the_feed_is_rss_2_newest_first(at: At) -> None:
    answer = TestClient(at(40).doors["rss"]).get("/feed.xml")
    feed = feedparser.parse(answer.content)
    assert answer.headers["content-type"].startswith("application/rss+xml")
    assert (feed.version, feed.bozo) == ("rss20", False)
    assert feed.entries[0].title == "星河X9被指充电起火致用户烧伤，客服拒绝退款"
    assert feed.entries[0].published == "Sun, 22 Nov 2026 12:00:33 +0800"
    assert feed.entries[0].summary.startswith("<p>多名消费者")


def test_an_item_is_not_in_the_feed_before_its_time(at: At) -> None:
    assert "起火" not in TestClient(at(32).doors["rss"]).get("/feed.xml").text


def test_items_link_to_pages_that_exist(at: At) -> None:
    site = TestClient(at(40).doors["rss"])
    entry = feedparser.parse(site.get("/feed.xml").content).entries[0]
    assert "手部被烧伤" in site.get(entry.link).text
    assert site.get("/news/1").status_code == 404
