import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from mentions.weiboid import bid_of
from tingfeng.sandbox import Sandbox, StoryClock
from tingfeng.sandbox.sites.times import capped, followers, weibo_relative
from tingfeng.sandbox.sites.weibo import Weibo
from tingfeng.sandbox.sites.weibo_text import folded, is_long, markup, weight
from tingfeng.sandbox.worlds.storyline import storyline

At = Callable[[float], Sandbox]
Json = dict[str, Any]
SCANDAL = storyline().named["scandal"]
LONG = next(post for post in storyline().world.posts if post.author.name == "手背贴着纱布")


def search(sandbox: Sandbox, keyword: str, page: int = 1, **more: str) -> Json:
    query = {"containerid": "100103type=61", "q": keyword, "page_type": "searchall", "page": str(page)} | more
    answer: Json = TestClient(sandbox.doors["weibo"]).get("/api/container/getIndex", params=query).json()
    return answer


def show(sandbox: Sandbox, post_id: str, call: str = "show") -> Json:
    answer: Json = TestClient(sandbox.doors["weibo"]).get(f"/statuses/{call}", params={"id": post_id}).json()
    return answer


def posts(answer: Json) -> list[Json]:
    cards = [inner for card in answer["data"]["cards"] for inner in card.get("card_group", [card])]
    return [card["mblog"] for card in cards if card["card_type"] == 9]


def test_all_pages_together_hold_each_hit_once_newest_first(at: At) -> None:
    page: int | None = 1
    found: list[Json] = []
    while page is not None:
        answer = search(at(60), "星河", page)
        found += posts(answer)
        page = answer["data"]["cardlistInfo"]["page"]
    ids = [post["id"] for post in found]
    assert len(ids) == len(set(ids)) == answer["data"]["cardlistInfo"]["total"]
    assert ids == sorted(ids, reverse=True)


def test_a_page_has_ten_posts_in_plain_cards_and_in_groups(at: At) -> None:
    answer = search(at(60), "星河")
    assert len(posts(answer)) == 10
    assert {card["card_type"] for card in answer["data"]["cards"]} == {9, 11}
    assert any(inner["card_type"] == 4 for card in answer["data"]["cards"] for inner in card.get("card_group", []))


def test_the_encoded_container_is_understood_as_well(at: At) -> None:
    site = TestClient(at(60).doors["weibo"])
    encoded = site.get("/api/container/getIndex?containerid=100103type%3D61%26q%3D%E6%98%9F%E6%B2%B3").json()
    assert [post["id"] for post in posts(encoded)] == [post["id"] for post in posts(search(at(60), "星河"))]


@pytest.mark.parametrize(("keyword", "page"), [("没有这个词", 1), ("星河", 99), ("", 1)])
def test_nothing_found_is_ok_0_with_a_message(at: At, keyword: str, page: int) -> None:
    assert search(at(60), keyword, page) == {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}


def test_the_scandal_appears_at_its_minute_with_its_author_and_the_second(at: At) -> None:
    assert all(post["id"] != SCANDAL.id for post in posts(search(at(11.9), "星河")))
    post = posts(search(at(12), "星河"))[0]
    assert post["id"] == SCANDAL.id
    assert post["created_at"] == "Sun Nov 22 12:00:12 +0800 2026"
    assert post["user"]["screen_name"] == "原野说数码"
    assert (post["user"]["verified"], post["user"]["verified_type"]) == (True, 0)
    assert post["user"]["followers_count"] == "120万"


def test_counts_grow_with_the_story(at: At) -> None:
    counts = [show(at(minute), SCANDAL.id)["data"]["reposts_count"] for minute in (12, 22, 72)]
    assert counts[0] == 0
    assert counts[1] >= 100
    assert counts[2] > 800


def test_a_repost_holds_its_origin_and_its_plain_text(at: At) -> None:
    hits = posts(search(at(14), "太可怕了"))
    post = next(post for post in hits if post["user"]["screen_name"] == "胆小的番茄")
    assert post["raw_text"].startswith("太可怕了//@原野说数码:")
    assert post["retweeted_status"]["id"] == SCANDAL.id
    assert "<a href='/n/" in post["text"]


def test_a_long_text_is_folded_in_lists_and_whole_by_extend_and_show(at: At) -> None:
    sandbox = at(60)
    listed = next(
        post for page in (1, 2, 3) for post in posts(search(sandbox, "星河", page)) if post["id"] == LONG.id
    )
    assert listed["isLongText"] is True
    assert listed["text"].endswith(f'...<a href="/status/{LONG.id}">全文</a>')
    assert show(sandbox, LONG.id, "extend")["data"]["longTextContent"].endswith("太危险了。")
    assert show(sandbox, LONG.id)["data"]["text"].endswith("太危险了。")


def test_show_takes_both_ids_and_refuses_others(at: At) -> None:
    assert show(at(20), bid_of(SCANDAL.id))["data"]["id"] == SCANDAL.id
    for unknown in ("1", "not-an-id", ""):
        assert show(at(20), unknown)["ok"] == 0
        assert show(at(20), unknown, "extend")["ok"] == 0


def test_hot_order_is_by_reposts_and_user_search_is_empty(at: At) -> None:
    hot = search(at(60), "星河", containerid="100103type=60")
    assert posts(hot)[0]["id"] == SCANDAL.id
    assert search(at(60), "星河", containerid="100103type=3")["ok"] == 0


def test_robots_allows_what_is_read_and_forbids_the_rest(at: At) -> None:
    site = TestClient(at(0).doors["weibo"])
    assert site.get("/robots.txt").text == "User-agent: *\nDisallow: /forbidden\n"
    assert site.get("/forbidden").status_code == 200


def test_people_can_follow_the_link(at: At) -> None:
    site = TestClient(at(20).doors["weibo"])
    assert "电池鼓包" in site.get(f"/status/{SCANDAL.id}").text
    assert site.get("/detail/1").status_code == 404


def test_just_now_can_be_had_where_seconds_do_not_matter(start: datetime) -> None:
    clock = StoryClock(start, 60, lambda: start + timedelta(seconds=13))
    app = Weibo(storyline().world, clock, exact=False).app()
    answer = TestClient(app).get("/api/container/getIndex?containerid=100103type=61&q=X9").json()
    assert posts(answer)[0]["created_at"] == "刚刚"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "Sun Nov 22 11:59:01 +0800 2026"),
        (timedelta(minutes=5), "5分钟前"),
        (timedelta(minutes=59, seconds=59), "59分钟前"),
        (timedelta(hours=3), "今天 09:00"),
        (timedelta(hours=3, minutes=1), "3小时前"),
        (timedelta(hours=20), "昨天 16:00"),
        (timedelta(days=3), "11-19"),
        (timedelta(days=400), "2025-10-18"),
    ],
)
def test_times_as_the_site_writes_them(start: datetime, age: timedelta, text: str) -> None:
    assert weibo_relative(start - age, start) == text


@pytest.mark.parametrize(
    ("count", "shown"), [(9_999, 9_999), (10_000, "1万"), (1_200_000, "120万"), (1_455_999, "145.5万")]
)
def test_followers_are_cut_to_tenths_of_ten_thousand(count: int, shown: int | str) -> None:
    assert followers(count) == shown


def test_counts_are_capped_as_the_display_strategy_says() -> None:
    assert [capped(99_999), capped(123_456), capped(1_000_000)] == [99_999, "12.3万", "100万+"]


def test_markup_escapes_and_marks_emoji_topics_names_and_lines() -> None:
    html = markup("<b>[怒]#星河X9#@小明\n&")
    assert html.startswith('&lt;b&gt;<span class="url-icon"><img alt=[怒]')
    assert '<span class="surl-text">#星河X9#</span></a>' in html
    assert html.endswith(">@小明</a><br />&amp;")


@pytest.mark.parametrize("tail", ["[怒怒怒]", "#话题话题#", "@小明小明"])
def test_folding_never_cuts_a_token(tail: str) -> None:
    html = folded("字" * 127 + tail + "字" * 50, "1")
    assert re.sub(r"<[^>]+>", "", html) == "字" * 127 + "...全文"


def test_long_is_more_than_140_characters() -> None:
    assert weight("字a") == 3
    assert not is_long("字" * 140)
    assert is_long("字" * 140 + "a")
