"""Forums that run on Discuz! X: the newest threads of chosen boards, and every post in them."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.charset import decode
from crawlers.reading.refusals import refused
from crawlers.reading.threads import Pages, onward
from crawlers.sites.discuz import addresses, archiver, desktop, feed, mobile
from crawlers.sites.discuz.challenges import challenge
from crawlers.sites.discuz.notices import PLAIN, notice
from crawlers.sites.discuz.page import Discussion, Listing, Row
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "discuz"
BASE = re.compile(r"""<base\s+href=["'](https?://[^"']+)""", re.IGNORECASE)
TEMPLATES = (desktop.shown, mobile.shown, archiver.shown)
STATUSES = {
    401: (Outcome.LOGIN_WALL, "the forum wants a signed-in visitor"),
    403: (Outcome.NO_PERMISSION, "the forum refuses this address"),
    404: (Outcome.NOT_FOUND, "there is no such thread or board"),
    410: (Outcome.NOT_FOUND, "there is no such thread or board any more"),
}


class Discuz(Source):
    """Boards of one Discuz! X forum. `forums` are their numbers (fid), `max_pages` the pages of each list."""

    place: ClassVar[str | None] = PLATFORM
    type: Literal["discuz"] = "discuz"
    base_url: str = ""
    forums: tuple[int, ...] = ()
    view: addresses.View = "desktop"
    """Posts have the same ids in every view but the archiver, which shows none."""
    order: Literal["newest", "active"] = "active"
    """`active` lists threads by their last reply, so that no reply is missed; `newest` by their opening."""
    max_pages: int = Field(default=2, ge=1, le=50)
    thread_pages: int = Field(default=20, ge=1, le=500)
    """Pages read of one thread at most, the first and then from the last one back."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.enabled and not self.forums:
            raise ValueError("forums is empty: name the boards to watch by their numbers (fid)")
        if self.enabled and urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise ValueError(f"base_url {self.base_url!r} is no http(s) address")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - guests can hardly search
        """The first list page of every board."""
        for fid in self.forums:
            yield self._list(fid, 1)

    def reread(self, mention: Mention) -> Fetch | None:
        """The page of the thread on which the post stood; None where that is no thread of this forum."""
        place = addresses.place_of(mention.url, self.base_url)
        if place is None:
            return None
        opening = (mention.thread or "").rpartition(":")[2]
        url = addresses.thread(self.base_url, self.view, place.tid, place.page)
        return Fetch(url, "reread", self.signed_headers, {"opening": opening})

    def page_of(self, url: str) -> Fetch | None:
        """The page of a thread, or the one on which a post of it stands; only on this forum."""
        place = addresses.place_of(url, self.base_url)
        if place is None:
            return None
        asked = addresses.post(self.base_url, self.view, place)
        post = place.pid and f"{PLATFORM}:{urlsplit(self.base_url).hostname}:{place.pid}"
        return Fetch(asked, "reread", self.signed_headers, mention_id=post)

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list, a thread's page, a feed, a search result, or the notice that stands in its place."""
        if (plain := _no_page(answer)) is not None:
            return plain
        page = decode(answer.body, answer.charset)
        tree = LexborHTMLParser(page)
        if (refusal := _refused(answer, tree, page)) is not None:
            return refusal
        if feed.is_feed(page):
            return self._threads(feed.shown(page), page, answer)
        shown = (template(tree, page, answer.url, answer.fetched_at) for template in TEMPLATES)
        match next((found for found in shown if found is not None), None):
            case Discussion() as found:
                return self._thread(found, page, answer, name)
            case Listing() as found:
                return self._threads(found, page, answer)
        return self._other(tree, page)

    def _threads(self, listing: Listing, page: str, answer: Answer) -> Page:
        rows = listing.rows
        if not rows:
            return blocked(Outcome.EMPTY, "The board holds no threads.")
        follow = [self._follow(row, _host(self.base_url or _site(page, answer.url))) for row in rows]
        number, fid = answer.context.get("page"), answer.context.get("fid")
        more = isinstance(number, int) and number < listing.pages.total
        if more and number is not None and number < self.max_pages and fid is not None:
            gate = Gate.CHANGED if _by_last_reply(rows) else Gate.ALWAYS
            follow.append(replace(self._list(fid, number + 1), gate=gate, changed=rows[-1].changed))
            more = False
        detail = f"A list of {len(rows)} threads; their posts stand on the threads' own pages."
        return Page(Outcome.MENTIONS, follow=tuple(follow), detail=detail, cap_hit=more)

    def _follow(self, row: Row, host: str) -> Fetch:
        url = addresses.thread(self.base_url, self.view, row.tid, 1)
        context = {} if row.replies is None else {"replies": row.replies}
        if row.opening is None or row.replies is None:
            return Fetch(url, "thread", self.signed_headers, context, gate=Gate.CHANGED, changed=row.changed)
        opening = f"{PLATFORM}:{host}:{row.opening}"
        return Fetch(
            url,
            "thread",
            self.signed_headers,
            context,
            gate=Gate.RECOUNTED,
            mention_id=opening,
            comments=row.replies,
        )

    def _thread(self, found: Discussion, page: str, answer: Answer, name: str) -> Page:
        site = self.base_url or _site(page, answer.url)
        host, tid, where = _host(site), found.tid, found.pages
        opening = found.opening or answer.context.get("opening") or None
        replies = answer.context.get("replies") if found.replies is None else found.replies
        url = addresses.thread(site, found.view, tid, where.current) if tid else answer.url.partition("#")[0]
        observations = []
        for post in found.posts:
            floor = post.pid.partition("-")[0]  # a comment stands under its floor
            mention = Mention(
                id=f"{PLATFORM}:{host}:{post.pid}",
                platform=PLATFORM,
                source=name,
                url=f"{url}#pid{floor}" if floor.isdecimal() else url,
                text=post.text or "",
                first_seen=answer.fetched_at,
                published=post.published,
                author=Author(f"{PLATFORM}:{host}", post.author_id, post.author),
                title=found.subject,
                thread=f"{PLATFORM}:{host}:{opening}" if opening else None,
                region=post.region,
                # What the forum hides now may be stored whole already: it must not be overwritten by nothing.
                truncated=post.text is None,
            )
            counts = Engagement(mention.id, answer.fetched_at, likes=post.likes)
            if post.pid == opening:
                counts = replace(counts, comments=replies, views=found.views)
            counted = any(count is not None for count in (counts.comments, counts.views, counts.likes))
            observations.append(Observation(mention, counts if counted else None, post.raw))
        follow, capped = self._more(found, opening, replies, answer)
        detail = f"Page {where.current} of {where.total} of a thread: {len(found.posts)} posts."
        return Page(Outcome.MENTIONS, tuple(observations), follow, detail, capped)

    def _more(
        self, found: Discussion, opening: str | None, replies: int | None, answer: Answer
    ) -> tuple[tuple[Fetch, ...], bool]:
        """The next page of the thread, if it is worth it, and whether it is one more than is allowed."""
        next_page = onward(_numbered(found, replies))
        again = answer.fetch is not None and answer.fetch.kind == "reread"
        if found.tid is None or next_page is None or (again and found.pages.current > 1):
            return (), False
        left = answer.context.get("left", self.thread_pages) - 1
        if left < 1:
            return (), True
        target, gate = next_page
        url = addresses.thread(self.base_url, self.view, found.tid, target)
        context = {"opening": opening, "left": left}
        return (Fetch(url, "thread", self.signed_headers, context, gate=gate),), False

    def _other(self, tree: LexborHTMLParser, page: str) -> Page:
        if rows := desktop.found_by_search(tree):
            follow = tuple(
                Fetch(addresses.thread(self.base_url, self.view, row.tid, 1), "thread", self.signed_headers)
                for row in rows
            )
            detail = f"A search result of {len(rows)} threads; their posts stand on the threads' own pages."
            return Page(Outcome.MENTIONS, follow=follow, detail=detail)
        if tree.css_first("#nv_forum table.fl_tb, .fl_tb") is not None:
            return blocked(Outcome.EMPTY, "The forum's front page: it lists boards, not posts.")
        if (said := challenge(tree, page)) is not None:
            return blocked(*said)
        if "discuz" in page[:20_000].lower():
            return blocked(
                Outcome.LAYOUT_CHANGED, "A page of a Discuz! forum that holds neither threads nor posts."
            )
        return blocked(Outcome.LAYOUT_CHANGED, "The page is not one of a Discuz! forum as we know them.")

    def _list(self, fid: int, page: int) -> Fetch:
        url = addresses.board(self.base_url, self.view, fid, page, self.order)
        context = {"fid": fid, "page": page}
        return Fetch(url, "list", self.signed_headers, context, priority=1, query=f"[fid {fid}]")


def _no_page(answer: Answer) -> Page | None:
    """What an answer without any HTML says."""
    body = answer.body.strip()
    if not body:
        return blocked(Outcome.GARBAGE, f"HTTP {answer.status}: the answer is empty.")
    if body in PLAIN:
        return blocked(*PLAIN[body])
    if b"<" not in answer.body[:4096]:
        return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
    return None


def _refused(answer: Answer, tree: LexborHTMLParser, page: str) -> Page | None:
    """What the status or the forum's own notice says."""
    said = notice(tree, page)
    refusal = refused(answer, STATUSES)
    if refusal is None:
        return blocked(*said) if said else None
    # The notice says more than the status, but for a page that failed.
    return refusal if said is None or refusal.outcome is Outcome.ERROR_PAGE else replace(refusal, detail=said[1])


def _by_last_reply(rows: Sequence[Row]) -> bool:
    """Whether a list stands in the order of last replies, so that nothing below its end changed later."""
    times = [row.changed for row in rows if not row.sticky]
    known = [at for at in times if at is not None]
    return bool(known) and len(known) == len(times) and known == sorted(known, reverse=True)


def _numbered(found: Discussion, replies: int | None) -> Pages:
    """Where a thread's page stands. The archiver's pager shows the next nine pages only: the rest is reckoned."""
    where = found.pages
    if found.view != "archiver" or where.current > 1 or where.total == 1 or replies is None:
        return where
    return replace(where, total=max(where.total, math.ceil((replies + 1) / len(found.posts))))


def _host(site: str) -> str:
    try:
        return urlsplit(site).hostname or "unknown"
    except ValueError:
        return "unknown"


def _site(page: str, url: str) -> str:
    """Where a saved page came from."""
    if match := BASE.search(page):
        return match[1].removesuffix("archiver/")
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
