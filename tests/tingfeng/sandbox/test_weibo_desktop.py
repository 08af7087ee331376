"""s.weibo.com and weibo.com of the sandbox show the posts of its mobile site, each in its own way."""

from collections.abc import Callable
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.testclient import TestClient

from mentions.weiboid import bid_of
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.worlds.storyline import storyline

At = Callable[[float], Sandbox]
SCANDAL = storyline().named["scandal"]


def search(sandbox: Sandbox, **asked: str) -> LexborHTMLParser:
    return LexborHTMLParser(TestClient(sandbox.doors["weibo"]).get("/weibo", params={"q": "星河"} | asked).text)


def cards(page: LexborHTMLParser) -> list[LexborNode]:
    return page.css('div.card-wrap[action-type="feed_list_item"]')


def ajax(sandbox: Sandbox, call: str, **asked: str) -> Any:
    return TestClient(sandbox.doors["weibo"]).get(f"/ajax/{call}", params=asked).json()


def test_a_page_of_the_search_holds_ten_cards_and_page_51_is_page_1(at: At) -> None:
    first, beyond = search(at(60)), search(at(60), page="51")
    assert len(cards(first)) == 10
    assert [c.attributes["mid"] for c in cards(first)] == [c.attributes["mid"] for c in cards(beyond)]


def test_a_window_holds_what_was_posted_in_its_hours(at: At) -> None:
    """The story begins at noon in Beijing, and has posts of the morning."""
    when = {post.id: post.at for post in storyline().world.posts if post.site == "weibo"}
    for hours, early, late in (("12:2026-11-22-13", 0, 3600), ("10:2026-11-22-12", -7200, 0)):
        page = search(at(60), timescope=f"custom:2026-11-22-{hours}")
        posted = [when[str(card.attributes["mid"])] for card in cards(page)]
        assert posted
        assert all(early <= moment < late for moment in posted)
    assert search(at(60), timescope="custom:2026-11-23-0:2026-11-23-1").css_first(".card-no-result") is not None


def test_under_nothing_found_other_cards_are_recommended(at: At) -> None:
    page = search(at(60), q="没有这个词")
    assert page.css_first(".card-no-result") is not None
    assert len(cards(page)) == 3


def test_only_the_profile_says_how_many_follow(at: At) -> None:
    post = ajax(at(20), "statuses/show", id=bid_of(SCANDAL.id))
    assert "followers_count" not in post["user"]
    profile = ajax(at(20), "profile/info", uid=SCANDAL.author.id)
    assert profile["data"]["user"]["followers_count"] == "120万"


def test_reposts_are_those_of_the_story_newest_first(at: At) -> None:
    listed = ajax(at(60), "statuses/repostTimeline", id=SCANDAL.id)["data"]
    assert listed
    assert {repost["retweeted_status"]["mid"] for repost in listed} == {SCANDAL.id}
    assert [r["mid"] for r in listed] == sorted((r["mid"] for r in listed), reverse=True)


@pytest.mark.parametrize("call", ["statuses/show", "statuses/longtext"])
def test_a_post_that_is_not_there_says_so(at: At, call: str) -> None:
    assert ajax(at(60), call, id="K3fnuEfZK")["error_code"] == 20101
