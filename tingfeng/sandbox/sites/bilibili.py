"""Bilibili's open answers: a video, its comments, an account's dynamics; and the signed search."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from mentions.bvid import aid, bvid
from tingfeng.sandbox.sites.json_site import Json, JsonSite, whole
from tingfeng.sandbox.world import Account, Post, Site

PAGE = 12
"""Dynamics in one answer."""
DYNAMIC = "dynamic"
"""The `node` of a post that is no video."""
GONE = {"code": -404, "message": "啥都木有", "ttl": 1}
UNSIGNED = {"code": -352, "message": "-352", "ttl": 1, "data": {"v_voucher": "voucher_sandbox"}}
SEARCH_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>bilibili</title><ol></ol><script>
const asked = new URLSearchParams(location.search);
asked.set("search_type", "video"); asked.set("w_rid", "sandbox");
fetch("/x/web-interface/wbi/search/type?" + asked).then(r => r.json()).then(a => {
  for (const v of a.data.result) document.querySelector("ol").append(v.bvid, document.createElement("li"))});
</script>"""


class Bilibili(JsonSite):
    """The site's answers. A video's id is its number (av)."""

    site = Site.BILIBILI

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/x/web-interface/view", self.view),
                Route("/x/v2/reply", self.comments),
                Route("/x/v2/reply/reply", self.comment),
                Route("/x/polymer/web-dynamic/v1/feed/space", self.dynamics),
                Route("/x/polymer/web-dynamic/v1/detail", self.dynamic),
                Route("/x/web-interface/wbi/search/type", self.search),
                Route("/video", self.search_page),
            ]
        )

    async def view(self, request: Request) -> Response:
        """A video by its name."""
        post = self.post(str(aid(request.query_params.get("bvid", ""))))
        return JSONResponse(GONE if post is None else {"code": 0, "message": "0", "data": self._video(post)})

    async def comments(self, request: Request) -> Response:
        """A page of comments, newest first; `replies` is null where there are none."""
        post, page = self.post(request.query_params.get("oid", "")), whole(request, "pn", 1)
        size, listed = whole(request, "ps", 20), self.replies(post) if post else []
        shown = [self._comment(reply) for reply in listed[(page - 1) * size : page * size]]
        counted = {"num": page, "size": size, "count": len(listed), "acount": len(listed)}
        return JSONResponse({"code": 0, "data": {"page": counted, "replies": shown or None}})

    async def comment(self, request: Request) -> Response:
        """One comment, and those that answer it: none."""
        found = self.world.get(self.site, request.query_params.get("root", ""), self.clock.moment())
        data = {"root": self._comment(found), "replies": None} if found and found.thread else None
        return JSONResponse(GONE if data is None else {"code": 0, "data": data})

    async def dynamics(self, request: Request) -> Response:
        """An account's dynamics, newest first; the offset is the last one that was shown."""
        mid, offset = request.query_params.get("host_mid"), request.query_params.get("offset", "")
        posts = [p for p in self.posts(DYNAMIC) if p.author.id == mid and (not offset or int(p.id) < int(offset))]
        data = {"has_more": len(posts) > PAGE, "items": [self._dynamic(p) for p in posts[:PAGE]]}
        return JSONResponse({"code": 0, "data": data | {"offset": posts[:PAGE][-1].id if posts else ""}})

    async def dynamic(self, request: Request) -> Response:
        """One dynamic."""
        post = self.post(request.query_params.get("id", ""))
        return JSONResponse(GONE if post is None else {"code": 0, "data": {"item": self._dynamic(post)}})

    async def search(self, request: Request) -> Response:
        """What a search finds; only for the page's own code, which signs what it asks."""
        if not request.query_params.get("w_rid"):
            return JSONResponse(UNSIGNED)
        page = whole(request, "page", 1)
        posts, total = self.found(request.query_params.get("keyword", ""), (page - 1) * 20, 20)
        return JSONResponse({"code": 0, "data": {"numResults": total, "result": [self._hit(p) for p in posts]}})

    async def search_page(self, _request: Request) -> Response:
        """The page that a person opens."""
        return HTMLResponse(SEARCH_PAGE)

    def _video(self, post: Post) -> Json:
        stat = {
            "view": self.count(post, post.views),
            "reply": len(self.replies(post)),
            "share": self.count(post, post.reposts),
            "like": self.count(post, post.likes),
        }
        named = {"aid": int(post.id), "bvid": bvid(int(post.id)), "title": post.title, "desc": post.text}
        owner = {"mid": int(post.author.id), "name": post.author.name}
        return {**named, "pubdate": self.seconds(post), "owner": owner, "stat": stat}

    def _hit(self, post: Post) -> Json:
        video = self._video(post)
        author, stat = video.pop("owner"), video.pop("stat")
        more = {"type": "video", "author": author["name"], "mid": author["mid"], "description": video.pop("desc")}
        return {**video, **more, "play": stat["view"], "review": stat["reply"], "like": stat["like"]}

    def _comment(self, post: Post) -> Json:
        return {
            "rpid": int(post.id),
            "oid": int(post.thread or 0),
            "type": 1,
            "ctime": self.seconds(post),
            "like": self.count(post, post.likes),
            "rcount": 0,
            "content": {"message": post.text},
            "member": {"mid": post.author.id, "uname": post.author.name, "official_verify": _vouched(post.author)},
            "replies": None,
        }

    def _dynamic(self, post: Post) -> Json:
        author = {
            "mid": int(post.author.id),
            "name": post.author.name,
            "pub_ts": self.seconds(post),
            "official_verify": _vouched(post.author),
        }
        stat = {
            name: {"count": self.count(post, count)}
            for name, count in (("forward", post.reposts), ("comment", post.comments), ("like", post.likes))
        }
        said = {"desc": {"text": post.text}, "major": None}
        return {
            "id_str": post.id,
            "type": "DYNAMIC_TYPE_WORD",
            "basic": {"comment_type": 17, "comment_id_str": post.id},
            "modules": {"module_author": author, "module_dynamic": said, "module_stat": stat},
        }


def _vouched(author: Account) -> Json:
    return {
        "type": (0 if author.verified_type == 0 else 1) if author.verified else -1,
        "desc": author.reason or "",
    }
