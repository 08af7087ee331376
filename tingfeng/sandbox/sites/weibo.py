"""m.weibo.cn: realtime search, timelines, accounts, one post with its comments and reposts, the rest of a text."""

import zlib
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mentions.weiboid import bid_of, weibo_number
from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites.times import CAPPED, capped, followers, weibo_full, weibo_relative
from tingfeng.sandbox.sites.weibo_text import folded, is_long, markup, weight
from tingfeng.sandbox.veil import Veil
from tingfeng.sandbox.world import Account, Post, Site, World

PAGE_SIZE, COMMENTS = 10, 20
SEARCH, TIMELINE = "100103", "107603"
USERS, HOT = "3", "60"
CLIENTS = ("iPhone客户端", "Android客户端", "微博网页版", "")
NOTHING = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
NO_SUCH_POST = {"ok": 0, "msg": "微博不存在或暂无查看权限!", "errno": "20101"}

Json = dict[str, Any]


class Weibo:
    """The site's answers.

    Search is by substring, newest first, ten posts a page, plain cards and card groups mixed; type 60 orders
    by reposts, type 3 (users) is empty. `exact` False writes 「刚刚」 for the first minute. `veil` keeps posts out
    of the search.
    """

    def __init__(self, world: World, clock: StoryClock, *, exact: bool = True, veil: Veil | None = None) -> None:
        self.world = world
        self.clock = clock
        self.exact = exact
        self._veil = veil
        self._looks: Counter[str] = Counter()

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(routes=self.routes())

    def routes(self) -> list[BaseRoute]:
        """The pages of the site."""
        return [
            Route("/api/container/getIndex", self.index),
            Route("/statuses/show", self.show),
            Route("/statuses/extend", self.extend),
            Route("/comments/hotflow", self.comments),
            Route("/api/statuses/repostTimeline", self.reposts),
            Route("/status/{id}", self.page),
            Route("/detail/{id}", self.page),
        ]

    async def index(self, request: Request) -> Response:
        """GET /api/container/getIndex: a search; an account's timeline (containerid=107603UID) or page."""
        container = request.query_params.get("containerid", "")
        account = container.removeprefix(TIMELINE) if container.startswith(TIMELINE) else None
        account = request.query_params.get("value") if request.query_params.get("type") == "uid" else account
        if account is None:
            return await self.search(request)
        posts = self.timeline(account)
        if not posts:
            return JSONResponse(NOTHING)
        if not container:
            return JSONResponse({"ok": 1, "data": {"userInfo": user(posts[0].author)}})
        cards = [{"card_type": 9, "mblog": self.mblog(post)} for post in posts]
        return JSONResponse({"ok": 1, "data": {"cardlistInfo": {"total": len(posts)}, "cards": cards}})

    def timeline(self, account: str) -> Sequence[Post]:
        """The newest posts of an account."""
        return self.world.timeline(Site.WEIBO, account, self.clock.moment())[:PAGE_SIZE]

    async def comments(self, request: Request) -> Response:
        """GET /comments/hotflow?id=MID&mid=MID&max_id=N: the most liked first; `max_id` 0 is the end."""
        post = self.post(request.query_params.get("id", ""))
        start = _number(request, "max_id", 0)
        listed = [] if post is None else self.hot_comments(post)
        if not listed[start:]:
            return JSONResponse({"ok": 0, "msg": "快来发表你的评论吧"})
        following = start + COMMENTS if start + COMMENTS < len(listed) else 0
        page = [self._comment(comment) for comment in listed[start : start + COMMENTS]]
        data = {"data": page, "total_number": len(listed), "max_id": following, "max_id_type": 0}
        return JSONResponse({"ok": 1, "data": data})

    def hot_comments(self, post: Post) -> list[Post]:
        """Those under a post, the most liked first."""
        moment = self.clock.moment()
        return sorted(self.world.replies(post, moment), key=lambda c: -c.likes.at(moment - c.at))

    def _comment(self, comment: Post) -> Json:
        return {
            "id": comment.id,
            "rootid": comment.id,
            "floor_number": 1,
            "created_at": weibo_full(self.clock.wall(comment.at)),
            "text": markup(comment.text),
            "source": f"来自{comment.author.region}" if comment.author.region else "",
            "user": user(comment.author),
            "like_count": comment.likes.at(self.clock.moment() - comment.at),
            "total_number": 0,
            "comments": False,
        }

    async def reposts(self, request: Request) -> Response:
        """GET /api/statuses/repostTimeline?id=MID&page=N, newest first."""
        post, page = self.post(request.query_params.get("id", "")), _page(request)
        listed = [] if post is None else self.world.reposts(post, self.clock.moment())
        shown = listed[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        if not shown:
            return JSONResponse({"ok": 0, "msg": "还没有人转发过"})
        found = [self.mblog(repost) | {"retweeted_status": None} for repost in shown]
        return JSONResponse({"ok": 1, "data": {"data": found, "total_number": len(listed)}})

    async def search(self, request: Request) -> Response:
        """GET /api/container/getIndex?containerid=100103type=61&q=KW&page_type=searchall&page=N."""
        container = request.query_params.get("containerid", "")
        inner = parse_qs(container.removeprefix(SEARCH))
        keyword = request.query_params.get("q") or inner.get("q", [""])[0]
        kind = inner.get("type", ["1"])[0]
        page = _page(request)
        if not container.startswith(SEARCH) or not keyword.strip() or kind == USERS:
            return JSONResponse(NOTHING)
        posts, total = self._found(keyword.strip(), page, hot=kind == HOT)
        if not posts:
            return JSONResponse(NOTHING)
        info = {
            "containerid": f"{SEARCH}type={kind}&q={keyword}",
            "v_p": "42",
            "show_style": 1,
            "total": total,
            "page": page + 1 if page * PAGE_SIZE < total else None,
        }
        cards = self._cards(posts, keyword, first=page == 1)
        return JSONResponse({"ok": 1, "data": {"cardlistInfo": info, "cards": cards}})

    async def show(self, request: Request) -> Response:
        """GET /statuses/show?id=MID or BID: `data` is the post, with its whole text and the full time."""
        post = self.post(request.query_params.get("id", ""))
        if post is None:
            return JSONResponse(NO_SUCH_POST)
        return JSONResponse({"ok": 1, "data": self.mblog(post, whole=True)})

    async def extend(self, request: Request) -> Response:
        """GET /statuses/extend?id=MID: the whole text of a long post."""
        post = self.post(request.query_params.get("id", ""))
        if post is None:
            return JSONResponse(NO_SUCH_POST)
        text = {"ok": 1, "longTextContent": markup(post.text)}
        return JSONResponse({"ok": 1, "data": text | self.counts(post)})

    async def page(self, request: Request) -> Response:
        """GET /status/MID: what a reader sees who follows the link of an alert."""
        post = self.post(request.path_params["id"])
        if post is None:
            return HTMLResponse("<p>微博不存在或暂无查看权限!</p>", status_code=404)
        at = weibo_full(self.clock.wall(post.at))
        body = f"<h1>{escape(post.author.name)}</h1><p>{at}</p><article>{markup(post.text)}</article>"
        return HTMLResponse(f'<!DOCTYPE html><meta charset="utf-8"><title>微博</title>{body}')

    def post(self, name: str) -> Post | None:
        """A post by either of its ids."""
        number = name if name.isdigit() else weibo_number(name)
        return None if number is None else self.world.get(Site.WEIBO, number, self.clock.moment())

    def _found(self, keyword: str, page: int, *, hot: bool) -> tuple[Sequence[Post], int]:
        moment, offset = self.clock.moment(), (page - 1) * PAGE_SIZE
        if self._veil is not None:
            self._looks[keyword] += page == 1
            everything, _ = self.world.search(Site.WEIBO, keyword, moment, limit=len(self.world))
            look = self._looks[keyword]
            left = [post for post in everything if not self._veil.hides(post, look)]
            return left[offset : offset + PAGE_SIZE], len(left)
        if not hot:
            return self.world.search(Site.WEIBO, keyword, moment, offset=offset, limit=PAGE_SIZE)
        everything, total = self.world.search(Site.WEIBO, keyword, moment, limit=len(self.world))
        ranked = sorted(everything, key=lambda post: -post.reposts.at(moment - post.at))
        return ranked[offset : offset + PAGE_SIZE], total

    def _cards(self, posts: Sequence[Post], keyword: str, *, first: bool) -> list[Json]:
        """Two posts of each four stand alone, two share a group; page 1's first group opens with a notice."""
        cards = [
            {
                "card_type": 9,
                "itemid": f"seqid:{post.id}|type:61|q:{keyword}",
                "scheme": f"/status/{bid_of(post.id)}?mblogid={bid_of(post.id)}",
                "mblog": self.mblog(post),
            }
            for post in posts
        ]
        shown: list[Json] = []
        for start in range(0, len(cards), 4):
            shown += cards[start : start + 2]
            group = cards[start + 2 : start + 4]
            if group:
                notice = [{"card_type": 4, "desc": "查看更多相关内容"}] if first and start == 0 else []
                shown.append({"card_type": 11, "show_type": 1, "card_group": [*notice, *group]})
        return shown

    def mblog(self, post: Post, *, whole: bool = False) -> Json:
        """A post as the site's JSON has it."""
        published = self.clock.wall(post.at)
        long = is_long(post.text)
        at = weibo_full(published) if whole else weibo_relative(published, self.clock.now(), exact=self.exact)
        blog: Json = {
            "visible": {"type": 0, "list_id": 0},
            "created_at": at,
            "id": post.id,
            "mid": post.id,
            "bid": bid_of(post.id),
            "text": markup(post.text) if whole or not long else folded(post.text, post.id),
            "textLength": weight(post.text),
            "isLongText": long,
            "source": CLIENTS[zlib.crc32(post.author.id.encode()) % len(CLIENTS)],
            "user": user(post.author),
            **self.counts(post),
            "pic_ids": [],
            "number_display_strategy": {
                "apply_scenario_flag": 3,
                "display_text_min_number": CAPPED,
                "display_text": "100万+",
            },
        }
        if post.author.region:
            blog["region_name"] = f"发布于 {post.author.region}"
        if post.repost_of is not None:
            blog["raw_text"] = post.text
            origin = self.world.get(Site.WEIBO, post.repost_of, self.clock.moment())
            blog["retweeted_status"] = None if origin is None else self.mblog(origin, whole=whole)
        return blog

    def counts(self, post: Post) -> Json:
        """The counts under a post now."""
        age = self.clock.moment() - post.at
        return {
            "reposts_count": capped(post.reposts.at(age)),
            "comments_count": capped(post.comments.at(age)),
            "attitudes_count": capped(post.likes.at(age)),
        }


def user(author: Account) -> Json:
    """An account as the site's JSON has it."""
    shown: Json = {
        "id": int(author.id),
        "screen_name": author.name,
        "profile_url": f"/u/{author.id}",
        "verified": author.verified,
        "verified_type": author.verified_type,
    }
    if author.reason:
        shown["verified_reason"] = author.reason
    if author.followers is not None:
        shown["followers_count"] = followers(author.followers)
    return shown


def _page(request: Request) -> int:
    return max(1, _number(request, "page", 1))


def _number(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query_params.get(name, default))
    except ValueError:
        return default
