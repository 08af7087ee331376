"""The one Scrapy spider: it runs any source, and knows no site."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import structlog
from scrapy import Request, Spider
from scrapy import exceptions as scrapy_errors
from scrapy.http import Response
from twisted.internet import error as twisted_errors
from twisted.python.failure import Failure

from crawlers.browsing import browser, screenshots
from crawlers.conduct.cooling import retry_after
from crawlers.conduct.hosts import Hosts, at_home, host_of
from crawlers.conduct.lookups import Inside
from crawlers.conduct.politeness import LeftAlone
from crawlers.conduct.redirects import FOR_ANYONE, destination
from crawlers.conduct.robots import Unknown
from crawlers.source import Answer, Fetch, Outcome, Page
from crawlers.visit import Item, Visit
from mentions.sites import Validators
from mentions.store import StoreError

LEFT_ALONE = "Not asked for: the site turned us away earlier in this visit."
LANGUAGE = "zh-CN,zh;q=0.9,en;q=0.3"
NOT_MODIFIED = 304
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
BY_THEIR_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (LeftAlone, "cooling"),
    (Inside, "private address"),
    (Unknown, "robots.txt unknown"),
    (browser.NotOpened, "browser"),
)
"""What we do not ask for ourselves, or cannot; the error's own words say why."""
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
                said = self.visit.secrets.hide(f"{fetch.url}: {error}.")
                self.visit.tally.block("bad address", said, again=fetch.again)
                self.hosts.free(fetch)

    def _request(self, fetch: Fetch) -> Request:
        source = self.visit.source
        # Rows name addresses, and rows come from outside too: only the source's own sites are told who asks.
        is_ours = at_home(source, fetch.url)
        told = fetch.headers if is_ours else for_anyone(fetch.headers)
        return Request(
            fetch.url,
            self.answered,
            errback=self.failed,
            headers={"Accept-Language": LANGUAGE, **told, **self._conditions(fetch)},
            cb_kwargs={"fetch": fetch},
            meta=self._meta(fetch, is_ours=is_ours),
            dont_filter=True,
        )

    def _meta(self, fetch: Fetch, *, is_ours: bool) -> dict[str, Any]:
        if fetch.kind == screenshots.SCREENSHOT:
            return screenshots.meta(fetch, self.visit.home, self.visit.mark)
        return browser.meta(self.visit.source, fetch, self.visit.mark) if is_ours else {}

    def _conditions(self, fetch: Fetch) -> dict[str, str]:
        """What lets a site say that nothing is new on a page that the last whole visit began with."""
        known = self.visit.validators.get(self.visit.secrets.number(fetch.url))
        said = (("If-None-Match", known.etag), ("If-Modified-Since", known.modified)) if known else ()
        return {name: value for name, value in said if value}

    def answered(self, response: Response, fetch: Fetch) -> Iterable[Item]:
        """Read an answer, whatever its status."""
        visit = self.visit
        ear: browser.Ear | None = response.meta.get(browser.EAR)
        answer = Answer(
            body=response.body,
            fetched_at=visit.clock(),
            url=destination(response),
            status=response.status,
            charset=_charset(response),
            fetch=fetch,
        )
        visit.landed = visit.landed or answer.url
        camera: screenshots.Camera | None = response.meta.get(screenshots.CAMERA)
        if camera is not None:
            page = camera.read(answer, visit.source)
        else:
            page, answer = self._read(answer, ear)
        if (
            ear is None
            and camera is None
            and not page.outcome.blocked
            and fetch in visit.first
            and not (fetch.again or fetch.sought)
        ):
            known_as = visit.secrets.number(fetch.url)
            visit.read[known_as] = _validators(response, visit.validators.get(known_as))
        said = _header(response, "Retry-After")
        wait = None if said is None else retry_after(said, visit.clock())
        item = Item(fetch, page, answer=answer, wait=wait, picture=camera.picture if camera else None)
        if page.wall is None or fetch.side:
            return [item]
        return [item, *self._leave_alone(host_of(fetch.url))]

    def _leave_alone(self, host: str) -> Iterable[Item]:
        return [Item(left, None, None, LEFT_ALONE) for left in self.hosts.close(host)]

    def _read(self, answer: Answer, ear: browser.Ear | None) -> tuple[Page, Answer]:
        """What an answer shows; all that its page received, where a browser opened it. And what was read."""
        if answer.status == NOT_MODIFIED and answer.fetch is not None and self._conditions(answer.fetch):
            return Page(
                Outcome.EMPTY, detail="Nothing is new: the page is the one that we read last time."
            ), answer
        if ear is None:
            return self._parsed(answer), answer
        if not ear.heard:
            return browser.of_the_page_itself(self._parsed(answer), ear.listens), answer
        heard = (Answer(h.body, answer.fetched_at, h.url, h.status, fetch=answer.fetch) for h in ear.heard)
        received = replace(answer, body=b"\n".join(h.body for h in ear.heard), status=ear.heard[0].status)
        return browser.merged([(one.url, self._parsed(one)) for one in heard], answer.url), received

    def _parsed(self, answer: Answer) -> Page:
        visit = self.visit
        try:
            return visit.source.read(answer, visit.name)
        except Exception as error:
            url = visit.secrets.hide(answer.fetch.url if answer.fetch else answer.url)
            log.exception("parser failed", source=visit.name, url=url)
            page = Page(Outcome.LAYOUT_CHANGED, detail=f"The parser failed: {type(error).__name__}: {error}")
            visit.tally.error = f"{url}: {visit.secrets.hide(page.detail)}"
            return page

    def failed(self, failure: Failure) -> Iterable[Item]:
        """Say why there is no answer."""
        fetch = failure.request.cb_kwargs["fetch"]  # type: ignore[attr-defined]
        reason, detail = explain(failure.value)
        left = self._leave_alone(host_of(fetch.url)) if isinstance(failure.value, LeftAlone) else ()
        return [Item(fetch, None, reason, detail), *left]

    def after(self, item: Item, follow: list[Fetch]) -> None:
        """Go on from a page that is stored."""
        page = item.page
        if page is None or page.outcome.blocked:
            detail = page.detail if page else item.detail
            reason = page.outcome.value if page else item.reason
            hide = self.visit.secrets.hide
            url, detail = hide(item.fetch.url), hide(detail)
            log.info("page not read", source=self.visit.name, url=url, reason=reason, detail=detail)
        for fetch in follow:
            self.hosts.put(fetch)
        if item.reason is not None or page is not None:
            self.hosts.free(item.fetch)
        for request in self._next():
            self.crawler.engine.crawl(request)

    def give_up(self, error: str, cause: BaseException) -> None:
        """The store cannot be written: nothing more is asked for, since nothing could be kept."""
        error = self.visit.secrets.hide(error)
        unexpected = None if isinstance(cause, StoreError) else cause
        log.error("visit given up", source=self.visit.name, error=error, exc_info=unexpected)
        self.visit.tally.error = error
        self.hosts.close_all()


def explain(error: BaseException | None) -> tuple[str, str]:
    """The reason under which a failure is counted, and a sentence."""
    for refusal, reason in BY_THEIR_WORDS:
        if isinstance(error, refusal):
            return reason, str(error)
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


def for_anyone(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a source's headers that any site may see."""
    return {name: value for name, value in headers.items() if name.lower().encode() in FOR_ANYONE}


def _header(response: Response, name: str) -> str | None:
    found = response.headers.get(name)
    return None if found is None else found.decode("latin-1")


def _validators(response: Response, known: Validators | None) -> Validators:
    """The version of a page; a site that says "not modified" need not name it again."""
    found = Validators(_header(response, "ETag"), _header(response, "Last-Modified"))
    return known if known is not None and response.status == NOT_MODIFIED else found


def _charset(response: Response) -> str | None:
    kind = _header(response, "Content-Type")
    if kind is None:
        return None
    _, _, charset = kind.lower().partition("charset=")
    return charset.split(";")[0].strip(" \"'") or None
