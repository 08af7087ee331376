"""What opens pages in a browser: scrapy-playwright's way, but no page and no browser is waited for without end."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error, Page
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawlers.browsing.browser import MARK, NotOpened
from crawlers.browsing.ending import end

PAGE_SECONDS = 90.0
"""What a page may take in all, the start of its browser included: what is waited for in it is over by then."""
CLOSE_SECONDS = 10.0
LONGEST = 200
"""Characters of what Playwright says: behind the first line come its command line and its log."""


class Handler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # it is not typed
    """Opens pages. A browser that answers no more is ended, and the next page has a new one."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.mark: str = crawler.settings[MARK]
        self.config.target_closed_max_retries = 0  # a page that was lost is asked for later, and politely

    async def download_request(self, request: Request) -> Response:
        """Open one page. NotOpened where the browser fails."""
        try:
            async with asyncio.timeout(PAGE_SECONDS):
                response: Response = await super().download_request(request)
        except TimeoutError as error:
            end(self.mark)
            raise NotOpened(f"it did not answer in {PAGE_SECONDS:.0f} seconds") from error
        except Error as error:
            raise NotOpened(error.message.partition("\n")[0][:LONGEST].rstrip(".")) from error
        return response

    async def _apply_page_methods(self, page: Page, request: Request, spider: Spider) -> None:  # noqa: ARG002
        """What is done with a page that is open. Theirs then waits for its last part, and loses all without it."""
        for step in request.meta["playwright_page_methods"]:
            await step.method(page)

    async def close(self) -> None:
        """Close the browsers, and end those that do not answer."""
        closing = asyncio.ensure_future(super().close())
        for _ in range(2):
            await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
            if not closing.done():
                end(self.mark)
        closing.cancel()
        with suppress(Error, asyncio.CancelledError):
            await closing
