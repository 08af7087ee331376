"""V2EX's API, version 1: the newest and the hottest topics, one topic, its replies."""

import zlib
from collections.abc import Sequence
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.world import Account, Post, Site, World

LATEST, HOTTEST, REPLIES = 20, 10, 100
"""Topics in latest.json and hot.json, replies a page."""
HOURLY_LIMIT = 120
HOUR = 3_600

Json = dict[str, Any]


class V2ex:
    """The site's answers.

    120 requests an hour, counted in X-Rate-Limit-*; the hour is the story's, so that a poll that would be
    polite on the real site stays so at speed. Beyond it the site answers on with none remaining, since a demo
    re-reads within seconds what a service re-reads within minutes; `limited` True refuses with 403.
    """

    def __init__(self, world: World, clock: StoryClock, *, limited: bool = False) -> None:
        self.world = world
        self.clock = clock
        self._limited = limited
        self._hour = 0
        self._used = 0

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(
            routes=[
                Route("/api/topics/latest.json", self.latest),
                Route("/api/topics/hot.json", self.hot),
                Route("/api/topics/show.json", self.show),
                Route("/api/replies/show.json", self.replies),
                Route("/t/{id:int}", self.page),
            ]
        )

    async def latest(self, request: Request) -> Response:
        """The 20 newest topics."""
        return self._answer([self._topic(post, request) for post in self._topics()[:LATEST]])

    async def hot(self, request: Request) -> Response:
        """The ten topics with the most replies."""
        ranked = sorted(self._topics(), key=lambda post: -len(self._replies(post)))
        return self._answer([self._topic(post, request) for post in ranked[:HOTTEST]])

    async def show(self, request: Request) -> Response:
        """One topic, in a list as V2EX has it; an empty list if there is none."""
        post = self._find(request.query_params.get("id", ""))
        return self._answer([] if post is None else [self._topic(post, request)])

    async def replies(self, request: Request) -> Response:
        """A topic's replies, oldest first, a hundred a page."""
        post = self._find(request.query_params.get("topic_id", ""))
        page = request.query_params.get("page", "1")
        start = (max(1, int(page) if page.isdigit() else 1) - 1) * REPLIES
        rows = [] if post is None else self._replies(post)[start : start + REPLIES]
        return self._answer([self._reply(row) for row in rows])

    async def page(self, request: Request) -> Response:
        """A topic for people who follow a link."""
        post = self._find(str(request.path_params["id"]))
        if post is None:
            return HTMLResponse("<p>主题未找到</p>", status_code=404)
        body = f"<h1>{escape(post.title or '')}</h1><p>{escape(post.author.name)}</p><p>{_html(post.text)}</p>"
        return HTMLResponse(f'<!DOCTYPE html><meta charset="utf-8"><title>V2EX</title>{body}')

    def _answer(self, content: list[Json]) -> Response:
        hour = int(self.clock.moment() // HOUR)
        if hour != self._hour:
            self._hour, self._used = hour, 0
        self._used += 1
        headers = {
            "X-Rate-Limit-Limit": str(HOURLY_LIMIT),
            "X-Rate-Limit-Remaining": str(max(0, HOURLY_LIMIT - self._used)),
            "X-Rate-Limit-Reset": str(int(self.clock.wall((hour + 1) * HOUR).timestamp())),
        }
        if self._limited and self._used > HOURLY_LIMIT:
            refusal = {"status": "error", "message": "Rate Limit Exceeded"}
            return JSONResponse(refusal, status_code=403, headers=headers)
        return JSONResponse(content, headers=headers)

    def _topics(self) -> Sequence[Post]:
        return self.world.openings(Site.V2EX, self.clock.moment())

    def _replies(self, post: Post) -> Sequence[Post]:
        return self.world.replies(post, self.clock.moment())

    def _find(self, topic: str) -> Post | None:
        post = self.world.get(Site.V2EX, topic, self.clock.moment())
        return post if post is not None and post.thread is None else None

    def _seconds(self, post: Post) -> int:
        return int(self.clock.wall(post.at).timestamp())

    def _topic(self, post: Post, request: Request) -> Json:
        replies = self._replies(post)
        name, title = post.node
        return {
            "id": int(post.id),
            "title": post.title,
            "url": f"{request.base_url}t/{post.id}",
            "content": post.text,
            "content_rendered": _html(post.text),
            "replies": len(replies),
            "member": _member(post.author),
            "node": {
                "id": zlib.crc32(name.encode()) % 1_000,
                "name": name,
                "title": title,
                "title_alternative": title,
                "url": f"{request.base_url}go/{name}",
            },
            "created": self._seconds(post),
            "last_modified": self._seconds(post),
            "last_touched": self._seconds(replies[-1] if replies else post),
            "last_reply_by": replies[-1].author.name if replies else "",
        }

    def _reply(self, post: Post) -> Json:
        return {
            "id": int(post.id),
            "thanks": post.likes.at(self.clock.moment() - post.at),
            "content": post.text,
            "content_rendered": _html(post.text),
            "member": _member(post.author),
            "created": self._seconds(post),
            "last_modified": self._seconds(post),
        }


def _member(author: Account) -> Json:
    return {"id": int(author.id), "username": author.name, "tagline": "", "url": f"/member/{author.name}"}


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br />")
