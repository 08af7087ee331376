"""The Weibo sources against one small world: whichever asks, a post is one row, and so is its author."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.source import Source
from crawlers.sources import SOURCE_TYPES
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.tasks import JUDGE
from mentions.tasks import reread as queue
from mentions.types import Author
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import SEARCH, look_again, visit, weibo
from tests.crawlers.visits import answer as listing
from tests.crawlers.visits import post as shown
from tests.making import negative
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.world import Account, Growth, Post, World
from tingfeng.sandbox.world import Site as Played

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
FEW = Growth(40, scale=1.0)
OWN = Account("5000000001", "听风官方", 900_000, 2, "听风科技有限公司", "北京", verified=True)
BIG = Account("5000000002", "数码老炮", 1_200_000, 0, "数码博主", "广东", verified=True)
SMALL = Account("5000000003", "小王", 12)


def post(number: int, text: str, by: Account = SMALL, at: float = 0.0, **more: Any) -> Post:
    return Post(Played.WEIBO, str(5_230_000_000_000_000 + number), at, by, text, **more)


SCANDAL = post(1, "听风手机电池鼓包，" + "客服推了三天，" * 30 + "一直没人管", BIG, reposts=FEW, comments=FEW)
NEWS = post(2, "新机明天见", OWN, comments=FEW)
REPOST = post(3, "太可怕了//@数码老炮:这都行", at=60, repost_of=SCANDAL.id)
ADDRESS = post(4, "@听风官方 什么时候退款", at=90)
COMPLAINT = post(5, "三个月坏了两次", at=100, thread=NEWS.id, likes=Growth(7, scale=1.0))
ANSWER = post(6, "我的也是", at=110, thread=SCANDAL.id)
POSTS = (SCANDAL, NEWS, REPOST, ADDRESS, COMPLAINT, ANSWER)


def playing(*posts: Post) -> Sandbox:
    """The world ten minutes after its beginning; its clock stands."""
    return Sandbox(World(posts or POSTS), speed=1, start=NOW - timedelta(minutes=10), now=lambda: NOW)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with playing() as running:
        yield running


def source(sandbox: Sandbox, kind: str, **block: Any) -> Source:
    urls = {"base_url": sandbox.urls.weibo, "delay": "0s", "type": kind}
    if kind == "weibo-search":
        urls["desktop_url"] = sandbox.urls.weibo
    return SOURCE_TYPES[kind].model_validate(urls | block)


def paths(sandbox: Sandbox) -> list[str]:
    return [seen.target for seen in sandbox.doors["weibo"].visits if seen.target != "/robots.txt"]


def stored(store: Store) -> dict[str, Any]:
    return {f.mention.id: f for f in store.posts.search(Search(limit=1000))}


BLOCKS: dict[str, dict[str, Any]] = {
    "weibo": {},
    "weibo-search": {},
    "weibo-ajax": {"accounts": [a.id for a in (BIG, SMALL)]},
}


@pytest.mark.parametrize("first", BLOCKS)
@pytest.mark.parametrize("then", BLOCKS)
def test_a_post_is_one_row_whichever_source_finds_it(
    store: Store, sandbox: Sandbox, first: str, then: str
) -> None:
    visit(store, source(sandbox, first, **BLOCKS[first]), NOW)
    before = stored(store)
    assert {f"weibo:{SCANDAL.id}", f"weibo:{REPOST.id}"} <= before.keys()
    run = visit(store, source(sandbox, then, **BLOCKS[then]), NOW + timedelta(seconds=9))
    assert run.blocked == {}
    after = stored(store)
    for mention_id, found in before.items():
        known, again = found.mention, after[mention_id].mention
        assert (again.text, again.url, again.repost_of, again.truncated) == (
            known.text,
            known.url,
            known.repost_of,
            False,
        )
        assert again.text == next(p.text for p in POSTS if f"weibo:{p.id}" == mention_id)


@pytest.mark.parametrize("kind", ["weibo-search", "weibo-ajax"])
def test_strangers_who_write_of_a_brand_are_looked_up_once(store: Store, sandbox: Sandbox, kind: str) -> None:
    visit(store, source(sandbox, kind, **BLOCKS[kind]), NOW)
    author = stored(store)[f"weibo:{SCANDAL.id}"].mention.author
    assert (author.followers, author.verified, author.verified_reason) == (1_200_000, True, "数码博主")
    asked = [path for path in paths(sandbox) if "profile" in path]
    assert sorted(asked) == [f"/ajax/profile/info?uid={a.id}" for a in (BIG, SMALL)]
    visit(store, source(sandbox, kind, **BLOCKS[kind]), NOW + timedelta(days=6))
    assert len([path for path in paths(sandbox) if "profile" in path]) == 2
    visit(store, source(sandbox, kind, **BLOCKS[kind]), NOW + timedelta(days=8))
    assert len([path for path in paths(sandbox) if "profile" in path]) == 4


def test_the_budget_of_look_ups_goes_to_the_verified_first(store: Store, sandbox: Sandbox) -> None:
    visit(store, source(sandbox, "weibo-search", profiles=1), NOW)
    assert [path for path in paths(sandbox) if "profile" in path] == [f"/ajax/profile/info?uid={BIG.id}"]
    visit(store, source(sandbox, "weibo-search", profiles=0), NOW)
    assert len([path for path in paths(sandbox) if "profile" in path]) == 1


def test_authors_of_posts_that_mention_no_brand_are_left_in_peace(store: Store) -> None:
    with playing(post(1, "听风是雨", SMALL), post(2, "早上好", BIG)) as running:
        visit(store, source(running, "weibo-ajax", accounts=[BIG.id]), NOW)
        assert [path for path in paths(running) if "profile" in path] == []


def test_a_wall_before_a_profile_does_not_end_the_visit(store: Store, site: Site) -> None:
    listed = {"id": 5, "text": "听风坏了", "user": {"id": 7, "screen_name": "甲"}}
    timeline = "/ajax/statuses/mymblog?uid={}&page=1&feature=0"
    site.pages = {
        timeline.format(7): Reply(json.dumps({"ok": 1, "data": {"list": [listed]}})),
        timeline.format(8): Reply(json.dumps({"ok": 1, "data": {"list": []}})),
        "/ajax/profile/info?uid=7": Reply("no", 418),
    }
    kind = SOURCE_TYPES["weibo-ajax"]
    run = visit(store, kind.model_validate({"base_url": site.url, "delay": "0s", "accounts": ["7", "8"]}), NOW)
    assert (run.pages, run.blocked, run.error) == (2, {"throttled": 1}, None)
    assert len(site.asked) == 3


def test_an_edit_replaces_the_text_and_the_site_may_say_so(store: Store, site: Site) -> None:
    edited = {"edit_count": 1, "edit_at": "Thu Mar 05 11:55:00 +0800 2026"}
    for text, more in (("听风电池爆炸", {}), ("听风电池没事", edited)):
        site.pages = {SEARCH.format(1): listing(shown(1, text, **more))}
        visit(store, weibo(site), NOW)
    (mention_id,) = stored(store)
    assert stored(store)[mention_id].mention.text == "听风电池没事"


@pytest.mark.parametrize("kind", ["weibo", "weibo-ajax"])
def test_reposts_and_comments_of_a_suspect_post_are_read(store: Store, sandbox: Sandbox, kind: str) -> None:
    scandal = f"weibo:{SCANDAL.id}"
    visit(store, source(sandbox, kind, **BLOCKS[kind] | {"accounts": [BIG.id]}), NOW)
    store.tasks.put(queue("x"), [scandal], NOW)
    run = look_again(store, source(sandbox, kind, **BLOCKS[kind]), NOW)
    assert run is not None
    found = stored(store)
    repost = found[f"weibo:{REPOST.id}"].mention
    assert (repost.repost_of, repost.brands) == (scandal, ("听风",))
    comment = found[f"weibo:comment:{ANSWER.id}"].mention
    assert (comment.text, comment.thread, comment.brands) == ("我的也是", scandal, ())
    asked = len(paths(sandbox))
    store.tasks.put(queue("x"), [scandal], NOW)
    look_again(store, source(sandbox, kind, **BLOCKS[kind]), NOW + timedelta(minutes=1))
    assert len(paths(sandbox)) == asked + 1  # nothing grew: only the post itself


def test_a_suspect_comment_is_looked_at_again_among_those_of_its_post(store: Store, sandbox: Sandbox) -> None:
    block = {"own": {"听风": [OWN.id]}}
    visit(store, source(sandbox, "weibo", **block), NOW)
    store.tasks.put(queue("x"), [f"weibo:comment:{COMPLAINT.id}"], NOW)
    run = look_again(store, source(sandbox, "weibo", **block), NOW + timedelta(minutes=1))
    assert run is not None
    assert "/comments/hotflow" in paths(sandbox)[-1]
    assert stored(store)[f"weibo:comment:{COMPLAINT.id}"].engagement.at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["weibo", "weibo-search", "weibo-ajax"])
def test_what_is_said_on_our_own_channels_is_about_the_brand(store: Store, sandbox: Sandbox, kind: str) -> None:
    visit(store, source(sandbox, kind, own={"听风": [OWN.id]}), NOW)
    found = stored(store)
    complaint = found[f"weibo:comment:{COMPLAINT.id}"]
    assert (complaint.mention.text, complaint.mention.brands) == ("三个月坏了两次", ("听风",))
    assert (complaint.mention.thread, complaint.engagement.likes) == (f"weibo:{NEWS.id}", 7)
    if kind != "weibo-ajax":  # its calls cannot search
        assert found[f"weibo:{ADDRESS.id}"].mention.brands == ("听风",)
        (covered,) = store.looks.covered(["x"], NOW).values()
        assert {one.brand for one in covered if one.query.startswith("@")} == {"听风"}


def test_a_search_that_ends_before_the_time_does_goes_on_in_windows(tmp_path: Path) -> None:
    """520 posts of one hour: 50 pages hold 500 of them, so do those of that hour, and only provinces the rest."""
    people = [Account(f"600000000{n}", f"用户{n}", 5, region=place) for n, place in enumerate(("北京", "广东"))]
    posts = [post(n, f"听风{n}", people[n % 2], at=n * 5.0) for n in range(520)]
    playing_long = Sandbox(World(posts), speed=1, start=NOW - timedelta(hours=3), now=lambda: NOW)
    with playing_long as running, SqliteStore(tmp_path / "mentions.db") as store:
        run = visit(store, source(running, "weibo-search", look_back="4h", profiles=0), NOW)
        asked = paths(running)
    assert (run.new, run.cap_hit, run.blocked) == (520, False, {})
    assert any("timescope=custom:2026-03-05-8:2026-03-05-10&page=1" in path for path in asked)
    part = "timescope=custom:2026-03-05-9:2026-03-05-10&region=custom:44:1000&page=26"
    assert any(part in path for path in asked)


def test_a_page_limit_below_the_sites_own_is_a_cap(store: Store) -> None:
    posts = [post(n, f"听风{n}", SMALL, at=float(n)) for n in range(60)]
    with playing(*posts) as running:
        run = visit(store, source(running, "weibo-search", max_pages=2, profiles=0), NOW)
    assert (run.new, run.cap_hit) == (20, True)


def test_recommended_cards_under_nothing_found_are_no_mentions(store: Store) -> None:
    with playing(post(1, "早上好"), post(2, "晚上好")) as running:
        run = visit(store, source(running, "weibo-search"), NOW)
    assert (run.pages, run.new, run.blocked) == (1, 0, {})


def test_an_author_who_turns_out_to_be_widely_followed_is_judged_again(store: Store, sandbox: Sandbox) -> None:
    scandal = f"weibo:{SCANDAL.id}"
    visit(store, source(sandbox, "weibo-search", profiles=0), NOW)
    store.posts.add_scores([negative(scandal, NOW)])
    store.tasks.drop(JUDGE, [scandal])
    store.posts.record_authors([Author("weibo", BIG.id, BIG.name, 1_200_000)], NOW)
    assert store.tasks.backlog(JUDGE).waiting == 1


def test_our_own_post_that_is_suspect_keeps_its_brand_for_what_is_said_under_it(store: Store) -> None:
    """Nothing is searched here, and the post does not name the brand."""
    with playing(NEWS, COMPLAINT, post(7, "退钱", at=120, thread=NEWS.id)) as running:
        visit(store, source(running, "weibo-ajax", accounts=[OWN.id]), NOW)
        store.tasks.put(queue("x"), [f"weibo:{NEWS.id}"], NOW)
        look_again(store, source(running, "weibo-ajax", own={"听风": [OWN.id]}), NOW + timedelta(minutes=1))
    found = stored(store)
    assert found[f"weibo:comment:{COMPLAINT.id}"].mention.brands == ("听风",)
    assert found[f"weibo:comment:{5_230_000_000_000_007}"].mention.brands == ("听风",)


def test_a_full_page_that_does_not_say_how_many_there_are_is_not_taken_for_the_last(store: Store) -> None:
    with playing(*(post(n, f"听风{n}", at=float(n)) for n in range(10))) as running:
        run = visit(store, source(running, "weibo-search", profiles=0), NOW)
        assert [path.rpartition("page=")[2] for path in paths(running)] == ["1", "2"]
    assert (run.new, run.blocked, run.cap_hit) == (10, {}, False)
