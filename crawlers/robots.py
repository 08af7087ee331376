"""A downloader middleware: robots.txt is obeyed, and fetched once a day from each site."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawlers.politeness import soon
from crawlers.visit import Visit

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider

KEPT = timedelta(hours=24)
"""No copy is used for longer (RFC 9309, section 2.4)."""
LARGEST = 512 * 1024
"""More of it is not read (RFC 9309, section 2.5, asks for 500 KiB)."""
OWN = "tingfeng_robots"


class Forbidden(IgnoreRequest):
    """The site's robots.txt does not allow this page."""


class Robots:
    """Asks a site's robots.txt before the site, of the store where a copy of today is there."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._known: dict[str, Protego] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        """What Scrapy makes it by."""
        return cls(crawler)

    @property
    def _visit(self) -> Visit:
        return cast("SourceSpider", self._crawler.spider).visit

    async def process_request(self, request: Request) -> None:
        """Forbidden where the site says so."""
        if request.meta.get(OWN) or not request.url.startswith(("http://", "https://")):
            return
        site = "/".join(request.url.split("/", 3)[:3])
        async with self._turns[site]:
            if site not in self._known:
                self._known[site] = Protego.parse(await self._text(site))
        if not self._known[site].can_fetch(request.url, self._visit.user_agent):
            raise Forbidden("Forbidden by robots.txt")

    async def _text(self, site: str) -> str:
        visit = self._visit
        now = visit.clock()
        kept = await soon(visit, lambda: visit.store.sites.robots(site, now - KEPT))
        if kept is not None:
            return kept
        asked = Request(f"{site}/robots.txt", priority=1000, meta={OWN: True}, callback=NO_CALLBACK)
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101 - it is what asks us
        try:
            answer = await engine.download_async(asked)
        except Exception:  # noqa: BLE001 - whatever keeps us from robots.txt: the page itself will say it
            return ""
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return ""  # not kept: it is no answer
        text = answer.body[:LARGEST].decode("utf-8", "replace") if answer.status == HTTPStatus.OK else ""
        await soon(visit, lambda: visit.store.sites.keep_robots(site, text, now))
        return text
