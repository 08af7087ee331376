"""Tieba, crawled over HTTP: its list, threads, comments and search, and what happens when it refuses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawlers.source import Answer
from crawlers.spiders.tieba import Tieba
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.types import Mention
from tests.crawlers.visits import visit
from tingfeng.sandbox import Answer as Planned
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.tieba import FORUM
from tingfeng.sandbox.world import Account, Post, Site, World

START = datetime(2026, 11, 22, 4, tzinfo=UTC)
MINUTE = 60.0
FLOORS, COMMENTS = 65, 23
"""A thread of three pages; the comments under its second floor fill three pages too."""
LONG = "1001"


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = START + timedelta(hours=3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "mentions.db") as opened:
        yield opened


@pytest.fixture
def site(clock: Clock) -> Iterator[Sandbox]:
    """A long thread about the brand, a short one about something else that names it late."""
    opening = _post(1001, 0, "用了三天就死机", title="听风手机发热")
    floors = [_post(1001 + n, n * MINUTE, f"我的也是第{n}个", thread=LONG) for n in range(1, FLOORS)]
    under = [_post(1200 + n, (80 + n) * MINUTE, f"同意{n}", thread="1002") for n in range(COMMENTS)]
    late = [
        _post(1300, 185 * MINUTE, "还是没有人管", thread=LONG),
        _post(1301, 190 * MINUTE, "真的", thread="1002"),
    ]
    other = _post(1100, 30 * MINUTE, "求推荐", title="求推荐耳机")
    answer = _post(1101, 31 * MINUTE, f"听风的不错，{'就是贵' * 30}", thread="1100")
    with Sandbox(
        World([opening, *floors, *under, *late, other, answer]), speed=1, start=START, now=lambda: clock.now
    ) as sandbox:
        yield sandbox


def _post(number: int, at: float, text: str, **more: Any) -> Post:
    author = Account(str(number % 7 + 1), f"贴友{number % 7}", region="广东" if number % 2 else None)
    return Post(Site.TIEBA, str(number), at, author, text, **more)


def source(site: Sandbox, **block: Any) -> Tieba:
    wanted = {"forums": (FORUM,), "search": False} | block
    return Tieba(base_url=site.urls.tieba, delay=timedelta(), **wanted)


def stored(store: Store) -> dict[str, Mention]:
    return {found.mention.id: found.mention for found in store.posts.each(Search())}


def asked(site: Sandbox) -> list[str]:
    return [visit.target for visit in site.doors["tieba"].visits if visit.target != "/robots.txt"]


def test_a_forum_is_read_with_its_threads_and_comments(store: Store, site: Sandbox, clock: Clock) -> None:
    run = visit(store, source(site), clock.now)
    assert (run.new, run.blocked, run.error) == (FLOORS + COMMENTS + 2, {}, None)
    mentions = stored(store)
    thread = [m for m in mentions.values() if m.thread == f"tieba:{LONG}"]
    assert len(thread) == FLOORS + COMMENTS
    assert all(m.title == "听风手机发热" and m.brands == ("听风",) and m.published and m.author for m in thread)
    assert {m.region for m in mentions.values()} == {"广东", None}
    counts = store.posts.get(["tieba:1001"])["tieba:1001"].engagement
    assert counts is not None
    assert counts.comments == FLOORS - 1


def test_what_stood_still_is_not_asked_for_again(store: Store, site: Sandbox, clock: Clock) -> None:
    visit(store, source(site), clock.now)
    first = len(asked(site))
    run = visit(store, source(site), clock.now + timedelta(minutes=1))
    assert (first, len(asked(site)) - first, run.new) == (8, 1, 0)


def test_a_late_reply_and_a_late_comment_are_found(store: Store, site: Sandbox, clock: Clock) -> None:
    visit(store, source(site), clock.now)
    clock.now += timedelta(minutes=12)
    assert visit(store, source(site), clock.now).new == 2
    assert {"tieba:1300", "tieba:1301"} <= set(stored(store))


def test_the_count_of_a_visit_that_was_broken_off_is_not_believed(
    store: Store, site: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opening was stored with its count; the later pages of its thread were not."""
    turns = count()
    # It answers for robots.txt, the list, the first page of the thread, and the first comments in it.
    monkeypatch.setattr(site.doors["tieba"].plan, "take", lambda: None if next(turns) < 4 else Planned(status=500))
    run = visit(store, source(site), clock.now)
    # Of the other thread, whose page failed, the list gave the opening.
    assert (run.new, run.blocked) == (41, {"error_page": 3})
    monkeypatch.undo()
    visit(store, source(site), clock.now + timedelta(minutes=1))
    assert {f"tieba:{1001 + n}" for n in range(FLOORS)} <= set(stored(store))


def test_a_search_finds_posts_that_name_a_brand_wherever_they_stand(
    store: Store, site: Sandbox, clock: Clock
) -> None:
    run = visit(store, source(site, forums=(), search=True), clock.now)
    assert (run.new, run.error) == (2 + 1, None)  # and the opening that stands over the one that was cut
    found = stored(store)
    assert found["tieba:1101"].text.endswith("就是贵")
    assert (found["tieba:1101"].truncated, found["tieba:1101"].title) == (False, "求推荐耳机")
    assert asked(site)[0].startswith("/f/search/res?ie=utf-8&qw=%E5%90%AC%E9%A3%8E")
    visit(store, source(site, forums=(), search=True), clock.now)
    assert len(asked(site)) == 3


def test_what_a_search_and_a_forum_show_is_one_post(store: Store, site: Sandbox, clock: Clock) -> None:
    run = visit(store, source(site, search=True), clock.now)
    assert run.new == len(stored(store)) == FLOORS + COMMENTS + 2


def test_a_captcha_ends_the_visit(store: Store, site: Sandbox, clock: Clock) -> None:
    away = {"Location": "https://wappass.baidu.com/static/captcha/tuxing.html"}
    site.doors["tieba"].plan.add(Planned(status=404), Planned(status=302, headers=away))
    run = visit(store, source(site, forums=(FORUM, "别的")), clock.now)
    assert run.blocked == {"captcha": 1}
    assert "Left alone until" in (run.note or "")
    assert len(asked(site)) == 1
    assert run.error is not None


def test_a_forum_that_is_not_there_is_no_refusal(store: Store, site: Sandbox, clock: Clock) -> None:
    run = visit(store, source(site, forums=("没有这个吧",)), clock.now)
    assert (run.blocked, run.new, run.pages, run.error) == ({}, 0, 1, None)


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("https://tieba.baidu.com/p/9000000000", "1001"),
        ("https://tieba.baidu.com/p/9000000000?pn=2#1031l", "1031"),
        ("https://tieba.baidu.com/p/9000000000?pid=1065&cid=0#1065", "1065"),
        ("http://tieba.baidu.com/p/9000000000?pid=1002&cid=1203#1203", "1203"),
        ("https://tieba.baidu.com/mo/q/m?kz=9000000000", "1001"),
    ],
)
def test_a_pasted_address_leads_to_the_page_that_shows_it(
    site: Sandbox, clock: Clock, pasted: str, shown: str
) -> None:
    chosen = source(site)
    fetch = chosen.page_of(pasted)
    assert fetch is not None
    page = chosen.read(Answer(httpx.get(fetch.url).content, clock.now, url=fetch.url, fetch=fetch), "x")
    assert f"tieba:{shown}" in {o.mention.id for o in page.observations}


@pytest.mark.parametrize(
    "other",
    [
        "https://www.zhihu.com/p/9000000000",
        "https://tieba.baidu.com/f?kw=x",
        "ftp://tieba.baidu.com/p/1",
        "https://[x/p/1",
        "没有地址",
    ],
)
def test_what_is_no_thread_of_tieba_is_none_of_ours(other: str) -> None:
    assert Tieba().page_of(other) is None


def test_every_stored_post_can_be_looked_at_again(store: Store, site: Sandbox, clock: Clock) -> None:
    chosen = source(site)
    visit(store, chosen, clock.now)
    for number in ("1001", "1040", "1210"):
        mention = stored(store)[f"tieba:{number}"]
        fetch = chosen.reread(mention)
        assert fetch is not None
        page = chosen.read(Answer(httpx.get(fetch.url).content, clock.now, url=fetch.url, fetch=fetch), "x")
        again = {o.mention.id: o.mention for o in page.observations}
        if number != "1210":  # of comments the first page is looked at
            assert again[mention.id].thread == mention.thread
        assert {m.thread for m in again.values()} == {f"tieba:{LONG}"}
