"""Forums that run on Discuz! X: the newest threads of chosen boards, and every post in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from selectolax.lexbor import LexborHTMLParser

from crawlers import discuz_page
from crawlers.charset import decode
from crawlers.discuz_page import Pages, Post
from crawlers.refusals import refused
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "discuz"
BASE = re.compile(r"""<base\s+href=["'](https?://[^"']+)""", re.IGNORECASE)
ORDERS = {"newest": "&orderby=dateline&filter=author", "active": ""}
STATUSES = {
    401: (Outcome.LOGIN_WALL, "the forum wants a signed-in visitor"),
    403: (Outcome.NO_PERMISSION, "the forum refuses this address"),
    404: (Outcome.NOT_FOUND, "there is no such thread or board"),
    410: (Outcome.NOT_FOUND, "there is no such thread or board any more"),
}


class Discuz(Source):
    """Boards of one Discuz! X forum. `forums` are their numbers (fid), `max_pages` the pages of each list."""

    platform: ClassVar[str | None] = PLATFORM
    type: Literal["discuz"] = "discuz"
    base_url: str = ""
    forums: tuple[int, ...] = ()
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
        """The page of the thread on which the post stood."""
        url = mention.url.partition("#")[0]
        opening = (mention.thread or "").rpartition(":")[2]
        return Fetch(url, "reread", self.signed_headers, {"opening": opening}) if url else None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list, a thread's page, a search result, or the notice that stands in its place."""
        if not answer.body.strip():
            return blocked(Outcome.GARBAGE, f"HTTP {answer.status}: the answer is empty.")
        if b"<" not in answer.body[:4096]:
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
        page = decode(answer.body, answer.charset)
        tree = LexborHTMLParser(page)
        if (refusal := _refused(answer, tree, page)) is not None:
            return refusal
        found = list(discuz_page.posts(tree, answer.fetched_at))
        if found:
            return self._thread(found, tree, page, answer, name)
        rows = discuz_page.thread_rows(tree, answer.fetched_at)
        if rows or tree.css_first("#threadlisttableid, #threadlist.tl") is not None:
            return self._threads(rows, tree, answer)
        return self._other(tree, page)

    def _threads(self, rows: list[discuz_page.Thread], tree: LexborHTMLParser, answer: Answer) -> Page:
        if not rows:
            return blocked(Outcome.EMPTY, "The board holds no threads.")
        follow = [
            Fetch(
                self._thread_url(row.tid, 1), "thread", self.signed_headers, gate=Gate.CHANGED, changed=row.changed
            )
            for row in rows
        ]
        number, fid = answer.context.get("page"), answer.context.get("fid")
        more = isinstance(number, int) and number < discuz_page.pages(tree).total
        if more and number is not None and number < self.max_pages and fid is not None:
            follow.append(self._list(fid, number + 1))
            more = False
        detail = f"A list of {len(rows)} threads; their posts stand on the threads' own pages."
        return Page(Outcome.MENTIONS, follow=tuple(follow), detail=detail, cap_hit=more)

    def _thread(self, found: list[Post], tree: LexborHTMLParser, page: str, answer: Answer, name: str) -> Page:
        where = discuz_page.pages(tree)
        tid = discuz_page.thread_id(tree, page, answer.url)
        site = self.base_url or _site(page, answer.url)
        host = urlsplit(site).hostname or "unknown"
        opening = found[0].pid if where.current == 1 else answer.context.get("opening") or None
        views, replies = discuz_page.views_and_replies(tree)
        url = _thread_url(site, tid, where.current) if tid else answer.url.partition("#")[0]
        observations = []
        for post in found:
            is_opening = post.pid == opening
            mention = Mention(
                id=f"{PLATFORM}:{host}:{post.pid}",
                platform=PLATFORM,
                source=name,
                url=f"{url}#pid{post.pid}",
                text=post.text or "",
                first_seen=answer.fetched_at,
                published=post.published,
                author=Author(f"{PLATFORM}:{host}", post.author_id, post.author),
                title=discuz_page.subject(tree),
                thread=f"{PLATFORM}:{host}:{opening}" if opening else None,
                # What the forum hides now may be stored whole already: it must not be overwritten by nothing.
                truncated=post.text is None,
            )
            counts = Engagement(mention.id, answer.fetched_at, comments=replies, views=views)
            observations.append(Observation(mention, counts if is_opening else None))
        follow, capped = self._more(where, tid, opening, answer)
        detail = f"Page {where.current} of {where.total} of a thread: {len(found)} posts."
        return Page(Outcome.MENTIONS, tuple(observations), follow, detail, capped)

    def _more(
        self, where: Pages, tid: str | None, opening: str | None, answer: Answer
    ) -> tuple[tuple[Fetch, ...], bool]:
        """From the first page to the last one, and from there back while the pages hold news."""
        if tid is None or (answer.fetch is not None and answer.fetch.kind == "reread" and where.current > 1):
            return (), False
        target = where.total if where.current == 1 else where.current - 1
        if target <= 1:
            return (), False
        left = answer.context.get("left", self.thread_pages) - 1
        if left < 1:
            return (), True
        gate = Gate.ALWAYS if where.current == 1 else Gate.NEWS
        context = {"opening": opening, "left": left}
        return (Fetch(self._thread_url(tid, target), "thread", self.signed_headers, context, gate=gate),), False

    def _other(self, tree: LexborHTMLParser, page: str) -> Page:
        if rows := discuz_page.search_rows(tree):
            follow = tuple(Fetch(self._thread_url(row.tid, 1), "thread", self.signed_headers) for row in rows)
            detail = f"A search result of {len(rows)} threads; their posts stand on the threads' own pages."
            return Page(Outcome.MENTIONS, follow=follow, detail=detail)
        if tree.css_first("#nv_forum table.fl_tb, .fl_tb") is not None:
            return blocked(Outcome.EMPTY, "The forum's front page: it lists boards, not posts.")
        if "discuz" in page[:20_000].lower():
            return blocked(
                Outcome.LAYOUT_CHANGED, "A page of a Discuz! forum that holds neither threads nor posts."
            )
        return blocked(Outcome.LAYOUT_CHANGED, "The page is not one of a Discuz! forum as we know them.")

    def _list(self, fid: int, page: int) -> Fetch:
        return Fetch(
            f"{self.base_url.rstrip('/')}/forum.php?mod=forumdisplay&fid={fid}{ORDERS[self.order]}&page={page}",
            "list",
            self.signed_headers,
            {"fid": fid, "page": page},
            priority=1,
            query=f"[fid {fid}]",
        )

    def _thread_url(self, tid: str, page: int) -> str:
        return _thread_url(self.base_url, tid, page)


def _refused(answer: Answer, tree: LexborHTMLParser, page: str) -> Page | None:
    """What the status or the forum's own notice says."""
    said = discuz_page.notice(tree, page)
    refusal = refused(answer, STATUSES)
    if refusal is None:
        return blocked(*said) if said else None
    # The notice says more than the status, but for a page that failed.
    return refusal if said is None or refusal.outcome is Outcome.ERROR_PAGE else replace(refusal, detail=said[1])


def _site(page: str, url: str) -> str:
    """Where a saved page came from."""
    match = BASE.search(page)
    if match:
        return match[1]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _thread_url(site: str, tid: str, page: int) -> str:
    url = f"{site.rstrip('/')}/forum.php?mod=viewthread&tid={tid}"
    return url if page == 1 else f"{url}&page={page}"
