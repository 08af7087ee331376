"""m.weibo.cn: realtime search, one post, the rest of a long text."""

import zlib
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites.times import CAPPED, capped, followers, weibo_full, weibo_relative
from tingfeng.sandbox.sites.weibo_text import bid, folded, is_long, markup, mid, weight
from tingfeng.sandbox.world import Account, Post, Site, World

PAGE_SIZE = 10
SEARCH = "100103"
USERS, HOT = "3", "60"
CLIENTS = ("iPhone客户端", "Android客户端", "微博网页版", "")
NOTHING = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
NO_SUCH_POST = {"ok": 0, "msg": "微博不存在或暂无查看权限!", "errno": "20101"}

Json = dict[str, Any]


class Weibo:
    """The site's answers.

    Search is by substring, newest first, ten posts a page, plain cards and card groups mixed; type 60 orders
    by reposts, type 3 (users) is empty. `exact` False writes 「刚刚」 for the first minute.
    """

    def __init__(self, world: World, clock: StoryClock, *, exact: bool = True) -> None:
        self.world = world
        self.clock = clock
        self.exact = exact

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/api/container/getIndex", self.search),
                Route("/statuses/show", self.show),
                Route("/statuses/extend", self.extend),
                Route("/status/{id}", self.page),
                Route("/detail/{id}", self.page),
            ]
        )

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
        post = self._post(request.query_params.get("id", ""))
        if post is None:
            return JSONResponse(NO_SUCH_POST)
        return JSONResponse({"ok": 1, "data": self._mblog(post, whole=True)})

    async def extend(self, request: Request) -> Response:
        """GET /statuses/extend?id=MID: the whole text of a long post."""
        post = self._post(request.query_params.get("id", ""))
        if post is None:
            return JSONResponse(NO_SUCH_POST)
        text = {"ok": 1, "longTextContent": markup(post.text)}
        return JSONResponse({"ok": 1, "data": text | self._counts(post)})

    async def page(self, request: Request) -> Response:
        """GET /status/MID: what a reader sees who follows the link of an alert."""
        post = self._post(request.path_params["id"])
        if post is None:
            return HTMLResponse("<p>微博不存在或暂无查看权限!</p>", status_code=404)
        at = weibo_full(self.clock.wall(post.at))
        body = f"<h1>{escape(post.author.name)}</h1><p>{at}</p><article>{markup(post.text)}</article>"
        return HTMLResponse(f'<!DOCTYPE html><meta charset="utf-8"><title>微博</title>{body}')

    def _post(self, name: str) -> Post | None:
        if not name.isdigit():
            try:
                name = mid(name)
            except ValueError:
                return None
        return self.world.get(Site.WEIBO, name, self.clock.moment())

    def _found(self, keyword: str, page: int, *, hot: bool) -> tuple[Sequence[Post], int]:
        moment, offset = self.clock.moment(), (page - 1) * PAGE_SIZE
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
                "scheme": f"/status/{bid(post.id)}?mblogid={bid(post.id)}",
                "mblog": self._mblog(post),
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

    def _mblog(self, post: Post, *, whole: bool = False) -> Json:
        published = self.clock.wall(post.at)
        long = is_long(post.text)
        at = weibo_full(published) if whole else weibo_relative(published, self.clock.now(), exact=self.exact)
        blog: Json = {
            "visible": {"type": 0, "list_id": 0},
            "created_at": at,
            "id": post.id,
            "mid": post.id,
            "bid": bid(post.id),
            "text": markup(post.text) if whole or not long else folded(post.text, post.id),
            "textLength": weight(post.text),
            "isLongText": long,
            "source": CLIENTS[zlib.crc32(post.author.id.encode()) % len(CLIENTS)],
            "user": _user(post.author),
            **self._counts(post),
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
            blog["retweeted_status"] = None if origin is None else self._mblog(origin, whole=whole)
        return blog

    def _counts(self, post: Post) -> Json:
        age = self.clock.moment() - post.at
        return {
            "reposts_count": capped(post.reposts.at(age)),
            "comments_count": capped(post.comments.at(age)),
            "attitudes_count": capped(post.likes.at(age)),
        }


def _user(author: Account) -> Json:
    user: Json = {
        "id": int(author.id),
        "screen_name": author.name,
        "profile_url": f"/u/{author.id}",
        "verified": author.verified,
        "verified_type": author.verified_type,
    }
    if author.reason:
        user["verified_reason"] = author.reason
    if author.followers is not None:
        user["followers_count"] = followers(author.followers)
    return user


def _page(request: Request) -> int:
    try:
        return max(1, int(request.query_params.get("page", "1")))
    except ValueError:
        return 1
