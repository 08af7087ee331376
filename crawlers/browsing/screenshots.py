"""A picture of a post's page as anybody sees it in a browser, taken as politely as any page is asked for.

No account is used, unless the operator allows that for pages that strangers may not see: such a picture shows
whose account it is. What stands below `HIGHEST`, or comes only when somebody scrolls, is not on it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawlers.browsing.browser import BrowserSource, handlers, launch, settled, stop
from crawlers.conduct.hosts import at_home, site_of
from crawlers.conduct.inside import leads_inside
from crawlers.reading.refusals import refused
from crawlers.rereads import Rereads
from crawlers.source import Answer, Fetch, Outcome, Page, Source, blocked
from crawlers.webpage import WebPage
from mentions.evidence import Kind
from mentions.incidents import IncidentEvent, IncidentState
from mentions.tasks import Task, screenshot
from mentions.types import Mention

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.async_api import Page as Tab
    from playwright.async_api import Request as Asked
    from playwright.async_api import Response
    from scrapy import Request

SCREENSHOT = "screenshot"
"""The kind of a fetch for a picture, and of the run that makes it."""
CAMERA = "camera"
"""The key in a request's meta under which its `Camera` stands."""
WIDE, HIGH = 1280, 1024
HIGHEST = 12_000
"""Pixels of a page that are pictured at most: some never end."""
LARGEST = 8 * 2**20
"""Bytes of a picture; a larger PNG is taken once more as a JPEG."""
QUALITY = 80
SETTLE_MS = 8000.0
"""How long a page may take until nothing more comes for it."""
SHOT_MS = 15_000.0
HEAVY = frozenset({"media", "websocket", "eventsource"})
"""What no picture shows: films are not fetched."""
ACTOR = "tingfeng"


@dataclass
class Camera:
    """Pictures one page. `home` are the sites at which a page of our own network is meant to be.

    Without slots: Playwright notes on an object which of its methods listen.
    """

    home: Collection[str] = ()
    picture: bytes | None = None
    why: str = "The browser showed no page that could be pictured."
    _been: list[str] = field(default_factory=list)

    async def attach(self, tab: "Tab", request: "Request") -> None:  # noqa: ARG002 - scrapy-playwright's signature
        """Begin to watch where the page leads, before it is asked for."""
        tab.on("response", self._note)

    def _note(self, response: "Response") -> None:
        if response.request.is_navigation_request():
            self._been.append(response.url)

    async def shoot(self, tab: "Tab") -> None:
        """Wait until the page is there, and picture it."""
        await settled(tab, SETTLE_MS)
        await self._take(tab)
        await stop(tab)

    async def _take(self, tab: "Tab") -> None:
        """From its head to its foot, or to `HIGHEST`."""
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        for url in {*self._been, tab.url}:
            if await leads_inside(url, self.home):
                self.why = f"The page led to {site_of(url)}, which is no address of the internet."
                return
        for options in ({"type": "png"}, {"type": "jpeg", "quality": QUALITY}):
            try:
                taken = await tab.screenshot(
                    full_page=True,
                    clip={"x": 0, "y": 0, "width": WIDE, "height": HIGHEST},
                    animations="disabled",
                    timeout=SHOT_MS,
                    **options,
                )
            except Error as error:
                self.why = f"The page could not be pictured: {error.message.splitlines()[0]}"
                return
            if len(taken) <= LARGEST:
                self.picture = taken
                return
        self.why = f"The picture is larger than {LARGEST >> 20} MB."

    def read(self, answer: Answer, source: Source) -> Page:
        """What was pictured: the page, also one that says that the post is gone, or a wall in its place."""
        shown = refused(answer, login_hosts=source.login_hosts) or WebPage().read(answer, "")
        if shown.outcome is Outcome.LOGIN_WALL and not (answer.fetch and answer.fetch.profile):
            # Says nothing of the source, which may be signed in, or ask another host: that is not left alone.
            return blocked(Outcome.NO_PERMISSION, "The page is shown to signed-in visitors only.")
        if shown.outcome.blocked:
            return shown
        if self.picture is None:
            return blocked(Outcome.GARBAGE, self.why)
        return Page(Outcome.MENTIONS, detail="A picture of the page.")


def profile_of(source: Source) -> str | None:
    """The profile with which pages may be pictured: of a source that reads signed in, and of no other."""
    is_signed_in = isinstance(source, BrowserSource) and source.collection == "signed-in"
    return source.profile if is_signed_in and isinstance(source, BrowserSource) else None


def settings(fetches: Collection[Fetch], home: Collection[str], mark: str) -> dict[str, Any]:
    """What Scrapy needs besides, for a visit that takes these pictures."""

    async def is_unwanted(asked: "Asked") -> bool:
        return asked.resource_type in HEAVY or await leads_inside(asked.url, home)

    return {
        **handlers({urlsplit(fetch.url).scheme for fetch in fetches}, mark),
        "PLAYWRIGHT_ABORT_REQUEST": is_unwanted,
    }


def meta(fetch: Fetch, home: Collection[str], mark: str) -> dict[str, Any]:
    """What makes a request one for a picture: without a profile in a window that knows nothing of any other."""
    from scrapy_playwright.page import PageMethod  # noqa: PLC0415 - an extra

    camera, profile = Camera(home), fetch.profile
    shown: dict[str, Any] = {
        "viewport": {"width": WIDE, "height": HIGH},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",  # in which a Chinese reader sees the page's times
    }
    return {
        "playwright": True,
        "playwright_context": "signed in" if profile else f"picture of {fetch.url}",
        "playwright_context_kwargs": shown | ({"user_data_dir": profile, **launch(mark)} if profile else {}),
        "playwright_page_init_callback": camera.attach,
        "playwright_page_methods": [PageMethod(camera.shoot)],
        "playwright_page_goto_kwargs": {"wait_until": "commit"},
        CAMERA: camera,
    }


class Pictures(Rereads):
    """Posts of whose pages a picture is asked for, with the same budget as another look."""

    __slots__ = ()
    at_once = 5
    """Each has a window of its own, which holds its memory until the visit ends."""
    retry_after = timedelta(minutes=30)
    our_fault_limit = 3
    site_fault_limit = 12
    """After six hours the page is hardly what it was."""

    def queue(self, name: str, source: Source) -> str:
        """See Rereads.queue. The reader of any page serves those that no source reads."""
        return screenshot(None if isinstance(source, WebPage) else name)

    def page(self, source: Source, mention: Mention) -> Fetch | None:
        """The address that the post itself bears; where it is another site's, the reader of any page has it.

        What the operator set for his source holds for its sites alone: the pause, robots.txt, the profile.
        """
        is_web = mention.url.startswith(("http://", "https://"))
        is_ours = isinstance(source, WebPage) or at_home(source, mention.url)
        return Fetch(mention.url, SCREENSHOT) if is_web and is_ours else None

    def pass_on(self, tasks: list[Task], now: "datetime") -> None:
        """Let the reader of any page have what the source has no page of; what that has none of either is over."""
        with self.store.transaction():
            for task in tasks:
                if task.queue != screenshot(None):
                    self.store.tasks.put(screenshot(None), [task.mention_id], now, danger=task.danger)
            super().pass_on(tasks, now)

    def keep(self, url: str, where: str, picture: bytes, at: "datetime") -> None:
        """Let a picture be evidence of every post for which the page was asked, named by their incidents."""
        for task in self.waiting.get(url, ()):
            digest = self.store.evidence.keep(task.mention_id, picture, Kind.SCREENSHOT, at, url=where)
            if digest is not None:
                self._attach(task, digest, at)
        self.done(url)

    def _attach(self, task: Task, digest: str, at: "datetime") -> None:
        with self.store.transaction():
            self.store.evidence.freeze(task.mention_id, at)
            for incident in self.store.incidents.of_mention(task.mention_id):
                if incident.state is not IncidentState.RESOLVED:
                    data = {"mention": task.mention_id, "evidence": [digest]}
                    event = IncidentEvent(incident.id, at, ACTOR, SCREENSHOT, "its page was pictured", data)
                    self.store.incidents.add_event(event)
