"""知乎: a search page whose own code asks the signed search, and the pages of answers."""

from datetime import timedelta
from html import escape
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.sites.json_site import Json, JsonSite, in_script, whole
from tingfeng.sandbox.world import Post, Site

SIGNATURE = "x-zse-96"
SESSION, SIGN_IN = "z_c0", "/signin"
MONTH = timedelta(days=30)
UNSIGNED = {"error": {"message": "请求参数异常，请升级客户端后重试。", "code": 10003}}
GONE = {"error": {"code": 4041, "name": "NotFoundException", "message": "资源不存在"}}
SEARCH_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>搜索 - 知乎</title><ol></ol><script>
const q = new URLSearchParams(location.search).get("q");
const url = "/api/v4/search_v3?t=general&offset=0&limit=20&q=" + encodeURIComponent(q);
function sign(asked) {
  let value = 5381;
  for (const char of asked) value = (Math.imul(value, 33) ^ char.codePointAt(0)) >>> 0;
  return "2.0_" + value.toString(16);
}
fetch(url, {headers: {"x-zse-96": sign(url)}})
  .then(r => r.json()).then(a => { for (const d of a.data)
    document.querySelector("ol").append(d.object.excerpt, document.createElement("li"))});
</script>"""


class Zhihu(JsonSite):
    """The site's answers. A post's `node` is the number and the title of the question that it answers."""

    site = Site.ZHIHU

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/search", self.search_page),
                Route(SIGN_IN, self.sign_in),
                Route("/api/v4/search_v3", self.search),
                Route("/answer/{id}", self.page),
                Route("/question/{question}/answer/{id}", self.page),
            ]
        )

    async def sign_in(self, _request: Request) -> Response:
        """Whoever comes here is known for a month."""
        page = HTMLResponse("<!DOCTYPE html><meta charset='utf-8'><title>登录 - 知乎</title>")
        page.set_cookie(SESSION, "sandbox", max_age=int(MONTH.total_seconds()))
        return page

    async def search_page(self, request: Request) -> Response:
        """The page that a person opens, once he has signed in."""
        if request.cookies.get(SESSION) != "sandbox":
            return RedirectResponse(f"{SIGN_IN}?next={quote(str(request.url.path))}")
        return HTMLResponse(SEARCH_PAGE)

    async def search(self, request: Request) -> Response:
        """What a search finds; only for the page's own code, which signs what it asks."""
        if request.headers.get(SIGNATURE) != signature(f"{request.url.path}?{request.url.query}"):
            return JSONResponse(UNSIGNED, status_code=403)
        offset, limit = whole(request, "offset"), whole(request, "limit", 20)
        posts, total = self.found(request.query_params.get("q", ""), offset, limit)
        data = [{"type": "search_result", "index": n, "object": self._answer(p)} for n, p in enumerate(posts)]
        return JSONResponse({"data": data, "paging": {"is_end": offset + limit >= total}})

    async def page(self, request: Request) -> Response:
        """An answer's page, which carries its data in a script."""
        post = self.post(request.path_params["id"])
        if post is None:
            return JSONResponse(GONE, status_code=404)
        state = {"initialState": {"entities": {"answers": {post.id: self._answer(post)}}}}
        script = f'<script id="js-initialData" type="text/json">{in_script(state)}</script>'
        page = f'<!DOCTYPE html><meta charset="utf-8"><title>知乎</title><p>{escape(post.text)}</p>{script}'
        return HTMLResponse(page)

    def _answer(self, post: Post) -> Json:
        author = {
            "id": post.author.id,
            "name": post.author.name,
            "url_token": post.author.id,
            "follower_count": post.author.followers,
        }
        return {
            "id": post.id,
            "type": "answer",
            "content": f"<p>{escape(post.text, quote=False)}</p>",
            "excerpt": post.text[:60],
            "voteup_count": self.count(post, post.likes),
            "comment_count": self.count(post, post.comments),
            "created_time": self.seconds(post),
            "question": {"id": post.node[0], "type": "question", "name": post.node[1]},
            "author": author,
        }


def signature(asked: str) -> str:
    """What the page's script makes of an address: a hash, which is all that a sandbox needs (djb2, xor)."""
    value = 5381
    for char in asked:
        value = (value * 33 ^ ord(char)) % 2**32
    return f"2.0_{value:x}"
