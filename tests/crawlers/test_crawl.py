"""Visits to a small site on this machine, from the first request to the row of the run."""

import json
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from crawlers import settings
from crawlers.crawl import crawl
from crawlers.reactor import run_in_reactor
from crawlers.source import Answer, Page
from crawlers.spiders.rss import Rss
from crawlers.spiders.v2ex import V2ex
from mentions.brands import BrandMatcher
from mentions.store import Store, StoreError
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo


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
    with capture_logs() as logs:
        run = visit(store, weibo(site))
    assert (run.error, run.pages) == ("A page could not be stored: the disk is full", 0)
    said = [(entry["error"], entry["exc_info"]) for entry in logs if entry["event"] == "visit given up"]
    assert said == [(run.error, None)]  # a sentence, and no traceback


def test_a_visit_that_cannot_claim_from_the_store_says_so_without_a_traceback(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store.tasks, "claim", fail)
    with capture_logs() as logs:
        run = visit(store, weibo(site))
    assert run.error == "The visit failed: the disk is full"
    assert [entry.get("exc_info") for entry in logs if entry["event"] == "visit failed"] == [None]
