"""The door of every site: it writes down who came in, and can be told to answer for the site."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tingfeng.sandbox.answers import Kind, Plan, PlannedResponse

MAX_VISITS = 10_000
ROBOTS = "User-agent: *\nDisallow: /forbidden\n"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: when, what, and as whom."""

    at: datetime
    method: str
    target: str
    user_agent: str


class Door:
    """An ASGI application around a site's.

    `visits` keeps the last 10,000 requests and `plan` holds answers to give instead of the site's own (a
    block with 432, a login wall with 200). Over HTTP: GET /-/visits.json, POST and DELETE /-/plan.
    /robots.txt allows all but /forbidden, which answers like any page, so that an obedient reader is one who
    never asks for it.
    """

    def __init__(self, site: ASGIApp, now: Callable[[], datetime], *, max_visits: int = MAX_VISITS) -> None:
        self.visits: deque[Visit] = deque(maxlen=max_visits)
        self.plan = Plan()
        self._site = site
        self._now = now
        self._desk = Starlette(
            routes=[
                Route("/-/visits.json", self._list),
                self.plan.route("/-/plan"),
                Route("/robots.txt", _robots),
                Route("/forbidden{rest:path}", _forbidden),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/-/"):
            await self._desk(scope, receive, send)
            return
        request = Request(scope, receive)
        target = f"{path}?{request.url.query}" if request.url.query else path
        agent = request.headers.get("user-agent", "")
        self.visits.append(Visit(self._now(), request.method, target, agent))
        answer = self.plan.take()
        if answer is not None:
            if answer.kind is not Kind.DROP_BEFORE:
                await request.body()
            await PlannedResponse(answer)(scope, receive, send)
        elif path == "/robots.txt" or path.startswith("/forbidden"):
            await self._desk(scope, receive, send)
        else:
            await self._site(scope, receive, send)

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([asdict(visit) | {"at": visit.at.isoformat()} for visit in self.visits])


async def _robots(_request: Request) -> Response:
    return PlainTextResponse(ROBOTS)


async def _forbidden(_request: Request) -> Response:
    return PlainTextResponse("robots.txt 不允许抓取本页\n")
