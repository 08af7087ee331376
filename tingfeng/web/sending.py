"""POST /api/watch: what another program was sent (a hotline, a chat's bot) is watched as by `tingfeng watch`."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from alerts.watched import Sender
from crawlers.reading.jsontext import NotJson, read_json
from mentions.store import StoreError
from tingfeng.desk import Desk
from tingfeng.watching import LARGEST_PICTURE, PICTURES, BadWatch, Sent, Watched, What, as_json, watch, what
from tingfeng.web.doors import Refused, body_of, digest, whose

PATH = "/api/watch"
LARGEST_JSON = 256 * 1024
"""Bytes: a text or an address is no longer."""
IMAGES = frozenset({"image/png", "image/jpeg"})
log = structlog.get_logger()
Watching = Callable[[Desk, Sent], Awaitable[Watched]]


class Body(BaseModel):
    """What is sent as JSON. `by` is who sent it to the sender, where that is somebody else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str = Field(min_length=1, max_length=50_000)
    by: str | None = Field(None, min_length=1, max_length=100)
    note: str = Field("", max_length=5_000)
    brand: str | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """One sender, ready to be told apart by the digest of his token."""

    name: str
    digest: bytes


class Sending:
    """The endpoint. One thing is watched after the other; it may take as long as a page takes to come."""

    def __init__(self, desk: Desk, watching: Watching = watch) -> None:
        self._desk = desk
        self._watching = watching
        self._turn = asyncio.Lock()
        senders = desk.config.watch.senders
        self._known = [Caller(name, digest(block.token.get_secret_value())) for name, block in senders.items()]

    @property
    def route(self) -> Route:
        """Where it is."""
        return Route(PATH, self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Watch what is sent, and say what became of it."""
        try:
            caller = whose(request, self._known, "sender")
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in IMAGES:
                return await self._picture(caller, request)
            if kind != "application/json":
                return Refused(415, "The body is to be application/json, image/png or image/jpeg.").response()
            body = await body_of(request, LARGEST_JSON, "send an address, or a text that is shorter")
            return await self._words(caller, body)
        except Refused as no:
            return no.response()
        except ClientDisconnect:
            return Response(status_code=400)

    async def _words(self, caller: Caller, body: bytes) -> Response:
        try:
            sent = Body.model_validate(read_json(body))
        except NotJson:
            raise Refused(422, "The body is no JSON.") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(422, f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}.") from None
        try:
            kind = what(sent.what)
        except BadWatch as error:
            raise Refused(422, str(error)) from None
        if kind is What.PICTURE:  # a path, on a disk of ours
            raise Refused(422, "A picture is sent as the body itself, as image/png or image/jpeg.")
        return await self._watch(
            Sent(sent.what, Sender(sent.by or caller.name, sent.note), sent.brand, private=sent.private)
        )

    async def _picture(self, caller: Caller, request: Request) -> Response:
        body = await body_of(request, LARGEST_PICTURE, "send a smaller picture")
        ending = next((ending for begins, ending in PICTURES.items() if body.startswith(begins)), None)
        if ending is None:
            raise Refused(422, "The body is no picture: only png and jpg can be kept.")
        asked = request.query_params
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"sent.{ending}"
            await asyncio.to_thread(path.write_bytes, body)
            sender = Sender(asked.get("by") or caller.name, asked.get("note", ""))
            private = "private" in asked
            return await self._watch(Sent(str(path), sender, asked.get("brand"), asked.get("text"), private))

    async def _watch(self, sent: Sent) -> Response:
        if self._desk.store.shortage() is not None:
            raise Refused(503, "The disk is nearly full, so nothing is stored now.", Retry_After="600")
        try:
            async with self._turn:
                told = await self._watching(self._desk, sent)
        except BadWatch as error:
            raise Refused(422, str(error)) from None
        except StoreError as error:
            log.error("sent and not stored", sender=sent.sender.who, why=str(error))  # noqa: TRY400
            raise Refused(503, "It cannot be stored now: try again later.", Retry_After="60") from None
        return JSONResponse(as_json(told))
