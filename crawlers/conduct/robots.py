"""A downloader middleware: robots.txt is obeyed, and fetched once a day from each site."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.conduct.politeness import soon
from crawlers.visit import Visit, visit_of_spider

KEPT = timedelta(hours=24)
"""No copy is used for longer (RFC 9309, section 2.4)."""
LARGEST = 512 * 1024
"""More of it is not read (RFC 9309, section 2.5, asks for 500 KiB)."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
OWN = "tingfeng_robots"


class Unknown(IgnoreRequest):
    """The site's robots.txt cannot be read, so nobody knows what it forbids (RFC 9309, section 2.3.1.4)."""


class Forbidden(IgnoreRequest):
    """The site's robots.txt does not allow this page."""


class Robots:
    """Asks a site's robots.txt before the site, of the store where a copy of today is there."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._known: dict[str, Protego] = {}
        self._failed: dict[str, Exception] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        """What Scrapy makes it by."""
        return cls(crawler)

    @property
    def _visit(self) -> Visit:
        return visit_of_spider(self._crawler.spider)

    async def process_request(self, request: Request) -> None:
        """Forbidden where the site says so; Unknown, or why nothing came, where it says nothing."""
        if request.meta.get(OWN) or not request.url.startswith(("http://", "https://")):
            return
        site = "/".join(request.url.split("/", 3)[:3])
        async with self._turns[site]:
            if site not in self._known:
                self._known[site] = Protego.parse(await self._text_or_why_not(site))
        if not self._known[site].can_fetch(request.url, self._visit.user_agent):
            raise Forbidden("Forbidden by robots.txt")

    async def _text_or_why_not(self, site: str) -> str:
        """The text; what kept us from it once keeps the whole visit from its pages."""
        if site in self._failed:
            raise self._failed[site]
        try:
            return await self._text(site)
        except Exception as error:
            self._failed[site] = error
            raise

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
            answer = _answered(await engine.download_async(asked), site)
        except Exception:
            # The last copy, however old, says more than nobody.
            kept = await soon(visit, lambda: visit.store.sites.robots(site, LONG_AGO))
            if kept is None:
                raise
            return kept
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return ""  # not kept: it is no answer, and the page itself will say the same
        text = answer.body[:LARGEST].decode("utf-8", "replace") if answer.status == HTTPStatus.OK else ""
        await soon(visit, lambda: visit.store.sites.keep_robots(site, text, now))
        return text


def _answered(answer: Response, site: str) -> Response:
    """The answer, where the server did not fail."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unknown(f"HTTP {answer.status} for {site}/robots.txt: nobody knows what the site forbids.")
    return answer
