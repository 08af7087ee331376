"""Answers that a site gives instead of its own: errors, broken connections, silence.

Planned one by one, so that a test says "500, then a lost reply, then fine" and knows which request got which.
"""

import asyncio
from collections import deque
from enum import StrEnum
from typing import Any

import orjson
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

TRANSPORT = "tingfeng.transport"
"""The scope extension under which our servers pass the connection, so that it can be dropped."""

MAX_PLANNED = 10_000


class Kind(StrEnum):
    """What becomes of a request."""

    REPLY = "reply"
    """The status, headers and body given."""
    DROP_BEFORE = "drop-before"
    """The connection is reset before the body is looked at."""
    DROP_AFTER = "drop-after"
    """The body is taken, and the connection reset without an answer."""
    HANG = "hang"
    """The body is taken, and nothing comes back for `seconds` (None: until the client gives up)."""
    TRICKLE = "trickle"
    """The answer comes a byte every `seconds` (None: one second)."""


class Answer(BaseModel):
    """One planned answer. `json_body` or `base64`, when given, is the body; `times` plans it so often in a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Kind.REPLY
    status: int = Field(200, ge=100, le=599)
    body: str = ""
    json_body: Any = None
    base64: Base64Bytes | None = None
    headers: dict[str, str] = {}
    seconds: float | None = Field(None, ge=0)
    times: int = Field(1, ge=1, le=1000)

    @classmethod
    def server_error(cls, *, times: int = 1) -> "Answer":
        """HTTP 500 with a page."""
        return cls(
            status=500,
            body="<h1>Internal Server Error</h1>",
            headers={"content-type": "text/html"},
            times=times,
        )

    @classmethod
    def slack_error(cls, error: str = "channel_not_found", *, times: int = 1) -> "Answer":
        """HTTP 200 with Slack's {"ok": false}."""
        return cls(json_body={"ok": False, "error": error}, times=times)

    @classmethod
    def too_many(cls, retry_after: str | None = "1", *, times: int = 1) -> "Answer":
        """HTTP 429; Retry-After is seconds, an HTTP date, or absent (None)."""
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return cls(status=429, json_body={"ok": False, "error": "ratelimited"}, headers=headers, times=times)

    @classmethod
    def html(cls, *, times: int = 1) -> "Answer":
        """HTTP 200 with a page where JSON belongs, as captive portals and proxies give."""
        return cls(
            body="<html><body>请登录网络</body></html>",
            headers={"content-type": "text/html; charset=utf-8"},
            times=times,
        )

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        if self.base64 is not None:
            return self.base64
        return self.body.encode() if self.json_body is None else orjson.dumps(self.json_body)

    def __str__(self) -> str:
        if self.kind is not Kind.REPLY:
            return self.kind.value
        error = self.json_body.get("error", "") if isinstance(self.json_body, dict) else ""
        return f"{self.status} {error}".strip()


ANSWERS = TypeAdapter(list[Answer])


class Plan:
    """Answers that wait for their requests, first in, first out. Safe to fill from any thread."""

    def __init__(self) -> None:
        self._waiting: deque[Answer] = deque(maxlen=MAX_PLANNED)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, *answers: Answer) -> None:
        """Plan answers behind those already waiting."""
        for answer in answers:
            self._waiting.extend([answer] * answer.times)

    def clear(self) -> None:
        """Be well again."""
        self._waiting.clear()

    def take(self) -> Answer | None:
        """The answer for the request at hand; None means the site's own."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def route(self, path: str) -> Route:
        """POST a JSON list of answers to plan them, DELETE to clear; both say how many wait."""

        async def endpoint(request: Request) -> Response:
            if request.method == "DELETE":
                self.clear()
            else:
                try:
                    answers = ANSWERS.validate_json(await request.body())
                except ValueError as error:
                    return JSONResponse({"error": str(error)}, status_code=422)
                self.add(*answers)
            return JSONResponse({"waiting": len(self)})

        return Route(path, endpoint, methods=["POST", "DELETE"])


class PlannedResponse(Response):
    """Carries out a planned answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.content, answer.status, answer.headers)
        if answer.json_body is not None:
            self.headers.setdefault("content-type", "application/json; charset=utf-8")
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or do not."""
        match self.answer.kind:
            case Kind.REPLY:
                await super().__call__(scope, receive, send)
            case Kind.DROP_BEFORE | Kind.DROP_AFTER:
                await _drop(scope, receive)
            case Kind.HANG:
                await _hang(receive, self.answer.seconds)
                await _drop(scope, receive)
            case Kind.TRICKLE:
                await self._trickle(send)

    async def _trickle(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for byte in bytes(self.body):
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(1.0 if self.answer.seconds is None else self.answer.seconds)
        await send({"type": "http.response.body", "body": b""})


async def _drop(scope: Scope, receive: Receive) -> None:
    """Reset the connection; a client in the same process, which has none, gets the exception instead."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the sandbox was told to drop this connection")
    transport.abort()
    await _gone(receive)


async def _hang(receive: Receive, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await _gone(receive)
    except TimeoutError:
        return


async def _gone(receive: Receive) -> None:
    message: Message = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
