"""A receiver that answers like Slack's Web API and like a chat webhook, and keeps what it got.

Its log is the oracle of delivery tests: what it holds as shown is what a person would have seen, whatever the
sender believes.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.answers import Answer, Kind, Plan, PlannedResponse
from tingfeng.sandbox.clock import utc_now
from tingfeng.sandbox.slack_checks import Verdict, check

TOKEN = "xoxb-sandbox"  # noqa: S105 -- opens nothing but this receiver
MAX_ENTRIES = 10_000
MAX_BODY = 1_048_576
"""Bytes of a body that is taken; more is answered 413."""
SHOWN_ANYWAY = frozenset({Kind.DROP_AFTER, Kind.HANG, Kind.TRICKLE})
"""The message was taken, only the answer was lost: a sender who tries again shows it twice."""
HOOK_OK = {"ok": True, "errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}
"""Success to DingTalk's and WeCom's clients (errcode) and to Feishu's (code)."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message that came in.

    `payload` is None where the body was not taken or is no JSON object. `answer` is what went back: "ok",
    Slack's error, or the planned answer. `shown`: it would have been seen by people.
    """

    number: int
    at: datetime
    path: str
    query: str
    payload: Mapping[str, Any] | None
    problems: tuple[str, ...]
    answer: str
    shown: bool
    ts: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Log:
    """The last entries, how many there were in all, and a file that gets every one as a JSON line."""

    def __init__(self, *, limit: int = MAX_ENTRIES, path: Path | None = None) -> None:
        self._entries: deque[Received] = deque(maxlen=limit)
        self._path = path
        self.total = 0

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: Received) -> None:
        """Keep an entry; the file has it before the sender has its answer."""
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(orjson.dumps(asdict(entry), option=orjson.OPT_APPEND_NEWLINE))
        self._entries.append(entry)
        self.total += 1

    @property
    def entries(self) -> list[Received]:
        """What is kept, oldest first."""
        return list(self._entries)

    @property
    def shown(self) -> list[Received]:
        """The messages that people would have seen."""
        return [entry for entry in self.entries if entry.shown]

    @property
    def problems(self) -> list[str]:
        """All that was wrong with what came in."""
        return [problem for entry in self.entries for problem in entry.problems]

    def as_json(self) -> dict[str, Any]:
        """For /log.json."""
        return {
            "total": self.total,
            "dropped": self.total - len(self),
            "entries": [asdict(entry) for entry in self.entries],
        }


class Receiver:
    """Slack's chat.postMessage and auth.test, and a generic webhook at /hook and below it.

    `plan` holds answers for Slack's messages, `hook_plan` for the webhook's, so that one channel can be dead
    while the other lives; over HTTP: POST and DELETE /plan and /hook-plan. GET /log.json is the log.
    `allowed_mentions` are tokens that may wake people ("<@U0ONCALL>").
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        now: Callable[[], datetime] = utc_now,
        max_entries: int = MAX_ENTRIES,
        log_file: Path | None = None,
        allowed_mentions: frozenset[str] = frozenset(),
    ) -> None:
        self.log = Log(limit=max_entries, path=log_file)
        self.plan = Plan()
        self.hook_plan = Plan()
        self._token = token
        self._now = now
        self._allowed = allowed_mentions

    def app(self) -> Starlette:
        """The receiver as an ASGI application."""
        return Starlette(
            routes=[
                Route("/api/chat.postMessage", self.post_message, methods=["POST"]),
                Route("/api/auth.test", self.auth_test, methods=["GET", "POST"]),
                Route("/api/{method}", _unknown_method, methods=["GET", "POST"]),
                Route("/hook", self.hook, methods=["POST"]),
                Route("/hook/{name:path}", self.hook, methods=["POST"]),
                Route("/log.json", self._log_json),
                self.plan.route("/plan"),
                self.hook_plan.route("/hook-plan"),
            ]
        )

    async def post_message(self, request: Request) -> Response:
        """Check a message, write it down, answer as planned or as Slack would."""
        answer = self.plan.take()
        payload, verdict = await self._payload(request, answer)
        if payload is not None:
            found = check(payload, self._allowed)
            verdict.problems += found.problems
            verdict.error = verdict.error or found.error
        if not self._authorised(request, payload):
            verdict.error = None
            verdict.refuse("invalid_auth", "no valid Bearer token")
        entry = self._write(request, payload, verdict, answer)
        if answer is not None:
            return PlannedResponse(answer)
        if verdict.error is not None:
            return JSONResponse({"ok": False, "error": verdict.error})
        said = payload or {}
        message = {"type": "message", "text": said.get("text", ""), "ts": entry.ts, "bot_id": "B0SANDBOX"}
        return JSONResponse({"ok": True, "channel": said.get("channel"), "ts": entry.ts, "message": message})

    async def hook(self, request: Request) -> Response:
        """A webhook: any JSON object is taken and answered with every service's word for success."""
        answer = self.hook_plan.take()
        payload, verdict = await self._payload(request, answer)
        self._write(request, payload, verdict, answer)
        if answer is not None:
            return PlannedResponse(answer)
        if verdict.error is not None:
            return JSONResponse(
                {"ok": False, "errcode": 400, "code": 400, "errmsg": verdict.error}, status_code=400
            )
        return JSONResponse(HOOK_OK)

    async def auth_test(self, request: Request) -> Response:
        """Who the token is."""
        if not self._authorised(request, None):
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        names = {"team": "sandbox", "user": "tingfeng", "team_id": "T0SANDBOX", "user_id": "U0SANDBOX"}
        return JSONResponse({"ok": True, "url": str(request.base_url), "bot_id": "B0SANDBOX", **names})

    async def _log_json(self, _request: Request) -> Response:
        return Response(orjson.dumps(self.log.as_json()), media_type="application/json")

    async def _payload(self, request: Request, answer: Answer | None) -> tuple[dict[str, Any] | None, Verdict]:
        verdict = Verdict()
        if answer is not None and answer.kind is Kind.DROP_BEFORE:
            return None, verdict
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                verdict.refuse("request_too_large", f"the body is larger than {MAX_BODY} bytes")
                return None, verdict
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)), verdict
        try:
            payload = orjson.loads(bytes(body))
        except orjson.JSONDecodeError as error:
            verdict.refuse("invalid_json", f"the body is no JSON: {error}")
            return None, verdict
        if not isinstance(payload, dict):
            verdict.refuse("json_not_object", "the body is no JSON object")
            return None, verdict
        return payload, verdict

    def _authorised(self, request: Request, payload: Mapping[str, Any] | None) -> bool:
        header = request.headers.get("authorization", "")
        return header == f"Bearer {self._token}" or (payload or {}).get("token") == self._token

    def _write(
        self, request: Request, payload: Mapping[str, Any] | None, verdict: Verdict, answer: Answer | None
    ) -> Received:
        at = self._now()
        number = self.log.total + 1
        shown = verdict.error is None and (answer is None or answer.kind in SHOWN_ANYWAY)
        kept = {name: value for name, value in request.headers.items() if name != "authorization"}
        entry = Received(
            number=number,
            at=at,
            path=request.url.path,
            query=request.url.query,
            payload=payload,
            problems=tuple(verdict.problems),
            answer=str(answer) if answer is not None else verdict.error or "ok",
            shown=shown,
            ts=f"{int(at.timestamp())}.{number:06d}" if shown else None,
            headers=kept,
        )
        self.log.append(entry)
        return entry


async def _unknown_method(_request: Request) -> Response:
    return JSONResponse({"ok": False, "error": "unknown_method"})
