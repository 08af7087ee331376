"""Baidu Tieba with one forum: its list, threads, the comments under a post, and search."""

import math
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites import tieba_pages as pages
from tingfeng.sandbox.world import Post, Site, World

FORUM = "数码"
FIRST_TID = 9_000_000_000
LISTED, FLOORS, COMMENTS, FOUND = 50, 30, 10, 20
"""Threads, posts, comments and results a page."""
SHOWN = 60
"""Characters of a post that a search shows."""
GONE = "抱歉，您访问的贴子被隐藏，暂时无法访问。贴子可能已被删除"


class Tieba:
    """The site's answers. In the world a comment is a reply to a reply."""

    def __init__(self, world: World, clock: StoryClock) -> None:
        self.world = world
        self.clock = clock
        every = list(world.openings(Site.TIEBA, math.inf))[::-1]
        self._by_tid = dict(enumerate(every, start=FIRST_TID))
        self._tid = {post.id: tid for tid, post in self._by_tid.items()}

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/f", self.forum),
                Route("/p/comment", self.comments),
                Route("/p/{tid:int}", self.thread),
                Route("/f/search/res", self.search),
            ]
        )

    async def forum(self, request: Request) -> Response:
        """The forum's threads, the last answered first."""
        name, start = request.query_params.get("kw", ""), _number(request, "pn", 0)
        if name != FORUM:
            return self._page("贴吧404", "<p>抱歉，本吧尚未建立</p>", 404)
        openings = sorted(self._openings(), key=lambda post: -self._floors(post)[-1].at)
        openings.sort(key=lambda post: not post.sticky)
        onward = (
            f"//tieba.baidu.com/f?kw={name}&amp;pn={start + LISTED}" if len(openings) > start + LISTED else None
        )
        rows = [self._row(post) for post in openings[start : start + LISTED]]
        return self._page(f"{name}吧", pages.thread_list(rows, self.clock.now(), onward))

    async def thread(self, request: Request) -> Response:
        """A page of a thread: by its number, or the one that shows the post `pid`."""
        opening = self._by_tid.get(request.path_params["tid"])
        if opening is None or opening.at > self.clock.moment():
            return self._page("贴吧404", f"<p>{GONE}</p>", 404)
        posts = self._floors(opening)
        last = math.ceil(len(posts) / FLOORS)
        ids = [post.id for post in posts]
        pid = request.query_params.get("pid")
        asked = ids.index(pid) // FLOORS + 1 if pid in ids else _number(request, "pn", 1)
        page = min(max(1, asked), last)
        start = (page - 1) * FLOORS
        floors = [
            pages.Floor(n, post, self.clock.wall(post.at), len(self._under(post)) if n > 1 else 0)
            for n, post in enumerate(posts[start : start + FLOORS], start=start + 1)
        ]
        return self._page(opening.title or "", pages.thread(self._row(opening), floors, page, last))

    async def comments(self, request: Request) -> Response:
        """A page of the comments under a post."""
        post = self.world.get(Site.TIEBA, request.query_params.get("pid", ""), self.clock.moment())
        found = self._under(post) if post is not None else ()
        start = (max(1, _number(request, "pn", 1)) - 1) * COMMENTS
        shown = [(each, self.clock.wall(each.at)) for each in found[start : start + COMMENTS]]
        return HTMLResponse(pages.comment_list(shown, len(found), math.ceil(len(found) / COMMENTS)))

    async def search(self, request: Request) -> Response:
        """Posts and comments that hold a word, the newest first; in GBK, as the older pages are."""
        word = request.query_params.get("qw", "").casefold()
        moment, start = self.clock.moment(), (max(1, _number(request, "pn", 1)) - 1) * FOUND
        found = [
            post
            for post in reversed(self.world.posts)
            if post.site is Site.TIEBA
            and post.at <= moment
            and word in f"{post.title or ''}\n{post.text}".casefold()
        ]
        if not word or not found:
            said = "<div class='search_noresult'>抱歉，没有找到相关的结果。</div>"
            return HTMLResponse(pages.frame("贴吧搜索", said).encode("gbk"))
        hits = "\n".join(self._hit(post) for post in found[start : start + FOUND])
        pager = '<div class="pager pager-search"><a class="next" href="#">下一页&gt;</a></div>'
        body = f'<div class="s_post_list">\n{hits}\n</div>{pager if len(found) > start + FOUND else ""}'
        return HTMLResponse(pages.frame("贴吧搜索", body).replace("UTF-8", "GBK").encode("gbk", "replace"))

    def _hit(self, post: Post) -> str:
        floor = self._parent(post)
        opening = self._parent(floor) or floor if floor is not None else post
        under = floor.id if floor is not None and floor is not opening else None
        found = pages.Hit(self._tid[opening.id], post, self.clock.wall(post.at), opening.title or "", under)
        return pages.hit(found, SHOWN)

    def _parent(self, post: Post) -> Post | None:
        return None if post.thread is None else self.world.get(Site.TIEBA, post.thread, math.inf)

    def _openings(self) -> Sequence[Post]:
        return self.world.openings(Site.TIEBA, self.clock.moment())

    def _floors(self, opening: Post) -> list[Post]:
        return [opening, *self._under(opening)]

    def _under(self, post: Post) -> Sequence[Post]:
        return self.world.replies(post, self.clock.moment())

    def _row(self, opening: Post) -> pages.Row:
        return pages.Row(self._tid[opening.id], opening, self.clock.wall(opening.at), len(self._under(opening)))

    def _page(self, title: str, body: str, status: int = 200) -> Response:
        return HTMLResponse(pages.frame(title, body), status)


def _number(request: Request, name: str, default: int) -> int:
    asked = request.query_params.get(name, "")
    return int(asked) if asked.isdigit() else default
