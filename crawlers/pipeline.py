"""The item pipeline: every page is one commit, made in a worker thread in the order of the answers."""

import asyncio
from typing import TYPE_CHECKING, cast

from scrapy.crawler import Crawler

from crawlers.visit import Item

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
        """Commit one page. The reactor goes on meanwhile: a writer may have to wait for another one."""
        spider = cast("SourceSpider", self._crawler.spider)
        async with self._turn:
            try:
                follow = await asyncio.to_thread(spider.visit.commit, item)
            except Exception as error:  # noqa: BLE001 - the job's outer edge: the run records why it ended
                spider.give_up(f"A page could not be stored: {error}", error)
                return item
        spider.after(item, follow)
        return item
