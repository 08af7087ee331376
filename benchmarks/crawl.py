"""CPU per page of fetch, parse and commit against a bare Scrapy download of the same pages."""

import multiprocessing
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from benchmarks.posts import NAMES, brands
from benchmarks.results import Goal, Line, ratio_of
from benchmarks.site import search_path, weibo_site
from crawlers.reactor import run_in_reactor
from mentions.runs import CrawlRun

GOAL = Goal(1.5, at_most=True)
WARM_UP = 2
"""Pages of each brand in the visit that is subtracted: what starting and ending a visit costs is in it."""


def bare(url: str, pages: int) -> float:
    """CPU seconds of downloading so many pages of each brand with Scrapy as it comes, one at a time."""
    from scrapy import Request, Spider  # noqa: PLC0415 - late: only the measured process needs it
    from scrapy.crawler import Crawler  # noqa: PLC0415
    from scrapy.http import Response  # noqa: PLC0415

    class Bare(Spider):
        name = "bare"
        read = 0

        async def start(self) -> AsyncIterator[Request]:
            for name in NAMES:
                for page in range(1, pages + 1):
                    yield Request(url + search_path(name, page))

        def parse(self, response: Response, **_: Any) -> None:
            self.read += len(response.body) > 0

    crawler = Crawler(
        Bare, {"TELNETCONSOLE_ENABLED": False, "LOG_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
    )

    async def visit() -> None:
        await crawler.crawl_async()

    started = time.process_time()
    run_in_reactor(visit)
    spent = time.process_time() - started
    assert isinstance(crawler.spider, Bare)
    assert crawler.spider.read == pages * len(NAMES), crawler.spider.read
    return spent


def ours(url: str, pages: int) -> float:
    """CPU seconds of a visit that downloads, reads and commits as many pages of ten new posts."""
    from crawlers.crawl import crawl  # noqa: PLC0415 - late: only the measured process needs these
    from crawlers.spiders.weibo import Weibo  # noqa: PLC0415
    from mentions.brands import BrandMatcher  # noqa: PLC0415
    from mentions.sqlite import SqliteStore  # noqa: PLC0415
    from tingfeng.desk import wall_clock  # noqa: PLC0415

    watched = brands()
    source = Weibo(base_url=url, delay=timedelta(), max_pages=pages)
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "store.db") as store:

        async def visit() -> CrawlRun:
            return await crawl(
                "weibo",
                source,
                store=store,
                matcher=BrandMatcher(watched),
                brands=watched,
                clock=wall_clock,
                user_agent="Tingfeng",
            )

        started = time.process_time()
        run = run_in_reactor(visit)
        spent = time.process_time() - started
    expected = pages * len(watched)
    assert (run.pages, run.new, run.error) == (expected, expected * 10, None), run
    return spent


def a_page(side: Callable[[str, int], float], url: str, pages: int) -> float:
    """CPU milliseconds that one more page costs, in a process that has made its first visit."""
    side(url, WARM_UP)
    short, long = side(url, WARM_UP), side(url, pages)
    return 1000 * (long - short) / ((pages - WARM_UP) * len(NAMES))


def run(*, quick: bool) -> list[Line]:
    """Both sides in fresh processes, in turns."""
    pages, rounds = (4, 1) if quick else (25, 7)
    found: dict[Callable[[str, int], float], list[float]] = {ours: [], bare: []}
    with weibo_site(pages) as (url, size):
        for _ in range(rounds):
            for side, spent in found.items():
                spent.append(_in_fresh_process(side, url, pages))
    compared = (
        f"CPU a page, fetch + parse + commit, against bare Scrapy: {pages * len(NAMES)} pages of "
        f"10 new posts, {size / 1000:.0f} kB"
    )
    return [
        ratio_of("crawl", compared, found[ours], found[bare], GOAL),
        Line("crawl.ours", "CPU a page, the least of all rounds", min(found[ours]), "ms"),
        Line("crawl.bare", "CPU a page, the least of all rounds", min(found[bare]), "ms"),
    ]


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))


def _in_fresh_process(side: Callable[[str, int], float], url: str, pages: int) -> float:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _quiet) as pool:
        return pool.submit(a_page, side, url, pages).result()
