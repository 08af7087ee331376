"""The one Scrapy spider: it runs any source, and knows no site."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any

import structlog
from scrapy import Request, Spider
from scrapy import exceptions as scrapy_errors
from scrapy.http import Response
from twisted.internet import error as twisted_errors
from twisted.python.failure import Failure

from crawlers import browser
from crawlers.hosts import Hosts, host_of, site_of
from crawlers.redirects import destination
from crawlers.source import WALLS, Answer, Fetch, Outcome, Page
from crawlers.visit import Item, Visit
from mentions.store import StoreError

LEFT_ALONE = "Not asked for: the site turned us away earlier in this visit."
LANGUAGE = "zh-CN,zh;q=0.9,en;q=0.3"
REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (scrapy_errors.DownloadTimeoutError, "timeout", "the site did not answer in time"),
    (scrapy_errors.DownloadConnectionRefusedError, "refused", "the site refused the connection"),
    (scrapy_errors.CannotResolveHostError, "name not found", "the site's name could not be looked up"),
    (scrapy_errors.DownloadCancelledError, "too large", "the answer is larger than we read"),
    (scrapy_errors.ResponseDataLossError, "cut off", "the answer broke off"),
    (scrapy_errors.UnsupportedURLSchemeError, "bad address", "the address is not one of http or https"),
    (twisted_errors.ConnectError, "unreachable", "the site could not be reached"),
    (scrapy_errors.DownloadFailedError, "connection lost", "the connection was lost"),
    (twisted_errors.ConnectionLost, "connection lost", "the connection was lost"),
    (OSError, "unreachable", "the site could not be reached"),
)
IGNORED = (
    ("robots.txt", "robots.txt forbids", "The site's robots.txt does not allow this page."),
    ("redirections", "too many redirects", "The site sent us from one address to the next too often."),
    ("DOWNLOAD_MAXSIZE", "too large", "The answer is larger than we read."),
)
"""By what Scrapy says when it drops a page itself."""
log = structlog.get_logger()


class SourceSpider(Spider):
    """Runs one visit: asks, hands the answers to the source's parser, and passes on what it read."""

    name = "source"

    def __init__(self, visit: Visit, **kwargs: Any) -> None:
        super().__init__(visit.name, **kwargs)
        self.visit = visit
        self.hosts = Hosts()

    async def start(self) -> AsyncIterator[Request]:
        """The pages that the visit begins with, the first one of each host."""
        for fetch in self.visit.first:
            self.hosts.put(fetch)
        for request in self._next():
            yield request

    def _next(self) -> Iterator[Request]:
        """The next page of every host that is free."""
        for fetch in self.hosts.take():
            try:
                yield self._request(fetch)
            except ValueError as error:  # Scrapy's, for what is no address
                self.visit.tally.block("bad address", f"{fetch.url}: {error}.", again=fetch.again)
                self.hosts.free(fetch)

    def _request(self, fetch: Fetch) -> Request:
        return Request(
            fetch.url,
            self.answered,
            errback=self.failed,
            headers={"Accept-Language": LANGUAGE, **fetch.headers},
            cb_kwargs={"fetch": fetch},
            meta=browser.meta(self.visit.source, fetch),
            dont_filter=True,
        )

    def answered(self, response: Response, fetch: Fetch) -> Iterable[Item]:
        """Read an answer, whatever its status."""
        visit = self.visit
        visit.asked[site_of(fetch.url)] = visit.clock()
        answer = Answer(
            body=response.body,
            fetched_at=visit.clock(),
            url=destination(response),
            status=response.status,
            charset=_charset(response),
            fetch=fetch,
        )
        page, answer = self._read(answer, response.meta.get(browser.EAR))
        if page.outcome not in WALLS or fetch.side:
            return [Item(fetch, page, answer=answer)]
        host = host_of(fetch.url)
        visit.tally.note(f"stopped asking {host}: {page.outcome.value}")
        return [
            Item(fetch, page, answer=answer),
            *(Item(left, None, None, LEFT_ALONE) for left in self.hosts.close(host)),
        ]

    def _read(self, answer: Answer, ear: browser.Ear | None) -> tuple[Page, Answer]:
        """What an answer shows; all that its page received, where a browser opened it. And what was read."""
        if ear is None:
            return self._parsed(answer), answer
        if not ear.heard:
            return browser.of_the_page_itself(self._parsed(answer), ear.listens), answer
        heard = (Answer(h.body, answer.fetched_at, h.url, h.status, fetch=answer.fetch) for h in ear.heard)
        received = replace(answer, body=b"\n".join(h.body for h in ear.heard), status=ear.heard[0].status)
        return browser.merged([self._parsed(one) for one in heard]), received

    def _parsed(self, answer: Answer) -> Page:
        visit = self.visit
        try:
            return visit.source.read(answer, visit.name)
        except Exception as error:
            url = answer.fetch.url if answer.fetch else answer.url
            log.exception("parser failed", source=visit.name, url=url)
            page = Page(Outcome.LAYOUT_CHANGED, detail=f"The parser failed: {type(error).__name__}: {error}")
            visit.tally.error = f"{url}: {page.detail}"
            return page

    def failed(self, failure: Failure) -> Iterable[Item]:
        """Say why there is no answer."""
        fetch = failure.request.cb_kwargs["fetch"]  # type: ignore[attr-defined]
        self.visit.asked[site_of(fetch.url)] = self.visit.clock()
        reason, detail = explain(failure.value)
        return [Item(fetch, None, reason, detail)]

    def after(self, item: Item, follow: list[Fetch]) -> None:
        """Go on from a page that is stored."""
        page = item.page
        if page is None or page.outcome.blocked:
            detail = page.detail if page else item.detail
            reason = page.outcome.value if page else item.reason
            log.info("page not read", source=self.visit.name, url=item.fetch.url, reason=reason, detail=detail)
        for fetch in follow:
            self.hosts.put(fetch)
        if item.reason is not None or page is not None:
            self.hosts.free(item.fetch)
        for request in self._next():
            self.crawler.engine.crawl(request)

    def give_up(self, error: str, cause: BaseException) -> None:
        """The store cannot be written: nothing more is asked for, since nothing could be kept."""
        unexpected = None if isinstance(cause, StoreError) else cause
        log.error("visit given up", source=self.visit.name, error=error, exc_info=unexpected)
        self.visit.tally.error = error
        self.hosts.close_all()


def explain(error: BaseException | None) -> tuple[str, str]:
    """The reason under which a failure is counted, and a sentence."""
    if isinstance(error, scrapy_errors.IgnoreRequest):
        for mark, reason, sentence in IGNORED:
            if mark in str(error):
                return reason, sentence
    words = str(error)
    if "SSL" in words or "certificate" in words:
        return "TLS failure", f"No secure connection could be made: {words}."
    for kind, reason, sentence in REASONS:
        if isinstance(error, kind):
            return reason, f"{sentence[0].upper()}{sentence[1:]}."
    return type(error).__name__, f"The page could not be fetched: {type(error).__name__}: {words}"


def _charset(response: Response) -> str | None:
    kind = response.headers.get("Content-Type")
    if kind is None:
        return None
    _, _, charset = kind.decode("latin-1").lower().partition("charset=")
    return charset.split(";")[0].strip(" \"'") or None
