"""api.weibo.com/2: the open API, for who shows a token and has some of the hour's allowance left."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tingfeng.sandbox.sites.json_site import whole
from tingfeng.sandbox.sites.times import weibo_full
from tingfeng.sandbox.sites.weibo import Weibo
from tingfeng.sandbox.world import Account, Post, Site

Json = dict[str, Any]
Call = Callable[[Request], Awaitable[Response]]
TOKEN, PLAIN_TOKEN = "sandbox-token", "sandbox-token-plain"
"""The second one's application did not buy the search."""
EXPIRED_TOKEN, REVOKED_TOKEN = "sandbox-token-expired", "sandbox-token-revoked"
SCHEMES = ("OAuth2 ", "Bearer ")
SEARCH = "search/topics"
MOST = 100
"""Entries of one page."""
BAD, FORBIDDEN = 400, 403
Refusal = tuple[int, str, int]
"""The error's code, its words, and the status that it comes with."""
TURNED_AWAY: dict[str, Refusal] = {
    "": (10006, "Source paramter (appkey) is missing", BAD),
    EXPIRED_TOKEN: (21327, "expired_token", FORBIDDEN),
    REVOKED_TOKEN: (21316, "revoked_token", BAD),
}
UNKNOWN: Refusal = (21332, "invalid_access_token", FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests in an hour of the site's clock: of one address, of one token, and of one token for one call."""

    address: int = 10_000
    user: int = 1_000
    call: int = 1_000


UNSPARING = Allowance()


class WeiboApi:
    """The same posts as on the mobile site, with plain texts and whole numbers. Newest first, wherever it lists.

    `allowance` is counted anew in each hour of the site's wall clock; what was refused counts as well.
    """

    def __init__(self, mobile: Weibo, allowance: Allowance = UNSPARING) -> None:
        self.mobile = mobile
        self.allowance = allowance
        self._hour = ""
        self._asked: Counter[tuple[str, ...]] = Counter()

    def routes(self) -> list[BaseRoute]:
        """The calls."""
        calls: dict[str, Call] = {
            "statuses/show": self.show,
            "statuses/user_timeline": self.timeline,
            "statuses/repost_timeline": self.reposts,
            "comments/show": self.comments,
            "users/show": self.account,
            SEARCH: self.search,
        }
        return [Route(f"/2/{name}.json", self._guarded(name, call)) for name, call in calls.items()]

    def _guarded(self, name: str, call: Call) -> Call:
        async def answer(request: Request) -> Response:
            refused = self._refused(name, request)
            return await call(request) if refused is None else _error(request, *refused)

        return answer

    def _refused(self, name: str, request: Request) -> Refusal | None:
        """Why the caller may not ask, if so: for the token first, then for its application, then for how often."""
        token = _token(request)
        if token not in {TOKEN, PLAIN_TOKEN}:
            return TURNED_AWAY.get(token, UNKNOWN)
        if token == PLAIN_TOKEN and name == SEARCH:
            return 10014, "Insufficient app permissions!", FORBIDDEN
        address = request.client.host if request.client else ""
        limits = (
            (("address", address), self.allowance.address, 10022, "IP requests out of rate limit"),
            (("user", token), self.allowance.user, 10023, "User requests out of rate limit"),
            (("call", token, name), self.allowance.call, 10024, f"User requests for {name} out of rate limit"),
        )
        self._count(key for key, *_ in limits)
        for key, allowed, code, words in limits:
            if self._asked[key] > allowed:
                return code, words, FORBIDDEN
        return None

    def _count(self, keys: Iterable[tuple[str, ...]]) -> None:
        hour = f"{self.mobile.clock.now():%Y%m%d%H}"
        if hour != self._hour:
            self._hour, self._asked = hour, Counter()
        self._asked.update(keys)

    async def show(self, request: Request) -> Response:
        """GET statuses/show.json?id=MID: one post."""
        post = self.mobile.post(request.query_params.get("id", ""))
        return _no_such_post(request) if post is None else JSONResponse(self._status(post))

    async def timeline(self, request: Request) -> Response:
        """GET statuses/user_timeline.json?uid=UID: the posts of an account."""
        listed = self.mobile.timeline(request.query_params.get("uid", ""))
        return JSONResponse(_listed("statuses", request, [self._status(post) for post in listed]))

    async def reposts(self, request: Request) -> Response:
        """GET statuses/repost_timeline.json?id=MID."""
        post = self.mobile.post(request.query_params.get("id", ""))
        if post is None:
            return _no_such_post(request)
        listed = self.mobile.world.reposts(post, self.mobile.clock.moment())
        return JSONResponse(_listed("reposts", request, [self._status(repost) for repost in listed]))

    async def comments(self, request: Request) -> Response:
        """GET comments/show.json?id=MID."""
        post = self.mobile.post(request.query_params.get("id", ""))
        if post is None:
            return _no_such_post(request)
        listed = self.mobile.world.replies(post, self.mobile.clock.moment())[::-1]
        shown = [self._comment(comment) | {"status": self._status(post)} for comment in listed]
        return JSONResponse(_listed("comments", request, shown))

    async def account(self, request: Request) -> Response:
        """GET users/show.json?uid=UID: an account, and how many follow it."""
        posts = self.mobile.timeline(request.query_params.get("uid", ""))
        if not posts:
            return _error(request, 20003, "User does not exists!", BAD)
        return JSONResponse(_user(posts[0].author) | {"status": self._status(posts[0])})

    async def search(self, request: Request) -> Response:
        """GET search/topics.json?q=WORD: the posts that hold a word."""
        word, count = request.query_params.get("q", ""), min(whole(request, "count", 10), MOST)
        posts, total = self.mobile.world.search(
            Site.WEIBO, word, self.mobile.clock.moment(), offset=(_page(request) - 1) * count, limit=count
        )
        return JSONResponse({"statuses": [self._status(post) for post in posts], "total_number": total})

    def _status(self, post: Post) -> Json:
        clock, world = self.mobile.clock, self.mobile.world
        age = clock.moment() - post.at
        shown: Json = {
            "created_at": weibo_full(clock.wall(post.at)),
            "id": int(post.id),
            "idstr": post.id,
            "mid": post.id,
            "text": post.text,
            "source": '<a href="http://app.weibo.com" rel="nofollow">微博网页版</a>',
            "truncated": False,
            "isLongText": False,
            "user": _user(post.author),
            "reposts_count": post.reposts.at(age),
            "comments_count": post.comments.at(age),
            "attitudes_count": post.likes.at(age),
        }
        origin = post.repost_of and world.get(Site.WEIBO, post.repost_of, clock.moment())
        return shown | {"retweeted_status": self._status(origin)} if origin else shown

    def _comment(self, comment: Post) -> Json:
        return {
            "created_at": weibo_full(self.mobile.clock.wall(comment.at)),
            "id": int(comment.id),
            "idstr": comment.id,
            "rootid": int(comment.id),
            "floor_number": 1,
            "text": comment.text,
            "user": _user(comment.author),
        }


def _token(request: Request) -> str:
    """What the caller shows: in a header, or in the address."""
    said = request.headers.get("authorization", "")
    scheme = next((scheme for scheme in SCHEMES if said.startswith(scheme)), None)
    return request.query_params.get("access_token", "") if scheme is None else said.removeprefix(scheme)


def _page(request: Request) -> int:
    return max(1, whole(request, "page", 1))


def _listed(key: str, request: Request, items: Sequence[Json]) -> Json:
    count = min(max(1, whole(request, "count", 20)), MOST)
    start = (_page(request) - 1) * count
    return {key: items[start : start + count], "total_number": len(items)}


def _user(author: Account) -> Json:
    return {
        "id": int(author.id),
        "idstr": author.id,
        "screen_name": author.name,
        "verified": author.verified,
        "verified_type": author.verified_type,
        "verified_reason": author.reason or "",
        "followers_count": author.followers or 0,
    }


def _no_such_post(request: Request) -> Response:
    return _error(request, 20101, "target weibo does not exist!", BAD)


def _error(request: Request, code: int, words: str, status: int) -> Response:
    return JSONResponse({"error": words, "error_code": code, "request": request.url.path}, status)
