"""A Discuz! X3.5 forum with one board: lists of threads and the threads themselves."""

import math
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites import discuz_pages as pages
from tingfeng.sandbox.world import Post, Site, World

THREADS, POSTS = 20, 10
"""Threads a list page, posts a thread page: Discuz!'s defaults."""
NO_SUCH_THREAD = "抱歉，指定的主题不存在或已被删除或正在被审核"
NO_SUCH_BOARD = "抱歉，指定的版块不存在"
MEMBERS_ONLY = "抱歉，您没有权限访问该版块"


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
        return Starlette(routes=[Route("/forum.php", self.entry), Route("/", self.entry)])

    async def entry(self, request: Request) -> Response:
        """Everything in Discuz! is forum.php, told apart by `mod`."""
        match request.query_params.get("mod"):
            case "forumdisplay":
                return self._board(request)
            case "viewthread":
                return self._thread(request)
            case _:
                link = f'<a href="forum.php?mod=forumdisplay&amp;fid={pages.FORUM_ID}">{pages.FORUM}</a>'
                return self._page(request, "论坛", f"<dl><dt>{link}</dt></dl>")

    def _board(self, request: Request) -> Response:
        query = request.query_params
        if query.get("fid") != str(pages.FORUM_ID):
            return self._page(request, "提示信息", pages.message(NO_SUCH_BOARD, "alert_error"), 404)
        moment = self.clock.moment()
        rows = [self._row(post) for post in self.world.openings(Site.FORUM, moment)]
        newest_first = query.get("orderby") == "dateline"
        rows.sort(key=lambda row: row.published if newest_first else row.last_at, reverse=True)
        pinned = [row for row in rows if row.opening.sticky]
        normal = [row for row in rows if not row.opening.sticky]
        order = "&amp;orderby=dateline&amp;filter=author" if newest_first else ""
        address = f"forum.php?mod=forumdisplay&amp;fid={pages.FORUM_ID}{order}"
        shelf = _shelf(request, len(normal), THREADS, address)
        start = (shelf.page - 1) * THREADS
        body = pages.thread_list(normal[start : start + THREADS], pinned, shelf, self.clock.now())
        return self._page(request, pages.FORUM, body)

    def _thread(self, request: Request) -> Response:
        moment = self.clock.moment()
        tid = request.query_params.get("tid", "")
        opening = self._by_tid.get(int(tid)) if tid.isdigit() else None
        if opening is None or opening.at > moment:
            return self._page(request, "提示信息", pages.message(NO_SUCH_THREAD, "alert_error"), 404)
        if opening.members_only:
            return self._page(request, "提示信息", pages.message(MEMBERS_ONLY, "alert_info"))
        posts = [opening, *self.world.replies(opening, moment)]
        shelf = _shelf(request, len(posts), POSTS, f"forum.php?mod=viewthread&amp;tid={tid}&amp;extra=")
        start = (shelf.page - 1) * POSTS
        floors = self._floors(posts[start : start + POSTS], start)
        body = pages.thread(self._row(opening), floors, shelf, self.clock.now())
        return self._page(request, opening.title or "", body)

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

    def _floors(self, posts: Sequence[Post], start: int) -> list[pages.Floor]:
        return [pages.Floor(start + n, post, self.clock.wall(post.at)) for n, post in enumerate(posts, start=1)]

    def _page(self, request: Request, title: str, body: str, status: int = 200) -> Response:
        return HTMLResponse(pages.frame(title, body, str(request.base_url), self.clock.now()), status)


def _shelf(request: Request, things: int, per_page: int, address: str) -> pages.Shelf:
    """Discuz! shows the last page to whoever asks beyond it."""
    last = max(1, math.ceil(things / per_page))
    asked = request.query_params.get("page", "1")
    return pages.Shelf(min(max(1, int(asked) if asked.isdigit() else 1), last), last, address)
