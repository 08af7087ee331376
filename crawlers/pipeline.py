"""The item pipeline: every page is one commit, in the order of the answers, and the reactor waits for no lock."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from scrapy.crawler import Crawler

from crawlers.source import Fetch
from crawlers.visit import Item, Visit
from mentions.store import StoreBusy

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider


class Commit:
    """Stores pages and lets the spider follow what is worth it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turn = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Commit":
        """What Scrapy makes it by."""
        return cls(crawler)

    async def process_item(self, item: Item) -> Item:
        """Commit one page: at once where nobody else is writing, else in a thread that may wait."""
        spider = cast("SourceSpider", self._crawler.spider)
        async with self._turn:
            try:
                follow = await self._follow(spider.visit, item)
            except Exception as error:  # noqa: BLE001 - the job's outer edge: the run records why it ended
                spider.give_up(f"A page could not be stored: {error}", error)
                return item
        spider.after(item, follow)
        return item

    async def _follow(self, visit: Visit, item: Item) -> list[Fetch]:
        if item.picture is None:  # to pack one takes a while
            with suppress(StoreBusy):
                return visit.commit_now(item)
        with suppress(
            StoreBusy
        ):  # two that wanted the same rows in another order: one of them is told to step back
            return await asyncio.to_thread(visit.commit, item)
        return await asyncio.to_thread(visit.commit, item)
