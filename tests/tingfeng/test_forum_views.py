"""One forum, crawled over HTTP in each of its views."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from crawlers.sites.discuz.addresses import View
from crawlers.source import Answer
from crawlers.spiders.discuz import Discuz
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.types import Mention
from tests.crawlers.visits import visit
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.world import Account, Growth, Post, Site, World

START = datetime(2026, 11, 22, 4, tzinfo=UTC)
MINUTE = 60.0
VIEWS: tuple[View, ...] = ("desktop", "mobile", "archiver", "rss")
FLOORS = 23
"""A thread of three pages, and the reply that comes after the first visit."""


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = START + timedelta(hours=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "mentions.db") as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forum(clock: Clock) -> Iterator[Sandbox]:
    """Three threads: one long, one short, one for members."""
    long = _post("1001", 0, "听风手机发热", title="听风手机发热，客服不管", views=Growth(900))
    floors = [_post(str(1001 + n), n * MINUTE, f"我的也是第{n}个", thread="1001") for n in range(1, FLOORS)]
    late = _post("1100", 190 * MINUTE, "还是没有人管", thread="1001")
    short = _post("1050", 30 * MINUTE, "求推荐\n耳机", title="求推荐")
    hidden = _post("1060", 40 * MINUTE, "内部", title="内部测试", members_only=True)
    world = World([long, *floors, late, short, hidden])
    with Sandbox(world, speed=1, start=START, now=lambda: clock.now) as sandbox:
        yield sandbox


def _post(number: str, at: float, text: str, **more: object) -> Post:
    author = Account(str(int(number) % 7 + 1), f"网友{int(number) % 7}")
    return Post(Site.FORUM, number, at, author, text, **more)  # type: ignore[arg-type]


def source(forum: Sandbox, view: View) -> Discuz:
    return Discuz(base_url=forum.urls.forum, forums=(2,), view=view, delay=timedelta())


def stored(store: Store) -> dict[str, Mention]:
    return {found.mention.id: found.mention for found in store.posts.each(Search())}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_every_post(store: Store, forum: Sandbox, clock: Clock, view: View) -> None:
    run = visit(store, source(forum, view), clock.now)
    assert (run.new, run.error) == (FLOORS + 1, None)
    # A member's thread stands in no feed; everywhere else it is refused, and said to be.
    assert run.blocked == ({} if view == "rss" else {"no_permission": 1})
    mentions = stored(store)
    opening = next(m for m in mentions.values() if m.text == "听风手机发热")
    thread = [m for m in mentions.values() if m.thread == opening.id]
    assert len(thread) == FLOORS
    assert {m.title for m in thread} == {"听风手机发热，客服不管"}
    assert [m.text for m in thread if m.id == opening.id] == ["听风手机发热"]
    assert all(m.published is not None and m.author is not None for m in mentions.values())
    counts = store.posts.get([opening.id])[opening.id].engagement
    assert counts is not None
    assert counts.comments == FLOORS - 1


@pytest.mark.parametrize("view", VIEWS)
def test_a_late_reply_is_found_and_what_stood_still_is_not_asked_for(
    store: Store, forum: Sandbox, clock: Clock, view: View
) -> None:
    visit(store, source(forum, view), clock.now)
    clock.now += timedelta(minutes=12)
    before = len(forum.doors["forum"].visits)
    run = visit(store, source(forum, view), clock.now)
    asked = [v.target for v in list(forum.doors["forum"].visits)[before:] if v.target != "/robots.txt"]
    # The feed says nothing of replies: they are seen while a thread is new, and by looking at suspect posts again.
    assert run.new == (0 if view == "rss" else 1)
    assert [target for target in asked if "tid" in target and not _is_of_the_long_one(target)] == (
        [] if view != "archiver" else ["/archiver/?tid-3.html"]
    )
    assert len(asked) <= 5


def _is_of_the_long_one(target: str) -> bool:
    return "tid=1" in target or "tid-1." in target


def test_the_same_post_has_one_id_in_every_view_that_shows_numbers(
    tmp_path: Path, forum: Sandbox, clock: Clock
) -> None:
    found = []
    for view in ("desktop", "mobile", "rss"):
        with SqliteStore(tmp_path / f"{view}.db") as fresh:
            visit(fresh, source(forum, view), clock.now)
            found.append(
                {m.id: (m.text, m.title, m.author and m.author.id, m.thread) for m in stored(fresh).values()}
            )
    assert found[0] == found[1] == found[2]
    assert set(found[0]) == {f"discuz:127.0.0.1:{n}" for n in (*range(1001, 1001 + FLOORS), 1050)}


def test_the_archivers_ids_are_the_same_a_day_later(tmp_path: Path, forum: Sandbox, clock: Clock) -> None:
    found = []
    for day in range(2):
        with SqliteStore(tmp_path / f"{day}.db") as fresh:
            visit(fresh, source(forum, "archiver"), clock.now)
            found.append(set(stored(fresh)))
        clock.now += timedelta(days=1)
    assert found[0] < found[1]
    assert len(found[1]) == len(found[0]) + 1
    assert {i.partition("-")[0] for i in found[1]} == {"discuz:127.0.0.1:tid"}


@pytest.mark.parametrize("view", ["desktop", "mobile"])
@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("/forum.php?mod=viewthread&tid=1&extra=page%3D1", "1001"),
        ("/forum.php?mod=viewthread&tid=1&page=3&mobile=2#pid1023", "1023"),
        ("/thread-1-2-1.html", "1011"),
        ("/forum.php?mod=redirect&goto=findpost&ptid=1&pid=1015", "1015"),
        ("/archiver/?tid-2.html", "1050"),
    ],
)
def test_a_pasted_address_leads_to_the_page_that_shows_it(
    forum: Sandbox, clock: Clock, view: View, pasted: str, shown: str
) -> None:
    chosen = source(forum, view)
    fetch = chosen.page_of(f"{forum.urls.forum}{pasted}")
    assert fetch is not None
    assert ("mobile=2" in fetch.url) == (view == "mobile")
    reply = httpx.get(fetch.url, follow_redirects=True)
    page = chosen.read(Answer(reply.content, clock.now, url=str(reply.url), fetch=fetch), "x")
    assert f"discuz:127.0.0.1:{shown}" in {o.mention.id for o in page.observations}


@pytest.mark.parametrize(
    "other",
    [
        "http://bbs.elsewhere.example/thread-1-1-1.html",
        "http://bbs.example/blog/thread-1-1-1.html",
        "http://bbs.example/club/forum.php?mod=forumdisplay&fid=2",
        "http://bbs.example/club/forum-2-1.html",
        "http://bbs.example/club/home.php?mod=space&tid=1",
        "ftp://bbs.example/club/thread-1-1-1.html",
        "http://[bad/thread-1-1-1.html",
        "话题",
    ],
)
def test_what_is_no_thread_of_this_forum_is_none_of_ours(other: str) -> None:
    assert Discuz(base_url="http://bbs.example/club", forums=(2,)).page_of(other) is None
