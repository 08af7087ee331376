"""Visits to a small site on this machine, from the first request to the row of the run."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawlers import settings
from crawlers.crawl import crawl, reread
from crawlers.reactor import run_in_reactor
from crawlers.source import Answer, Page, Source
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.rss import Rss
from crawlers.spiders.v2ex import V2ex
from crawlers.spiders.weibo import Weibo
from mentions.brands import Brand, BrandMatcher
from mentions.store import Search, Store, StoreError
from mentions.store import reread as queue
from mentions.types import CrawlRun
from tests.crawlers.conftest import Reply, Site

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
BRANDS = [Brand("听风", search=("听风",))]
SEARCH = "/api/container/getIndex?containerid=100103type%3D61%26q%3D%E5%90%AC%E9%A3%8E&page_type=searchall&page={}"


def visit(store: Store, source: Source, at: datetime = NOW) -> CrawlRun:
    return run_in_reactor(
        lambda: crawl(
            "x",
            source,
            store=store,
            matcher=BrandMatcher(BRANDS),
            brands=BRANDS,
            clock=lambda: at,
            user_agent="Tingfeng/0 (+mailto:ops@example.com)",
        )
    )


def look_again(store: Store, source: Source, at: datetime = NOW) -> CrawlRun | None:
    return run_in_reactor(
        lambda: reread(
            "x",
            source,
            store=store,
            matcher=BrandMatcher(BRANDS),
            clock=lambda: at,
            user_agent="Tingfeng/0 (+mailto:ops@example.com)",
        )
    )


def weibo(site: Site, **block: Any) -> Weibo:
    return Weibo(base_url=site.url, delay=timedelta(), **block)


def post(number: int, text: str = "听风手机坏了", **more: Any) -> dict[str, Any]:
    user = {"id": 7, "screen_name": "甲", "followers_count": 10}
    made = {"id": str(number), "created_at": "刚刚", "text": text, "user": user, "reposts_count": 1}
    return made | more


def answer(*posts: dict[str, Any], page: int | None = None) -> Reply:
    cards = [{"card_type": 9, "mblog": p} for p in posts]
    return Reply(json.dumps({"ok": 1, "data": {"cardlistInfo": {"page": page}, "cards": cards}}))


def test_a_search_goes_on_while_pages_hold_news(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(n): answer(post(n), page=n + 1) for n in (1, 2, 3, 4)}
    first = visit(store, weibo(site, max_pages=3))
    assert (first.pages, first.seen, first.new, first.cap_hit) == (3, 3, 3, True)
    site.asked.clear()
    again = visit(store, weibo(site, max_pages=3))
    assert site.asked == [SEARCH.format(1)]
    assert (again.new, again.cap_hit, again.blocked, again.error) == (0, False, {}, None)


def test_posts_are_stored_with_their_brands_also_those_of_what_they_repost(store: Store, site: Site) -> None:
    origin = post(1, "听风手机坏了")
    site.pages = {SEARCH.format(1): answer(post(2, "转发微博", retweeted_status=origin), post(3, "别的"))}
    run = visit(store, weibo(site))
    found = store.posts.get(["weibo:1", "weibo:2", "weibo:3"])
    assert {i: f.mention.brands for i, f in found.items()} == {
        "weibo:1": ("听风",),
        "weibo:2": ("听风",),
        "weibo:3": (),
    }
    assert run.newest == run.oldest == NOW


def test_a_cut_text_is_stored_at_once_and_whole_later_and_asked_for_once(store: Store, site: Site) -> None:
    cut = post(5, '听风手机 ...<a href="/status/5">全文</a>', isLongText=True)
    site.pages = {
        SEARCH.format(1): answer(cut),
        "/statuses/extend?id=5": Reply(
            json.dumps({"ok": 1, "data": {"longTextContent": "听风手机<br>用三天坏了"}})
        ),
    }
    visit(store, weibo(site, cookie="SUB=x", approved_by="a", approval_reason="b"))
    stored = store.posts.get(["weibo:5"])["weibo:5"].mention
    assert (stored.text, stored.truncated, stored.brands) == ("听风手机\n用三天坏了", False, ("听风",))
    assert [h.get("cookie") for h in site.headers] == ["SUB=x", None]
    visit(store, weibo(site))
    assert site.asked.count("/statuses/extend?id=5") == 1


def test_a_wall_ends_the_visit_to_its_host_and_is_no_success(store: Store, site: Site) -> None:
    site.pages = {
        SEARCH.format(1): Reply('{"ok":-100,"url":"https://passport.weibo.com/sso/signin"}'),
        "/api/container/getIndex?containerid=1076035": answer(post(1)),
    }
    run = visit(store, weibo(site, accounts=("5",)))
    assert site.asked == [SEARCH.format(1)]
    assert run.blocked == {"login_wall": 1}
    assert run.error is not None
    assert run.error.startswith("No page could be read.")
    assert store.runs.freshness(["x"])[0].last_success is None


def test_a_redirect_to_the_sign_in_page_is_not_followed(store: Store, site: Site) -> None:
    away = {"Location": "https://passport.weibo.com/visitor/visitor"}
    site.pages = {SEARCH.format(1): Reply(status=302, headers=away)}
    assert visit(store, weibo(site)).blocked == {"login_wall": 1}


def test_a_redirect_within_the_site_is_followed(store: Store, site: Site) -> None:
    site.pages = {
        SEARCH.format(1): Reply(status=301, headers={"Location": "/moved"}),
        "/moved": answer(post(1)),
    }
    assert visit(store, weibo(site)).new == 1


@pytest.mark.parametrize(
    ("status", "reason"), [(432, "login_wall"), (418, "throttled"), (403, "no_permission"), (502, "error_page")]
)
def test_an_error_status_is_counted_by_its_meaning(store: Store, site: Site, status: int, reason: str) -> None:
    site.pages = {SEARCH.format(1): Reply("no", status)}
    assert visit(store, weibo(site)).blocked == {reason: 1}


def test_robots_txt_is_obeyed_and_said(store: Store, site: Site) -> None:
    site.pages = {"/robots.txt": Reply("User-agent: *\nDisallow: /api/"), SEARCH.format(1): answer(post(1))}
    assert visit(store, weibo(site)).blocked == {"robots.txt forbids": 1}
    assert site.asked == []
    run = visit(store, weibo(site, obey_robots=False, robots_reason="合同允许"))
    assert (run.new, run.note) == (1, "robots.txt not obeyed: 合同允许")


def test_an_answer_that_is_too_large_is_not_read(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LARGEST_ANSWER", 1_000)
    site.pages = {SEARCH.format(1): Reply("x" * 2_000)}
    assert visit(store, weibo(site)).blocked == {"too large": 1}


def test_a_site_that_is_down_is_a_reason_and_no_traceback(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    run = visit(store, Rss(feeds=("http://127.0.0.1:9/feed",), delay=timedelta()))
    assert run.blocked == {"refused": 1}
    assert run.error == "No page could be read. http://127.0.0.1:9/feed: The site refused the connection."
    assert not [record for record in caplog.records if record.exc_info]


def test_a_visit_that_asks_for_nothing_is_no_success(store: Store, site: Site) -> None:
    run = run_in_reactor(
        lambda: crawl(
            "x",
            weibo(site),
            store=store,
            matcher=BrandMatcher([]),
            brands=[],
            clock=lambda: NOW,
            user_agent="t",
        )
    )
    assert run.error is not None
    assert run.error.startswith("Nothing was asked for")


def test_an_address_that_is_none_is_counted(store: Store) -> None:
    run = visit(store, V2ex(base_url="v2ex", delay=timedelta()))
    assert run.blocked == {"bad address": 1}


def test_the_agent_says_who_asks(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer()}
    visit(store, weibo(site))
    assert site.headers[0]["user-agent"] == "Tingfeng/0 (+mailto:ops@example.com)"
    assert site.headers[0]["accept-language"].startswith("zh-CN")


class Broken(Rss):
    def read(self, answer: Answer, name: str) -> Page:  # noqa: ARG002 - it fails before it looks
        raise KeyError("data")


def test_a_parser_that_fails_does_not_end_the_visit(store: Store, site: Site) -> None:
    run = visit(store, Broken(feeds=(f"{site.url}/a", f"{site.url}/b"), delay=timedelta()))
    assert run.blocked == {"layout_changed": 2}
    assert run.error is not None
    assert "The parser failed: KeyError: 'data'" in run.error


def test_a_store_that_fails_ends_the_visit_with_its_words(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_page: object) -> None:
        raise StoreError("the disk is full")

    site.pages = {SEARCH.format(n): answer(post(n), page=n + 1) for n in (1, 2)}
    monkeypatch.setattr(store.posts, "record", fail)
    run = visit(store, weibo(site))
    assert (run.error, run.pages) == ("A page could not be stored: the disk is full", 0)


def test_suspect_posts_are_looked_at_again(store: Store, site: Site) -> None:
    site.pages = {
        SEARCH.format(1): answer(post(1), post(2), post(3)),
        "/statuses/show?id=1": Reply(json.dumps({"ok": 1, "data": post(1, reposts_count=900)})),
        "/statuses/show?id=2": Reply(json.dumps({"ok": 0, "msg": "微博不存在或暂无查看权限!"})),
        "/statuses/show?id=3": Reply("what?"),
    }
    visit(store, weibo(site))
    later = NOW + timedelta(minutes=1)
    store.tasks.put(queue("x"), ["weibo:1", "weibo:2", "weibo:3"], later)
    run = look_again(store, weibo(site), later)
    assert run is not None
    assert (run.kind, run.pages, run.blocked) == ("reread", 2, {"garbage": 1})
    counts = store.posts.get(["weibo:1"])["weibo:1"].engagement
    assert counts is not None
    assert (counts.reposts, counts.at) == (900, later)
    backlog = store.tasks.backlog(queue("x"))
    assert (backlog.waiting, backlog.oldest) == (1, later + timedelta(minutes=5))
    assert look_again(store, weibo(site), later) is None


def test_posts_that_a_wall_kept_from_us_come_back_later(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1), post(2))}
    visit(store, weibo(site))
    site.pages = {f"/statuses/show?id={n}": Reply("no", 418) for n in (1, 2)}
    store.tasks.put(queue("x"), ["weibo:1", "weibo:2"], NOW)
    run = look_again(store, weibo(site))
    assert run is not None
    assert run.blocked == {"throttled": 1}
    assert run.note == "stopped asking 127.0.0.1: throttled"
    assert store.tasks.backlog(queue("x")).oldest == NOW + timedelta(minutes=5)


def thread(*pids: int, page: int = 1, total: int = 1) -> Reply:
    posts = "".join(
        f'<div id="post_{p}"><div class="authi"><a class="xw1" href="?uid=1">甲</a></div>'
        f'<em id="authorposton{p}">发表于 2026-3-5 10:00</em>'
        f'<table><td id="postmessage_{p}">听风{p}</td></table></div>'
        for p in pids
    )
    pager = f'<div class="pg"><strong>{page}</strong><label><span title="共 {total} 页"></span></label></div>'
    return Reply(f"<html>{pager}{posts}</html>")


def board(*rows: tuple[int, str]) -> Reply:
    listed = "".join(
        f'<tbody id="normalthread_{tid}"><tr><th><a class="s xst">t</a></th>'
        f'<td class="by"><em><span title="{when}">x</span></em></td></tr></tbody>'
        for tid, when in rows
    )
    return Reply(f'<html><table id="threadlisttableid">{listed}</table></html>')


LIST = "/forum.php?mod=forumdisplay&fid=2&orderby=dateline&filter=author&page=1"
THREAD = "/forum.php?mod=viewthread&tid={}"


def test_only_threads_that_changed_are_read_again_and_from_their_end(store: Store, site: Site) -> None:
    forum = Discuz(base_url=site.url, forums=(2,), delay=timedelta())
    site.pages = {
        LIST: board((1, "2026-03-05 11:00"), (2, "2026-03-05 11:00")),
        THREAD.format(1): thread(11),
        THREAD.format(2): thread(21, 22, page=1, total=4),
        THREAD.format(2) + "&page=2": thread(23, page=2, total=4),
        THREAD.format(2) + "&page=3": thread(24, page=3, total=4),
        THREAD.format(2) + "&page=4": thread(25, page=4, total=4),
    }
    assert visit(store, forum).new == 6
    assert store.posts.get(["discuz:127.0.0.1:24"])["discuz:127.0.0.1:24"].mention.thread == "discuz:127.0.0.1:21"
    site.asked.clear()
    site.pages[LIST] = board((1, "2026-03-05 11:00"), (2, "2026-03-05 13:30"))
    site.pages[THREAD.format(2) + "&page=4"] = thread(25, 26, page=4, total=4)
    run = visit(store, forum, NOW + timedelta(hours=2))
    assert run.new == 1
    assert site.asked == [
        LIST,
        THREAD.format(2),
        THREAD.format(2) + "&page=4",
        THREAD.format(2) + "&page=3",
    ]


def test_replies_are_read_where_a_topic_mentions_a_brand_and_grew(store: Store, site: Site) -> None:
    def topics(replies: int) -> Reply:
        made = {
            "created": 1_772_678_400,
            "content": "如题",
            "replies": replies,
            "member": {"id": 1, "username": "z"},
        }
        return Reply(json.dumps([{"id": 1, "title": "听风如何", **made}, {"id": 2, "title": "别的", **made}]))

    reply = {"id": 9, "content": "很差", "created": 1_772_678_401, "member": {"id": 2, "username": "y"}}
    asked = "/api/replies/show.json?topic_id=1"
    site.pages = {
        "/api/topics/latest.json": topics(1),
        "/api/topics/hot.json": Reply("[]"),
        asked: Reply(json.dumps([reply])),
    }
    source = V2ex(base_url=site.url, delay=timedelta())
    for replies, times in ((1, 1), (1, 1), (2, 2)):
        site.pages["/api/topics/latest.json"] = topics(replies)
        visit(store, source, NOW + timedelta(minutes=replies * 3 + times))
        assert site.asked.count(asked) == times
    assert store.posts.get(["v2ex:reply:9"])["v2ex:reply:9"].mention.brands == ("听风",)


def test_several_sources_run_at_once_on_one_reactor(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1)), "/feed": Reply("<rss version='2.0'><channel/></rss>")}

    async def both() -> tuple[CrawlRun, CrawlRun]:
        keep: dict[str, Any] = {"store": store, "matcher": BrandMatcher(BRANDS), "brands": BRANDS}
        keep |= {"clock": lambda: NOW, "user_agent": "t"}
        feeds = Rss(feeds=(f"{site.url}/feed",), delay=timedelta())
        return await asyncio.gather(crawl("w", weibo(site), **keep), crawl("r", feeds, **keep))

    runs = run_in_reactor(both)
    assert [(run.source, run.pages, run.error) for run in runs] == [("w", 1, None), ("r", 1, None)]


def test_a_cancelled_visit_finishes_its_row_and_gives_its_claims_back(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages = {SEARCH.format(1): answer(post(1)), "/statuses/show?id=1": answer(post(1))}
    visit(store, weibo(site))
    store.tasks.put(queue("x"), ["weibo:1"], NOW)
    running: list[asyncio.Task[Any]] = []

    def cancel(site_reply: Callable[..., Reply]) -> Callable[..., Reply]:
        def reply(path: str, headers: dict[str, str]) -> Reply:
            running[0].get_loop().call_soon_threadsafe(running[0].cancel)
            return site_reply(path, headers)

        return reply

    monkeypatch.setattr(site, "reply", cancel(site.reply))

    async def main() -> None:
        running.append(asyncio.ensure_future(_crawl(store, site)))
        with pytest.raises(asyncio.CancelledError):
            await running[0]

    run_in_reactor(main)
    last = store.runs.recent("x", 1)[0]
    assert last.finished == NOW
    assert last.note == "interrupted"
    claimed = store.tasks.claim(queue("x"), owner="next", now=NOW, lease=timedelta(minutes=1), limit=5)
    assert [task.mention_id for task in claimed] in ([], ["weibo:1"])
    assert store.posts.count(Search()) == 1


async def _crawl(store: Store, site: Site) -> CrawlRun:
    return await crawl(
        "x",
        weibo(site),
        store=store,
        matcher=BrandMatcher(BRANDS),
        brands=BRANDS,
        clock=lambda: NOW,
        user_agent="t",
    )
