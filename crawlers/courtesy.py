"""Downloader middlewares: a host that turned us away is left alone, and sign-in pages are not visited."""

from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider

REDIRECTS = range(300, 400)


class LeftAlone(IgnoreRequest):
    """The host turned us away earlier in this visit, so this page was not asked for."""


class Courtesy:
    """Asks nothing more of a host after its login wall, captcha or "too often"."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Courtesy":
        """What Scrapy makes it by."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request pass, or not."""
        spider = cast("SourceSpider", self._crawler.spider)
        if spider.walls and urlsplit(request.url).hostname in spider.walls:
            raise LeftAlone(request.url)


class Redirects(RedirectMiddleware):
    """Follows redirects, but for those to a sign-in page: they are the answer."""

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """No page is told where we come from, unless its source says so."""
        request.headers.pop("Referer", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Follow, or hand the answer on."""
        if response.status in REDIRECTS:
            host = urlsplit(destination(response)).hostname
            if host in cast("SourceSpider", self.crawler.spider).visit.source.login_hosts:
                return response
        return super().process_response(request, response)


def destination(response: Response) -> str:
    """Where an answer is from, or where it sends us."""
    location = response.headers.get("Location") if response.status in REDIRECTS else None
    return urljoin(response.url, location.decode("latin-1")) if location else response.url
