"""A downloader middleware: redirects are followed, but for those to a sign-in page."""

from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from crawlers.hosts import host_of

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider

REDIRECTS = range(300, 400)


class Redirects(RedirectMiddleware):
    """Follows redirects, but for those to a sign-in page: they are the answer."""

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """No page is told where we come from, unless its source says so."""
        request.headers.pop("Referer", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Follow, or hand the answer on."""
        if response.status in REDIRECTS:
            source = cast("SourceSpider", self.crawler.spider).visit.source
            if host_of(destination(response)) in source.login_hosts:
                return response
        return super().process_response(request, response)


def destination(response: Response) -> str:
    """Where an answer is from, or where it sends us."""
    location = response.headers.get("Location") if response.status in REDIRECTS else None
    return urljoin(response.url, location.decode("latin-1")) if location else response.url
