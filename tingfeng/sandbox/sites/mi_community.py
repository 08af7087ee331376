"""小米社区: the posts of a board with a cursor, one post, and its comments."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.sites.json_site import Json, JsonSite, whole
from tingfeng.sandbox.world import Post, Site

GONE = {"code": 404, "message": "帖子不存在或已被删除", "entity": None}


class MiCommunity(JsonSite):
    """The site's answers. A post stands on the board that its `node` names."""

    site = Site.MI_COMMUNITY

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/api/community/board/search/announce", self.board),
                Route("/api/community/post/detail", self.detail),
                Route("/mtop/planet/vip/content/comments", self.comments),
            ]
        )

    async def board(self, request: Request) -> Response:
        """A page of a board; `after` is where the last one ended."""
        posts = self.posts(request.query_params.get("boardId", ""))
        return _page(request, [self._post(post) for post in posts])

    async def detail(self, request: Request) -> Response:
        """One post."""
        post = self.post(request.query_params.get("postId", ""))
        return JSONResponse(GONE if post is None else {"code": 200, "entity": self._post(post)})

    async def comments(self, request: Request) -> Response:
        """A page of the comments under a post."""
        post = self.post(request.query_params.get("postId", ""))
        return _page(request, [self._comment(post, reply) for reply in self.replies(post)] if post else [])

    def _post(self, post: Post) -> Json:
        return {
            "id": post.id,
            "userId": post.author.id,
            "title": post.title,
            "textContent": post.text,
            "createTime": self.seconds(post) * 1000,
            "commentCnt": len(self.replies(post)),
            "likeCnt": self.count(post, post.likes),
            "deviceType": "",
            "imgList": [],
            "author": {"name": post.author.name, "userGrowLevelInfo": {"title": "LV3"}},
        }

    def _comment(self, post: Post, reply: Post) -> Json:
        return {
            "commentId": reply.id,
            "postId": post.id,
            "text": reply.text,
            "createTime": self.seconds(reply) * 1000,
            "likeCnt": self.count(reply, reply.likes),
            "author": {"name": reply.author.name, "userId": reply.author.id},
        }


def _page(request: Request, records: list[Json]) -> Response:
    start, limit = whole(request, "after"), whole(request, "limit", 10)
    after = str(start + limit) if start + limit < len(records) else ""
    return JSONResponse(
        {"code": 200, "status": 200, "entity": {"after": after, "records": records[start : start + limit]}}
    )
