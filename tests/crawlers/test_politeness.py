"""A site is asked by one of us at a time, and rests between two requests, whoever asks."""

import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise

import pytest

from crawlers.crawl import crawl
from crawlers.reactor import run_in_reactor
from crawlers.spiders.rss import Rss
from mentions.brands import BrandMatcher
from mentions.runs import CrawlRun
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo
from tests.tingfeng.running import ROOT
from tingfeng.desk import wall_clock

PAUSE = timedelta(seconds=0.3)
FEED = '<rss version="2.0"><channel><title>t</title><item><guid>{}</guid><title>t</title></item></channel></rss>'
VISITOR = """
import sys
from datetime import timedelta
from crawlers.crawl import crawl
from crawlers.reactor import run_in_reactor
from crawlers.spiders.rss import Rss
from mentions.brands import BrandMatcher
from mentions.stores import open_store
from tingfeng.desk import wall_clock

name, address, delay, *feeds = sys.argv[1:]
source = Rss(feeds=tuple(feeds), delay=timedelta(seconds=float(delay)))
with open_store(address) as store:
    run = run_in_reactor(lambda: crawl(
        name, source, store=store, matcher=BrandMatcher([]), brands=[], clock=wall_clock, user_agent="Tingfeng"))
assert run.pages == len(feeds), run
"""


@pytest.fixture
def arrivals(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each request came in, robots.txt among them."""
    times: list[float] = []
    serve = site.reply

    def reply(path: str, headers: dict[str, str]) -> Reply:
        times.append(time.monotonic())
        return serve(path, headers)

    monkeypatch.setattr(site, "reply", reply)
    return times


def by_the_clock(store: Store, source: Rss, **pauses: timedelta) -> CrawlRun:
    return run_in_reactor(
        lambda: crawl(
            "x",
            source,
            store=store,
            matcher=BrandMatcher([]),
            brands=[],
            clock=wall_clock,
            user_agent="Tingfeng",
            pauses=pauses,
        )
    )


def test_two_processes_share_the_pause_of_a_site(store: Store, site: Site, arrivals: list[float]) -> None:
    """Two sources in two processes, one of them less patient: no two requests stand closer than its pause."""
    paths = [f"/{n}" for n in range(6)]
    site.pages = {path: Reply(FEED.format(path)) for path in paths}
    urls = [site.url + path for path in paths]
    both = [
        subprocess.Popen(
            [sys.executable, "-c", VISITOR, name, store.address, str(PAUSE.total_seconds()), *feeds],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        )
        for name, feeds in (("a", urls[:3]), ("b", urls[3:]))
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(site.asked) == len(paths)
    assert min(after - before for before, after in pairwise(arrivals)) >= PAUSE.total_seconds()


def test_within_a_visit_and_to_the_next_one_the_pause_of_the_strictest_holds(
    store: Store, site: Site, arrivals: list[float]
) -> None:
    site.pages = {path: Reply(FEED.format(path)) for path in ("/a", "/b")}
    source = Rss(feeds=(f"{site.url}/a", f"{site.url}/b"), delay=timedelta(seconds=0.01))
    where = site.url.removeprefix("http://")
    for _ in range(2):
        assert by_the_clock(store, source, **{where: PAUSE}).pages == 2
    assert len(arrivals) == 5  # robots.txt once
    assert min(after - before for before, after in pairwise(arrivals)) >= PAUSE.total_seconds()


def test_a_clock_that_was_set_back_does_not_silence_a_site(store: Store, site: Site) -> None:
    site.pages = {"/a": Reply(FEED.format("a"))}
    store.sites.leave({site.url.removeprefix("http://"): wall_clock() + timedelta(hours=9)})
    run = by_the_clock(store, Rss(feeds=(f"{site.url}/a",), delay=timedelta(seconds=0.01)))
    assert run.pages == 1


def test_a_visit_leaves_behind_when_its_site_was_asked(store: Store, site: Site) -> None:
    site.pages = {"/a": Reply("", status=503)}
    by_the_clock(store, Rss(feeds=(f"{site.url}/a",), delay=timedelta(seconds=0.01)))
    assert store.sites.asked([site.url.removeprefix("http://")])


def test_robots_txt_is_fetched_once_a_day(store: Store, site: Site, arrivals: list[float]) -> None:
    site.pages = {"/robots.txt": Reply("User-agent: *\nDisallow: /api/"), SEARCH.format(1): answer(post(1))}
    for at in (NOW, NOW + timedelta(hours=23), NOW + timedelta(hours=25)):
        assert visit(store, weibo(site), at=at).blocked == {"robots.txt forbids": 1}
    assert len(arrivals) == 2


def test_a_robots_txt_that_fails_forbids_everything(store: Store, site: Site) -> None:
    site.pages = {"/robots.txt": Reply("", 503), SEARCH.format(1): answer(post(1))}
    run = visit(store, weibo(site))
    assert (run.blocked, site.asked) == ({"robots.txt unknown": 1}, [])
    assert f"HTTP 503 for {site.url}/robots.txt" in str(run.error)


def test_where_a_robots_txt_fails_the_last_copy_holds_however_old(store: Store, site: Site) -> None:
    site.pages = {"/robots.txt": Reply("User-agent: *\nAllow: /"), SEARCH.format(1): answer(post(1))}
    visit(store, weibo(site))
    site.pages["/robots.txt"] = Reply("", 500)
    assert visit(store, weibo(site), at=NOW + timedelta(days=3)).pages == 1


def test_a_robots_txt_that_cannot_be_reached_is_asked_once_a_visit(
    store: Store, site: Site, arrivals: list[float]
) -> None:
    site.pages["/robots.txt"] = Reply("", 500)
    run = visit(store, Rss(feeds=tuple(f"{site.url}/{n}" for n in range(3)), delay=timedelta()))
    assert (run.blocked, len(arrivals)) == ({"robots.txt unknown": 3}, 2)  # and tried once more


def test_a_poll_without_news_costs_one_request(store: Store, site: Site, arrivals: list[float]) -> None:
    site.pages = {SEARCH.format(n): answer(post(n), page=n + 1) for n in (1, 2, 3)}
    visit(store, weibo(site, max_pages=3))
    arrivals.clear()
    run = visit(store, weibo(site, max_pages=3), at=NOW + timedelta(minutes=5))
    assert (len(arrivals), run.pages, run.new) == (1, 1, 0)


def test_a_clock_that_stands_still_silences_no_site(store: Store, site: Site, arrivals: list[float]) -> None:
    site.pages = {"/a": Reply(FEED.format("a"))}
    assert visit(store, Rss(feeds=(f"{site.url}/a",), delay=PAUSE)).pages == 1
    assert arrivals[1] - arrivals[0] >= PAUSE.total_seconds()
