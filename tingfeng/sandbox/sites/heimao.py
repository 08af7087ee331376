"""黑猫投诉: the complaints about a company, and a search."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.sites.json_site import Json, JsonSite, whole
from tingfeng.sandbox.world import Post, Site


class Heimao(JsonSite):
    """The site's answers. A complaint's `node` is the company's number and what its author wants."""

    site = Site.HEIMAO

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[Route("/api/company/received_complaints", self.company), Route("/api/index/s", self.search)]
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

    def _answer(self, key: str, posts: Sequence[Post], page: int, size: int, total: int) -> Response:
        pager = {"current": page, "page_amount": -(-total // size), "item_count": total}
        data = {key: [self._complaint(post) for post in posts], "pager": pager}
        return JSONResponse({"result": {"status": {"code": 0, "msg": "success"}, "data": data}})

    def _complaint(self, post: Post) -> Json:
        name = post.author.name
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
        return {"main": main, "author": {"title": f"{name[0]}*{name[-1]}"}}
