"""Weibo's search on s.weibo.com: HTML, at most 50 pages a search, so that a busy time is asked in parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import Field, field_validator
from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.charset import decode
from crawlers.reading.refusals import CAPTCHA_MARKS, LOOKED_AT, WALL_MARKS, refused
from crawlers.sites.weibo import cards as weibo_cards
from crawlers.sites.weibo.desktop import DESKTOP, WeiboDesktop
from crawlers.sites.weibo.source import STATUSES
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, blocked
from crawlers.windows import SITE_PAGES, Window, narrowed
from mentions.brands import Brand
from mentions.durations import Duration
from mentions.types import Observation

SCOPES = {
    "all": {"typeall": "1"},
    "original": {"scope": "ori"},
    "hot": {"xsort": "hot"},
    "verified": {"vip": "1"},
}
Scope = Literal["all", "original", "hot", "verified"]
NEWEST = {"rd": "realtime", "tw": "realtime"}
NOTHING_FOUND = ".card-no-result"
"""Under it the page goes on with cards that nobody searched for."""
LIST = "#pl_feedlist_index, #pl_feed_main, .m-page"
SIGN_IN = frozenset({"/login.php", "/newlogin", "/login"})
TOO_OFTEN = ("访问过于频繁", "操作过于频繁", "请求过于频繁")
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of one search. Without a window it is the list of the newest."""

    keyword: str
    page: int = 1
    window: Window | None = None


class WeiboSearch(WeiboDesktop):
    """Posts that a search on s.weibo.com finds, newest first, as far back as `look_back`.

    The list of the newest is read while it holds news. Where it ends before `look_back` does, the rest of the time
    is asked for in windows (`crawlers/windows.py`). Followers are not on these pages: `profiles` are looked up.
    """

    type: Literal["weibo-search"] = "weibo-search"
    base_url: str = "https://s.weibo.com"
    desktop_url: str = DESKTOP
    max_pages: int = Field(default=SITE_PAGES, ge=1, le=SITE_PAGES)
    look_back: Duration = timedelta(hours=1)
    scope: Scope = "all"

    @field_validator("desktop_url")
    @classmethod
    def _desktop_url_is_an_address(cls, url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"desktop_url {url!r} is no http(s) address")
        return url

    @field_validator("look_back")
    @classmethod
    def _looks_back_a_while(cls, length: timedelta) -> timedelta:
        if not timedelta() < length <= LONGEST:
            raise ValueError(
                "look_back is more than nothing and at most 30d: older posts are what an import is for"
            )
        return length

    @property
    def desktop(self) -> str:
        """Where weibo.com is."""
        return self.desktop_url.rstrip("/")

    @property
    def beside(self) -> tuple[str, ...]:
        """See Source.beside."""
        return (self.desktop_url,)

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The newest posts for every word, and the timelines of the accounts."""
        for keyword in dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,)):
            yield self._search(Asked(keyword))
        yield from super().start(brands)

    def mentions_of(self, name: str) -> Fetch:
        """A search for the name with the sign that addresses it."""
        return self._search(Asked(f"@{name}"))

    def read(self, answer: Answer, name: str) -> Page:
        """Read a search page, or an answer of weibo.com's own calls."""
        if answer.body.lstrip()[:1] in {b"{", b"["}:
            return super().read(answer, name)
        if urlsplit(answer.url).path in SIGN_IN:
            return blocked(Outcome.LOGIN_WALL, "The site sent us to its sign-in page.")
        if (refusal := refused(answer, STATUSES, self.login_hosts)) is not None:
            return refusal
        if b"<" not in answer.body[:4096]:
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
        page = decode(answer.body, answer.charset)
        tree = LexborHTMLParser(page)
        if tree.css_first(NOTHING_FOUND) is not None:
            return blocked(Outcome.EMPTY, "The site says that it found nothing.")
        found = {o.mention.id: o for o in weibo_cards.posts(tree, name, answer.fetched_at)}
        return self._posts(tuple(found.values()), tree, answer) if found else _no_posts(tree, page)

    def _posts(self, found: tuple[Observation, ...], tree: LexborHTMLParser, answer: Answer) -> Page:
        shown = self._ours(found, answer.context)
        asked = answer.context.get("asked")
        detail = f"The page holds {len(shown)} posts."
        if answer.fetch is None or not isinstance(asked, Asked):
            return Page(Outcome.MENTIONS, shown, (), detail)
        said = weibo_cards.pages(tree, asked.page)
        oldest = min((o.mention.published for o in shown if o.mention.published), default=answer.fetched_at)
        following, cap_hit = self._next(asked, said, oldest, answer.fetched_at)
        carried = {key: value for key, value in answer.context.items() if key != "asked"}
        searches = [self._context(self._search(one), **carried) for one in following]
        return Page(
            Outcome.MENTIONS, shown, (*self._follow(shown, answer), *searches), f"{detail} Pages: {said}.", cap_hit
        )

    def _next(self, asked: Asked, said: int, oldest: datetime, now: datetime) -> tuple[list[Asked], bool]:
        """Which pages come next, and whether there is more that will not be asked for."""
        window, since = asked.window, now - self.look_back
        if window is not None and asked.page == 1 and (parts := narrowed(window, said)):
            return [replace(asked, window=part) for part in parts], False
        if window is None and self.scope != "hot" and oldest < since:
            return [], False
        if asked.page < min(said, self.max_pages):
            return [replace(asked, page=asked.page + 1)], False
        if asked.page < SITE_PAGES:
            return [], asked.page < said
        if window is None and self.scope != "hot":
            return [Asked(asked.keyword, window=Window.around(since, oldest))], False
        return [], True

    def _search(self, asked: Asked) -> Fetch:
        query = {"q": asked.keyword}
        if asked.window is None and self.scope == "all":
            path, query = "realtime", query | NEWEST
        else:
            path, query = "weibo", query | SCOPES[self.scope] | {"suball": "1"}
        if asked.window is not None:
            query |= _within(asked.window)
        query |= {"page": str(asked.page)}
        url = f"{self.base_url.rstrip('/')}/{path}?{urlencode(query, safe=':')}"
        fetch = Fetch(url, "search", self.signed_headers, {"asked": asked}, query=asked.keyword)
        # The hours of a window overlap with what was just read, so that a page without news is not its end.
        return fetch if asked.window is not None or asked.page == 1 else replace(fetch, gate=Gate.NEWS)


def _within(window: Window) -> Mapping[str, Any]:
    start, end = (f"{at:%Y-%m-%d}-{at.hour}" for at in (window.start, window.end))
    place = {} if window.region is None else {"region": f"custom:{window.region}:1000"}
    return {"timescope": f"custom:{start}:{end}", **place}


def _no_posts(tree: LexborHTMLParser, page: str) -> Page:
    """What a page without a card is. A list's frame is no wall: every page of the site links to its sign-in."""
    text = page[:LOOKED_AT].lower()
    if any(mark in text for mark in CAPTCHA_MARKS):
        return blocked(Outcome.CAPTCHA, "The site answered with a captcha instead of a search page.")
    if any(mark in text for mark in TOO_OFTEN):
        return blocked(Outcome.THROTTLED, "The site says that it was asked too often.")
    if tree.css_first(LIST) is None and any(mark in text for mark in WALL_MARKS):
        return blocked(Outcome.LOGIN_WALL, "The site answered with its sign-in page instead of a search page.")
    return blocked(
        Outcome.LAYOUT_CHANGED, "The page holds neither cards of posts nor the words that none was found."
    )
