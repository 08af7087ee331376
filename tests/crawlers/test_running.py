"""Several visits at once, and visits that are cut short."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crawlers.crawl import crawl
from crawlers.reactor import run_in_reactor
from crawlers.spiders.rss import Rss
from mentions.brands import BrandMatcher
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.store import Store
from mentions.tasks import reread as queue
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import BRANDS, NOW, SEARCH, answer, post, visit, weibo


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
