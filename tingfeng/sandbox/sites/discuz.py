"""A Discuz! X3.5 forum with one board: lists of threads and the threads themselves, in each of its views."""

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites import discuz_archiver as archiver
from tingfeng.sandbox.sites import discuz_mobile as mobile
from tingfeng.sandbox.sites import discuz_pages as pages
from tingfeng.sandbox.world import Post, Site, World

T = TypeVar("T")
THREADS, POSTS = 20, 10
"""Threads a list page, posts a thread page: Discuz!'s defaults."""
NO_SUCH_THREAD = "抱歉，指定的主题不存在或已被删除或正在被审核"
NO_SUCH_BOARD = "抱歉，指定的版块不存在"
MEMBERS_ONLY = "抱歉，您没有权限访问该版块"
ARCHIVED = re.compile(r"(tid|fid)-(\d+)\.html(?:&page=(\d+))?")


class Discuz:
    """The forum's answers. A thread's number is its rank in time; guests may not read members' threads."""

    def __init__(self, world: World, clock: StoryClock) -> None:
        self.world = world
        self.clock = clock
        every = list(world.openings(Site.FORUM, math.inf))[::-1]
        self._by_tid = dict(enumerate(every, start=1))
        self._tid = {post.id: tid for tid, post in self._by_tid.items()}

    def app(self) -> Starlette:
        """The forum as an ASGI application."""
        return Starlette(
            routes=[
                Route("/forum.php", self.entry),
                Route("/archiver/", self.archiver),
                Route("/", self.entry),
            ]
        )

    async def entry(self, request: Request) -> Response:
        """Everything in Discuz! is forum.php, told apart by `mod`."""
        match request.query_params.get("mod"):
            case "forumdisplay":
                return self._board(request)
            case "viewthread":
                return self._thread(request)
            case "redirect":
                return self._find(request)
            case "rss":
                return self._feed(request)
            case _:
                link = f'<a href="forum.php?mod=forumdisplay&amp;fid={pages.FORUM_ID}">{pages.FORUM}</a>'
                return self._page(request, "论坛", f"<dl><dt>{link}</dt></dl>")

    async def archiver(self, request: Request) -> Response:
        """The archiver's addresses are not pairs: ?tid-7.html&page=2."""
        asked = ARCHIVED.match(request.url.query)
        kind, number, page = asked.groups(default="1") if asked else ("", "", "1")
        opening = self._opening(number) if kind == "tid" else None
        if opening is not None and opening.members_only:
            return self._archived(request, "提示信息", f"<p>{MEMBERS_ONLY}</p>")
        if opening is not None:
            posts = self._posts(opening)
            shelf = _shelf(page, len(posts), POSTS, f"?tid-{number}.html")
            floors = self._floors(posts, shelf)
            body = archiver.thread(self._row(opening), floors, shelf, self.clock.now())
            full = f"forum.php?mod=viewthread&amp;tid={number}"
            return self._archived(request, opening.title or "", body, full)
        if kind == "fid" and number == str(pages.FORUM_ID):
            pinned, normal = self._rows(newest_first=False)
            shelf = _shelf(page, len(normal), THREADS, f"?fid-{number}.html")
            body = archiver.thread_list([*pinned, *_on(shelf, normal, THREADS)], shelf)
            return self._archived(request, pages.FORUM, body)
        return self._archived(request, "提示信息", f"<p>{NO_SUCH_THREAD}</p>", status=404)

    def _board(self, request: Request) -> Response:
        query = request.query_params
        if query.get("fid") != str(pages.FORUM_ID):
            return self._refusal(request, NO_SUCH_BOARD, 404)
        newest_first = query.get("orderby") == "dateline"
        pinned, normal = self._rows(newest_first=newest_first)
        order = "&amp;orderby=dateline&amp;filter=author" if newest_first else ""
        address = f"forum.php?mod=forumdisplay&amp;fid={pages.FORUM_ID}{order}{_mobile(request)}"
        shelf = _shelf(query.get("page", "1"), len(normal), THREADS, address)
        template = mobile if _mobile(request) else pages
        body = template.thread_list(_on(shelf, normal, THREADS), pinned, shelf, self.clock.now())
        return self._page(request, pages.FORUM, body)

    def _thread(self, request: Request) -> Response:
        tid = request.query_params.get("tid", "")
        opening = self._opening(tid)
        if opening is None:
            return self._refusal(request, NO_SUCH_THREAD, 404)
        if opening.members_only:
            return self._refusal(request, MEMBERS_ONLY)
        posts = self._posts(opening)
        address = f"forum.php?mod=viewthread&amp;tid={tid}&amp;extra={_mobile(request)}"
        shelf = _shelf(request.query_params.get("page", "1"), len(posts), POSTS, address)
        template = mobile if _mobile(request) else pages
        body = template.thread(self._row(opening), self._floors(posts, shelf), shelf, self.clock.now())
        return self._page(request, opening.title or "", body)

    def _find(self, request: Request) -> Response:
        """goto=findpost: the page of the thread on which a post stands."""
        query = request.query_params
        opening = self._opening(query.get("ptid", ""))
        ids = [post.id for post in self._posts(opening)] if opening is not None else []
        if query.get("pid") not in ids:
            return self._refusal(request, NO_SUCH_THREAD, 404)
        page = ids.index(query["pid"]) // POSTS + 1
        view = _mobile(request).replace("&amp;", "&")
        target = f"forum.php?mod=viewthread&tid={query['ptid']}&page={page}{view}#pid{query['pid']}"
        return RedirectResponse(f"{request.base_url}{target}", 301)

    def _feed(self, request: Request) -> Response:
        if request.query_params.get("fid") != str(pages.FORUM_ID):
            return Response("Specified forum not found", media_type="text/html")
        pinned, normal = self._rows(newest_first=True)
        rows = sorted((*pinned, *normal), key=lambda row: row.published, reverse=True)[:THREADS]
        shown = [row for row in rows if not row.opening.members_only]
        return Response(archiver.feed(shown, str(request.base_url)), media_type="application/xml")

    def _rows(self, *, newest_first: bool) -> tuple[list[pages.Row], list[pages.Row]]:
        """The pinned threads and the others, in the order of a list."""
        rows = [self._row(post) for post in self.world.openings(Site.FORUM, self.clock.moment())]
        rows.sort(key=lambda row: row.published if newest_first else row.last_at, reverse=True)
        pinned = [row for row in rows if row.opening.sticky]
        return pinned, [row for row in rows if not row.opening.sticky]

    def _opening(self, tid: str) -> Post | None:
        opening = self._by_tid.get(int(tid)) if tid.isdigit() else None
        return opening if opening is not None and opening.at <= self.clock.moment() else None

    def _posts(self, opening: Post) -> list[Post]:
        return [opening, *self.world.replies(opening, self.clock.moment())]

    def _row(self, opening: Post) -> pages.Row:
        moment = self.clock.moment()
        replies = self.world.replies(opening, moment)
        last = replies[-1] if replies else opening
        return pages.Row(
            tid=self._tid[opening.id],
            opening=opening,
            published=self.clock.wall(opening.at),
            last=last,
            last_at=self.clock.wall(last.at),
            replies=len(replies),
            views=opening.views.at(moment - opening.at),
        )

    def _floors(self, posts: Sequence[Post], shelf: pages.Shelf) -> list[pages.Floor]:
        first = (shelf.page - 1) * POSTS + 1
        shown = _on(shelf, posts, POSTS)
        return [pages.Floor(n, post, self.clock.wall(post.at)) for n, post in enumerate(shown, start=first)]

    def _refusal(self, request: Request, words: str, status: int = 200) -> Response:
        kind = "alert_info" if status == 200 else "alert_error"  # noqa: PLR2004 - HTTP's word for success
        box = mobile.message(words) if _mobile(request) else pages.message(words, kind)
        return self._page(request, "提示信息", box, status)

    def _page(self, request: Request, title: str, body: str, status: int = 200) -> Response:
        base = str(request.base_url)
        if _mobile(request):
            return HTMLResponse(mobile.frame(title, body, base), status)
        return HTMLResponse(pages.frame(title, body, base, self.clock.now()), status)

    def _archived(
        self, request: Request, title: str, content: str, full: str = "forum.php", status: int = 200
    ) -> Response:
        return HTMLResponse(archiver.frame(title, content, str(request.base_url), full), status)


def _mobile(request: Request) -> str:
    return "&amp;mobile=2" if request.query_params.get("mobile") == "2" else ""


def _on(shelf: pages.Shelf, things: Sequence[T], per_page: int) -> Sequence[T]:
    start = (shelf.page - 1) * per_page
    return things[start : start + per_page]


def _shelf(asked: str, things: int, per_page: int, address: str) -> pages.Shelf:
    """Discuz! shows the last page to whoever asks beyond it."""
    last = max(1, math.ceil(things / per_page))
    return pages.Shelf(min(max(1, int(asked) if asked.isdigit() else 1), last), last, address)
