"""weibo.com/ajax: posts, timelines, accounts, comments and reposts as the desktop site's own pages ask."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mentions.weiboid import bid_of
from tingfeng.sandbox.sites.times import weibo_full
from tingfeng.sandbox.sites.weibo import COMMENTS, Weibo, user
from tingfeng.sandbox.sites.weibo_text import SHOWN, is_long, markup
from tingfeng.sandbox.world import Account, Post, Site

Json = dict[str, Any]
NO_SUCH_POST = {"ok": 0, "message": "该微博不存在", "error_code": 20101}


class WeiboAjax:
    """The same posts as on the mobile site. Lists do not say how many follow an author; his profile does."""

    def __init__(self, mobile: Weibo) -> None:
        self.mobile = mobile

    def routes(self) -> list[BaseRoute]:
        """The calls."""
        return [
            Route("/ajax/statuses/show", self.show),
            Route("/ajax/statuses/longtext", self.whole),
            Route("/ajax/statuses/mymblog", self.timeline),
            Route("/ajax/statuses/buildComments", self.comments),
            Route("/ajax/statuses/repostTimeline", self.reposts),
            Route("/ajax/profile/info", self.profile),
        ]

    async def show(self, request: Request) -> Response:
        """GET ?id=BID or MID: one post; a long text is cut here too."""
        post = self.mobile.post(request.query_params.get("id", ""))
        return JSONResponse(NO_SUCH_POST, 400) if post is None else JSONResponse({"ok": 1, **self._mblog(post)})

    async def whole(self, request: Request) -> Response:
        """GET ?id=BID: the whole text, plain."""
        post = self.mobile.post(request.query_params.get("id", ""))
        if post is None:
            return JSONResponse(NO_SUCH_POST, 400)
        return JSONResponse({"ok": 1, "data": {"longTextContent": post.text} if is_long(post.text) else {}})

    async def timeline(self, request: Request) -> Response:
        """GET ?uid=UID&page=1: the newest posts of an account."""
        posts = self.mobile.timeline(request.query_params.get("uid", ""))
        return JSONResponse({"ok": 1, "data": {"list": [self._mblog(post) for post in posts]}})

    async def profile(self, request: Request) -> Response:
        """GET ?uid=UID: the account, and how many follow it."""
        posts = self.mobile.timeline(request.query_params.get("uid", ""))
        if not posts:
            return JSONResponse({"ok": 0, "message": "该用户不存在(20003)"}, 400)
        return JSONResponse({"ok": 1, "data": {"user": user(posts[0].author)}})

    async def comments(self, request: Request) -> Response:
        """GET ?id=MID&flow=0&max_id=N: the most liked first; `max_id` 0 is the end."""
        post = self.mobile.post(request.query_params.get("id", ""))
        start = int(request.query_params.get("max_id", "0") or 0)
        listed = [] if post is None else self.mobile.hot_comments(post)
        following = start + COMMENTS if start + COMMENTS < len(listed) else 0
        page = [self._comment(comment) for comment in listed[start : start + COMMENTS]]
        return JSONResponse({"ok": 1, "data": page, "total_number": len(listed), "max_id": following})

    async def reposts(self, request: Request) -> Response:
        """GET ?id=MID&page=N&count=20, newest first."""
        post = self.mobile.post(request.query_params.get("id", ""))
        first = (int(request.query_params.get("page", "1")) - 1) * COMMENTS
        listed = [] if post is None else self.mobile.world.reposts(post, self.mobile.clock.moment())
        page = [self._mblog(repost) for repost in listed[first : first + COMMENTS]]
        return JSONResponse({"ok": 1, "data": page, "total_number": len(listed)})

    def _mblog(self, post: Post) -> Json:
        site = self.mobile
        long = is_long(post.text)
        shown = post.text[:SHOWN] if long else post.text
        blog: Json = {
            "created_at": weibo_full(site.clock.wall(post.at)),
            "id": int(post.id),
            "idstr": post.id,
            "mid": post.id,
            "mblogid": bid_of(post.id),
            "user": _user(post.author),
            "text_raw": shown,
            "text": f'{markup(shown)} ...<span class="expand">展开</span>' if long else markup(shown),
            "isLongText": long,
            **site.counts(post),
        }
        if post.author.region:
            blog["region_name"] = f"发布于 {post.author.region}"
        origin = post.repost_of and site.world.get(Site.WEIBO, post.repost_of, site.clock.moment())
        return blog | {"retweeted_status": self._mblog(origin)} if origin else blog

    def _comment(self, comment: Post) -> Json:
        clock = self.mobile.clock
        return {
            "id": int(comment.id),
            "rootid": int(comment.id),
            "floor_number": 1,
            "created_at": weibo_full(clock.wall(comment.at)),
            "text": markup(comment.text),
            "text_raw": comment.text,
            "source": f"来自{comment.author.region}" if comment.author.region else "",
            "user": _user(comment.author),
            "like_counts": comment.likes.at(clock.moment() - comment.at),
            "total_number": 0,
            "comments": [],
        }


def _user(author: Account) -> Json:
    return {key: value for key, value in user(author).items() if key != "followers_count"}
