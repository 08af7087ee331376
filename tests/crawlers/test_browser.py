"""A site that signs its own requests, read through a real browser in which somebody has signed in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.browsing import browser
from crawlers.browsing.browser import NoBrowser, merged, of_the_page_itself
from crawlers.source import Fetch, Outcome, Page, blocked
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.zhihu import Zhihu
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.store import Store
from mentions.types import Mention, Observation
from tests.crawlers.conftest import Reply
from tests.crawlers.conftest import Site as Small
from tests.crawlers.visits import BRANDS, NOW, visit
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.world import Account, Post, Site, World

APPROVED = {"approved_by": "张三", "approval_reason": "品牌监测"}
WORLD = World(
    [
        Post(
            Site.ZHIHU,
            str(n),
            -60,
            Account("42", "梅子酱", followers=9),
            f"听风手机第{n}次死机",
            node=("1", "听风？"),
        )
        for n in (34001, 34002)
    ]
)


@pytest.fixture
def zhihu() -> Iterator[str]:
    with Sandbox(WORLD) as sandbox:
        yield sandbox.urls.zhihu


@pytest.fixture
def look(store: Store, zhihu: str, chromium: str) -> Callable[..., CrawlRun]:  # noqa: ARG001 - it has to be there
    """A visit, in a browser with a profile or without one."""

    def once(**block: Any) -> CrawlRun:
        source = Zhihu(base_url=zhihu, delay=timedelta(), settle=timedelta(seconds=3), **APPROVED, **block)
        return visit(store, source, datetime.now(UTC))

    return once


def test_a_stranger_is_sent_to_the_sign_in_page(look: Callable[..., CrawlRun]) -> None:
    assert look().blocked == {"login_wall": 1}


def test_what_the_page_of_somebody_who_has_signed_in_receives_is_read(
    look: Callable[..., CrawlRun], store: Store, zhihu: str, chromium: str, tmp_path: Path
) -> None:
    sign_in(chromium, tmp_path / "profile", f"{zhihu}/signin")
    run = look(profile=str(tmp_path / "profile"))
    assert (run.pages, run.new, run.blocked, run.error) == (1, 2, {}, None)
    found = store.posts.search(Search(text="死机"))
    assert {f.mention.id for f in found} == {"zhihu:answer:34001", "zhihu:answer:34002"}
    assert {f.mention.author.followers for f in found if f.mention.author} == {9}


def test_what_a_page_received_is_read_where_a_part_of_it_never_comes(
    store: Store,
    site: Small,
    chromium: str,  # noqa: ARG001 - it has to be there
) -> None:
    source = Zhihu(base_url=site.url, delay=timedelta(), settle=timedelta(seconds=1), **APPROVED)
    (page,) = source.start(BRANDS)
    received = Path(__file__).parent / "fixtures/zhihu/search/input.json"
    site.pages[page.url.removeprefix(site.url)] = Reply(
        '<script>fetch("/api/v4/search_v3")</script><img src="/slow">'
    )
    site.pages["/api/v4/search_v3"], site.slow = Reply(received.read_bytes()), frozenset({"/slow"})
    run = visit(store, source)
    assert (run.pages, run.new, run.error) == (1, 4, None)


def test_a_profile_that_is_not_there_is_said(look: Callable[..., CrawlRun], tmp_path: Path) -> None:
    error = look(profile=str(tmp_path / "none")).error
    assert error is not None
    assert "sign in by hand" in error


def sign_in(chromium: str, profile: Path, address: str) -> None:
    """As a person would, by hand: open the page, and close the window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    with sync_playwright() as playwright:
        window = playwright.chromium.launch_persistent_context(str(profile), executable_path=chromium)
        window.new_page().goto(address)
        window.close()


def test_no_browser_is_said_by_its_name() -> None:
    with pytest.raises(NoBrowser, match="/none/chromium is none that can be run"):
        browser.executable({"TINGFENG_CHROMIUM": "/none/chromium"})


def test_only_the_search_of_bilibili_is_opened_in_a_browser() -> None:
    source = SOURCE_TYPES["bilibili"].reader()
    assert browser.meta(source, Fetch("https://api.bilibili.com/x/v2/reply", "comments"), "") == {}


def page(outcome: Outcome, *ids: str, cap_hit: bool = False) -> Page:
    seen = tuple(Observation(Mention(i, "zhihu", "z", "", "听风", NOW)) for i in ids)
    return Page(outcome, seen, (Fetch("https://a/1", "page"),) if ids else (), outcome.value, cap_hit)


def received(*pages: Page) -> Page:
    return merged([(f"https://a/api/{n}", one) for n, one in enumerate(pages)], "https://a/")


def test_all_that_a_page_received_is_one() -> None:
    both = received(
        page(Outcome.MENTIONS, "zhihu:1"), page(Outcome.EMPTY), page(Outcome.MENTIONS, "zhihu:2", cap_hit=True)
    )
    assert [o.mention.id for o in both.observations] == ["zhihu:1", "zhihu:2"]
    assert (both.outcome, len(both.follow), both.detail, both.cap_hit) == (Outcome.MENTIONS, 1, "mentions", True)


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([Outcome.EMPTY, Outcome.CAPTCHA], Outcome.CAPTCHA),
        ([Outcome.ERROR_PAGE, Outcome.EMPTY], Outcome.EMPTY),
        ([Outcome.GARBAGE], Outcome.GARBAGE),
        ([Outcome.LOGIN_WALL, Outcome.MENTIONS], Outcome.MENTIONS),
    ],
)
def test_a_wall_outweighs_nothing_and_posts_outweigh_a_wall(outcomes: list[Outcome], said: Outcome) -> None:
    assert received(*map(page, outcomes)).outcome is said


def test_refusals_beside_posts_are_carried_with_them() -> None:
    wall, slow, shown = page(Outcome.CAPTCHA), page(Outcome.THROTTLED), page(Outcome.MENTIONS, "zhihu:1")
    both = received(shown, wall, slow)
    assert (both.outcome, both.refused, both.wall) == (Outcome.MENTIONS, (wall, slow), wall)
    assert received(wall, slow).refused == (slow,)


@pytest.mark.parametrize(
    ("itself", "carried"),
    [(Outcome.ERROR_PAGE, 0), (Outcome.LAYOUT_CHANGED, 0), (Outcome.CAPTCHA, 1)],
)
def test_a_page_without_data_of_its_own_is_no_refusal_but_a_wall_is(itself: Outcome, carried: int) -> None:
    heard = [("https://a/question/1", page(itself)), ("https://a/api/answers", page(Outcome.MENTIONS, "zhihu:1"))]
    assert len(merged(heard, "https://a/question/1").refused) == carried


def test_a_list_is_cut_where_its_last_page_says_so() -> None:
    more, end = page(Outcome.MENTIONS, "zhihu:1", cap_hit=True), page(Outcome.MENTIONS, "zhihu:2")
    lists = [("https://a/search?offset=0", more), ("https://a/search?offset=20", end)]
    assert not merged(lists, "").cap_hit
    assert merged([*lists, ("https://a/comments", more)], "").cap_hit


@pytest.mark.parametrize(
    ("itself", "said"),
    [(Outcome.LOGIN_WALL, Outcome.LOGIN_WALL), (Outcome.ERROR_PAGE, Outcome.LAYOUT_CHANGED)],
)
def test_a_page_that_asked_for_nothing_has_changed_or_is_a_wall(itself: Outcome, said: Outcome) -> None:
    assert of_the_page_itself(blocked(itself, "…"), ("/api/",)).outcome is said
