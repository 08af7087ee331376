"""小红书: a search page whose own code asks the signed search, and the pages of notes."""

from html import escape

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.sites.json_site import Json, JsonSite, in_script
from tingfeng.sandbox.sites.times import followers
from tingfeng.sandbox.world import Post, Site

SIGNATURE = "x-s"
CAPTCHA = 461
SEARCH_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>小红书搜索</title><ol></ol><script>
const keyword = new URLSearchParams(location.search).get("keyword");
fetch("/api/sns/web/v1/search/notes", {method: "POST", body: JSON.stringify({keyword, page: 1}),
  headers: {"x-s": "sandbox", "content-type": "application/json"}}).then(r => r.json()).then(a => {
  for (const n of a.data.items)
    document.querySelector("ol").append(n.note_card.display_title, document.createElement("li"))});
</script>"""


class Xiaohongshu(JsonSite):
    """The site's answers. A list shows a note's title only; its text is on its own page."""

    site = Site.XIAOHONGSHU

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/search_result", self.search_page),
                Route("/api/sns/web/v1/search/notes", self.search, methods=["POST"]),
                Route("/explore/{id}", self.page),
            ]
        )

    async def search_page(self, _request: Request) -> Response:
        """The page that a person opens."""
        return HTMLResponse(SEARCH_PAGE)

    async def search(self, request: Request) -> Response:
        """What a search finds; only for the page's own code, which signs what it asks."""
        if SIGNATURE not in request.headers:
            return Response(status_code=CAPTCHA)
        asked = orjson.loads(await request.body())
        page = max(1, int(asked.get("page", 1)))
        posts, total = self.found(str(asked.get("keyword", "")), (page - 1) * 20, 20)
        items = [
            {"id": p.id, "model_type": "note", "xsec_token": "ABsandbox", "note_card": self._card(p)}
            for p in posts
        ]
        return JSONResponse({"code": 0, "success": True, "data": {"has_more": page * 20 < total, "items": items}})

    async def page(self, request: Request) -> Response:
        """A note's page, which carries its data in a script."""
        post = self.post(request.path_params["id"])
        if post is None:
            return JSONResponse({"code": -510001, "msg": "笔记不存在"})
        note = self._card(post) | {"desc": post.text, "time": self.seconds(post) * 1000, "noteId": post.id}
        state = {"note": {"noteDetailMap": {post.id: {"note": note}}}}
        script = f"<script>window.__INITIAL_STATE__={in_script(state)}</script>"
        return HTMLResponse(
            f'<!DOCTYPE html><meta charset="utf-8"><title>小红书</title><p>{escape(post.text)}</p>{script}'
        )

    def _card(self, post: Post) -> Json:
        shown = {
            "liked_count": str(followers(self.count(post, post.likes))),
            "comment_count": str(self.count(post, post.comments)),
            "shared_count": str(self.count(post, post.reposts)),
        }
        user = {"user_id": post.author.id, "nickname": post.author.name}
        return {"type": "normal", "display_title": post.title or "", "user": user, "interact_info": shown}
