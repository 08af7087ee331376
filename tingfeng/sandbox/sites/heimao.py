"""黑猫投诉: the complaints about a company, a search, and the page of each complaint."""

from collections.abc import Sequence
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.sites.json_site import Json, JsonSite, whole
from tingfeng.sandbox.sites.times import BEIJING
from tingfeng.sandbox.world import Post, Site


class Heimao(JsonSite):
    """The site's answers. A complaint's `node` is the company's number and what its author wants.

    A reply is a step of its complaint; its `node` begins with what the site calls that (回复, 已完成).
    """

    site = Site.HEIMAO

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/api/company/received_complaints", self.company),
                Route("/api/index/s", self.search),
                Route("/complaint/view/{number}/", self.page),
            ]
        )

    async def company(self, request: Request) -> Response:
        """A page of the complaints about a company."""
        page, size = whole(request, "page", 1), whole(request, "page_size", 10)
        posts = self.posts(request.query_params.get("couid", ""))
        return self._answer("complaints", posts[(page - 1) * size : page * size], page, size, len(posts))

    async def search(self, request: Request) -> Response:
        """A page of the complaints that hold the keywords."""
        page, size = whole(request, "page", 1), whole(request, "page_size", 10)
        posts, total = self.found(request.query_params.get("keywords", ""), (page - 1) * size, size)
        return self._answer("lists", posts, page, size, total)

    async def page(self, request: Request) -> Response:
        """The page of a complaint, its steps the newest first."""
        post = self.post(request.path_params["number"])
        if post is None:
            return HTMLResponse("<html><body><p>该投诉不存在或已删除</p></body></html>", 404)
        steps = self.replies(post)
        listed = (
            ("投诉编号", post.id),
            ("投诉对象", f"<a>{post.node[0]}</a>"),
            ("投诉要求", escape(post.node[1].replace(",", "，"))),
            ("投诉进度", f"<b>{escape(steps[0].node[0]) if steps else '处理中'}</b>"),
        )
        begun = self._step(post, "发起投诉", f"<p>{escape(post.title or '')}</p><p>{escape(post.text)}</p>")
        body = "".join((*(self._step(s, s.node[0], f"<p>{escape(s.text)}</p>") for s in steps), begun))
        return HTMLResponse(
            f'<html><body><div class="ts-d-question"><h1 class="article">{escape(post.title or "")}</h1>'
            f'<div class="ts-q-user clearfix">{self._who(post)}</div><ul class="ts-q-list">'
            + "".join(f"<li><label>{label}：</label>{value}</li>" for label, value in listed)
            + f'</ul></div><div class="ts-d-steplist">{body}</div></body></html>'
        )

    def _step(self, post: Post, status: str, words: str) -> str:
        return (
            f'<div class="ts-d-item">{self._who(post)}<span class="u-status">{escape(status)}</span>'
            f'<div class="ts-d-cont"><div class="ts-reply">{words}</div></div></div>'
        )

    def _who(self, post: Post) -> str:
        when = self.clock.wall(post.at).astimezone(BEIJING)
        name = post.author.name if post.author.verified else starred(post.author.name)
        return f'<span class="u-name">{escape(name)}</span><span class="u-date">{when:%Y-%m-%d %H:%M:%S}</span>'

    def _answer(self, key: str, posts: Sequence[Post], page: int, size: int, total: int) -> Response:
        pager = {"current": page, "page_amount": -(-total // size), "item_count": total}
        data = {key: [self._complaint(post) for post in posts], "pager": pager}
        return JSONResponse({"result": {"status": {"code": 0, "msg": "success"}, "data": data}})

    def _complaint(self, post: Post) -> Json:
        main = {
            "sn": post.id,
            "title": post.title,
            "appeal": post.node[1],
            "summary": post.text,
            "timestamp": str(self.seconds(post)),
            "uid": post.author.id,
            "status": 4,
            "upvote_amount": self.count(post, post.likes),
            "comment_amount": self.count(post, post.comments),
        }
        return {"main": main, "author": {"title": starred(post.author.name)}}


def starred(name: str) -> str:
    """A person's name as the site shows it."""
    return f"{name[0]}*{name[-1]}"
