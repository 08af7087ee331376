"""Politeness: every request waits until its site is free, whichever of our visits, processes or machines had it.

A site is one row of the store: a request takes it, and leaves it to whoever comes a pause after its answer. So
requests to a site stand one after another, robots.txt, redirects and second attempts among them.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.browsing.screenshots import CAMERA
from crawlers.conduct.cooling import sentence
from crawlers.conduct.hosts import site_of
from crawlers.reactor import in_thread
from crawlers.settings import TIMEOUT_SECONDS
from crawlers.visit import Visit, visit_of_spider
from mentions.store import StoreBusy

T = TypeVar("T")
HELD_FOR = timedelta(seconds=2 * TIMEOUT_SECONDS)
"""A request that lasts longer has died with its process."""
SLOWEST = timedelta(minutes=1)
"""A site that takes its time is given as long to rest, but no longer than this."""
LOOK_AGAIN = 1.0
"""Seconds after which a site that somebody else asks is looked at again."""
CLOCKS_DIFFER = 0.02
"""Seconds by which the clock of the rows may lag behind the one that a pause is slept by."""
TAKEN = "tingfeng_taken"


class LeftAlone(IgnoreRequest):
    """The site is cooling down: the message says until when, and why."""


class Politeness:
    """The downloader middleware next to the network."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Politeness":
        """What Scrapy makes it by."""
        return cls(crawler)

    @property
    def _visit(self) -> Visit:
        return visit_of_spider(self._crawler.spider)

    async def process_request(self, request: Request) -> None:
        """Wait for the site. LeftAlone where it turned us away a while ago."""
        visit, site = self._visit, site_of(request.url)
        if site not in visit.looked_at:  # a transaction for each page would cost a tenth of its CPU
            await soon(visit, partial(visit.cooling, site))
        known = visit.cooling(site)
        if known is not None and known.until > visit.clock():
            raise LeftAlone(sentence(known))
        if visit.pause(site):
            await _turn(visit, site)
            request.meta[TAKEN] = visit.taken[site] = visit.clock()

    async def process_response(self, request: Request, response: Response) -> Response:
        """Let the site rest."""
        await self._leave(request)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002 - Scrapy's
        """The same where no answer came."""
        await self._leave(request)

    async def _leave(self, request: Request) -> None:
        began = request.meta.pop(TAKEN, None)
        if began is None:
            return
        visit, site = self._visit, site_of(request.url)
        now = visit.clock()
        # A browser waits until a page is complete: that is not the site's slowness.
        lasted = timedelta() if CAMERA in request.meta else now - began
        rest = max(visit.pause(site), min(lasted, SLOWEST))
        await soon(visit, partial(visit.store.sites.leave, {site: now + rest}))
        visit.taken.pop(site, None)


async def _turn(visit: Visit, site: str) -> None:
    """Take a site as soon as it is free."""
    time = asyncio.get_running_loop().time
    longest = max(HELD_FOR, SLOWEST, visit.pause(site))
    free, over = None, 0.0
    while True:
        if visit.over:
            raise IgnoreRequest("the visit is over")
        now = visit.clock()
        found = await soon(visit, partial(_take, visit, site, now), undo=partial(_give_back, visit, site))
        if found is None:
            return
        if found != free:
            free, left = found, found - now
            # More is left than anybody asks for where a clock was set back: an hour's silence is no politeness.
            over = time() + (left if left <= longest else visit.pause(site)).total_seconds()
        elif time() > over + CLOCKS_DIFFER:  # the rest is over, and the clock of the rows does not know it
            await soon(visit, partial(visit.store.sites.leave, {site: now}))
            continue
        await asyncio.sleep(min(max(over - time(), CLOCKS_DIFFER), LOOK_AGAIN))


def _take(visit: Visit, site: str, now: datetime) -> datetime | None:
    return visit.store.sites.take(site, at=now, until=now + HELD_FOR)


def _give_back(visit: Visit, site: str, free: datetime | None) -> None:
    """Nothing was asked of a site that came too late."""
    if free is None:
        visit.store.sites.leave({site: visit.clock()})


async def soon(visit: Visit, work: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
    """Do a little in the store at once; in a thread, which may wait, where somebody else is writing."""
    try:
        with visit.store.transaction(wait=False, durable=False):
            return work()
    except StoreBusy:
        return await in_thread(work, undo=undo)
