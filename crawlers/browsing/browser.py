"""Pages that only a real browser can read: it runs their scripts, and what these are answered is what we read.

The browser is the operator's: the Chromium of the system, with a profile in which somebody signed in by hand. No
script of ours runs in the page and nothing is forged; we listen to what the page asks for by itself.
"""

import asyncio
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.reading.addresses import HttpAddress
from crawlers.source import WALLS, Fetch, Outcome, Page, Source, blocked
from mentions.durations import Duration

if TYPE_CHECKING:
    from playwright.async_api import Page as Tab
    from playwright.async_api import Response
    from scrapy import Request

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MACOS_CHROMIUMS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
NAMED = "TINGFENG_CHROMIUM"
"""The environment's word on which Chromium to use."""
CONTEXT = "operator"
EAR = "ear"
"""The key in a request's meta under which its `Ear` stands."""
REFUSALS = frozenset({Outcome.NO_PERMISSION, Outcome.ERROR_PAGE})
"""Besides walls, what is missed where other answers hold posts. An answer of a shape that we do not know is none:
we listen to the beginnings of paths, and a site asks for more under them than posts."""
HANDLER = "crawlers.browsing.handler.Handler"
MARK = "BROWSER_MARK"
"""The setting that holds the mark of a visit's browsers."""
LAUNCH_MS = 30_000.0
THERE_MS = 20_000.0
"""How long a page may take until it is there, once its first byte came: a script at its head may never come."""


class NoBrowser(Exception):
    """A page has to be opened in a browser, and there is none; the message says what to install."""


class NotOpened(Exception):
    """The browser could not open a page; the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The browser could not open the page: {why}.")


class BrowserSource(Source):
    """A source with pages that a browser has to open; a subclass says what it `listens` to."""

    browser: ClassVar[bool] = True
    base_url: HttpAddress
    profile: str | None = None
    """The folder of the browser's profile in which somebody has signed in; without one nobody is."""
    settle: Duration = timedelta(seconds=10)
    """How long a page may take, once it is there, to receive its data."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer that a page received."""

    url: str
    status: int
    body: bytes


@dataclass
class Ear:
    """Listens to what one page receives. `listens`: beginnings of the paths that matter; `settle` in seconds.

    Without slots: Playwright notes on an object which of its methods listen.
    """

    listens: Sequence[str]
    settle: float
    heard: list[Heard] = field(default_factory=list)
    _coming: "list[Response]" = field(default_factory=list)
    _first: asyncio.Event = field(default_factory=asyncio.Event)

    async def attach(self, tab: "Tab", request: "Request") -> None:  # noqa: ARG002 - scrapy-playwright's signature
        """Begin to listen, before the page is asked for."""
        tab.on("response", self._note)

    def _note(self, response: "Response") -> None:
        if urlsplit(response.url).path.startswith(tuple(self.listens)):
            self._coming.append(response)
            self._first.set()

    async def collect(self, tab: "Tab") -> None:
        """Wait for the first answer that matters, and until nothing more comes; `settle` at most for each."""
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        with suppress(TimeoutError):
            await asyncio.wait_for(self._first.wait(), self.settle)
        await settled(tab, 1000 * self.settle)
        await stop(tab)  # first: the body of an answer that is not over is waited for
        for response in self._coming:
            with suppress(Error):  # the page threw it away meanwhile
                self.heard.append(Heard(response.url, response.status, await response.body()))


async def settled(tab: "Tab", milliseconds: float) -> None:
    """Wait until a page is there and grows quiet. Many never do: what is there by then is what there is."""
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    with suppress(Error):
        await tab.wait_for_load_state("domcontentloaded", timeout=THERE_MS)
    with suppress(Error):
        await tab.wait_for_load_state("networkidle", timeout=milliseconds)


async def stop(tab: "Tab") -> None:
    """Let a page ask for nothing more, as the browser's own button does: one part of it may hang for minutes."""
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    with suppress(Error):
        session = await tab.context.new_cdp_session(tab)
        await session.send("Page.stopLoading")


def executable(environment: Mapping[str, str] = os.environ) -> str:
    """The system's Chromium, or the one that TINGFENG_CHROMIUM names; NoBrowser where there is none."""
    there = (environment.get(NAMED), *map(shutil.which, CHROMIUMS), *filter(os.path.exists, MACOS_CHROMIUMS))
    found = next(filter(None, there), None)
    if found is None:
        raise NoBrowser(f"no Chromium is installed, and {NAMED} names none")
    if not os.access(found, os.X_OK):
        raise NoBrowser(f"the browser {found} is none that can be run")
    return found


def check(source: Source) -> None:
    """Raise NoBrowser where the pages of a source cannot be opened in a browser here."""
    if find_spec("scrapy_playwright") is None:
        raise NoBrowser("the extra `browser` is not installed (pip install 'tingfeng[browser]')")
    executable()
    if isinstance(source, BrowserSource) and source.profile and not Path(source.profile).is_dir():
        raise NoBrowser(
            f"there is no profile {source.profile}: make it with `chromium --user-data-dir={source.profile}`, and "
            "sign in by hand"
        )


def settings(source: Source, mark: str) -> dict[str, Any]:
    """What Scrapy needs besides, for a visit that opens pages in a browser."""
    if not isinstance(source, BrowserSource):
        return {}
    try:
        check(source)
    except NoBrowser:
        return {}  # the visit has said so; pages that need none are fetched as ever
    return handlers({urlsplit(source.base_url).scheme}, mark)


def handlers(schemes: Collection[str], mark: str) -> dict[str, Any]:
    """What Scrapy opens pages of these schemes in a browser with."""
    return {
        "DOWNLOAD_HANDLERS": dict.fromkeys(schemes, HANDLER),  # no others: each starts a driver of its own
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch(mark),
        MARK: mark,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,  # the browser says itself who it is
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
    }


def launch(mark: str) -> dict[str, Any]:
    """How the browser is started; `mark` is by which it is found where it has to be ended."""
    return {"executable_path": executable(), "headless": True, "timeout": LAUNCH_MS, "args": [mark]}


def meta(source: Source, fetch: Fetch, mark: str) -> dict[str, Any]:
    """What makes a request one of the browser's; nothing for a page that needs none."""
    if not isinstance(source, BrowserSource) or not source.in_browser(fetch):
        return {}
    from scrapy_playwright.page import PageMethod  # noqa: PLC0415 - an extra

    ear = Ear(source.listens, source.settle.total_seconds())
    signed_in = {"user_data_dir": source.profile, **launch(mark)} if source.profile else {}
    return {
        "playwright": True,
        "playwright_context": CONTEXT,
        "playwright_context_kwargs": signed_in,
        "playwright_page_init_callback": ear.attach,
        "playwright_page_methods": [PageMethod(ear.collect)],
        "playwright_page_goto_kwargs": {"wait_until": "commit"},
        EAR: ear,
    }


def merged(heard: Sequence[tuple[str, Page]], itself: str) -> Page:
    """All that one page of a browser received, as one: posts if any answer held some, else the gravest refusal.

    Each answer comes with its address, in the order of coming: a list has more where the last one of its path says
    so. Refusals beside what could be read are carried along; but that `itself` is a page without data is none.
    """
    pages = [page for _, page in heard]
    shown = [page for page in pages if page.outcome is Outcome.MENTIONS]
    shell = urlsplit(itself).path
    refused = tuple(
        page
        for url, page in heard
        if page.outcome in WALLS or (page.outcome in REFUSALS and urlsplit(url).path != shell)
    )
    if not shown:
        walls = [page for page in pages if page.outcome in WALLS]
        gravest = (walls or [page for page in pages if not page.outcome.blocked] or pages)[0]
        return replace(gravest, refused=tuple(page for page in refused if page is not gravest))
    ends = {urlsplit(url).path: page for url, page in heard if page.outcome is Outcome.MENTIONS}
    return Page(
        Outcome.MENTIONS,
        tuple(o for page in shown for o in page.observations),
        tuple({fetch.url: fetch for page in shown for fetch in page.follow}.values()),
        " ".join(dict.fromkeys(page.detail for page in shown)),
        any(page.cap_hit for page in ends.values()),
        refused=refused,
    )


def of_the_page_itself(page: Page, listens: Sequence[str]) -> Page:
    """What a page says that asked for nothing that we listen to: its wall, if it is one."""
    if page.outcome in WALLS or page.outcome in {Outcome.MENTIONS, Outcome.NOT_FOUND, Outcome.NO_PERMISSION}:
        return page
    return blocked(
        Outcome.LAYOUT_CHANGED, f"The page asked for none of the data that we listen to ({', '.join(listens)})."
    )
