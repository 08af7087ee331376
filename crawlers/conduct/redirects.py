"""A downloader middleware: redirects are followed, but for those to a sign-in page, or into somebody's network."""

from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from crawlers.conduct.hosts import host_of, is_elsewhere, site_of
from crawlers.conduct.inside import is_inside
from crawlers.conduct.lookups import Inside, Watched
from crawlers.visit import visit_of_spider

REDIRECTS = range(300, 400)
FOR_ANYONE = frozenset({b"accept", b"accept-language", b"user-agent"})
"""What another site is told. The rest may be a secret, or mean something only where it was written for."""


class Redirects(RedirectMiddleware):
    """Follows redirects, but for those to a sign-in page: they are the answer."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._watched = Watched(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Redirects":
        """What Scrapy makes it by."""
        return cls(crawler)

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """No page is told where we come from, unless its source says so."""
        request.headers.pop("Referer", None)

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow, or hand the answer on. Inside where it leads from the internet to where only we can go."""
        if response.status in REDIRECTS:
            source = visit_of_spider(self.crawler.spider).source
            if host_of(destination(response)) in source.login_hosts:
                return response
        followed = super().process_response(request, response)
        if isinstance(followed, Request) and is_elsewhere(request.url, followed.url):
            for name in followed.headers.keys() - FOR_ANYONE:
                del followed.headers[name]
            if not await is_inside(host_of(request.url)):
                if await is_inside(host_of(followed.url)):
                    where = site_of(followed.url)
                    raise Inside(f"The site sent us to {where}, no address of the internet; we did not go.")
                self._watched.add(host_of(followed.url))
        return followed


def destination(response: Response) -> str:
    """Where an answer is from, or where it sends us."""
    location = response.headers.get("Location") if response.status in REDIRECTS else None
    return urljoin(response.url, location.decode("latin-1")) if location else response.url
