"""POST /api/mentions: vendors push what they found, and it is stored as an import is."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mentions.exchange.becoming import Becoming
from mentions.exchange.bodies import Body
from mentions.exchange.failures import NotReadable, NotRecognised
from mentions.exchange.importing import Arrived, Tally, became, bring_in
from mentions.exchange.mapping import OWN, MappingFile
from mentions.exchange.rows import Bad
from mentions.store import StoreError
from tingfeng.desk import Desk
from tingfeng.web.doors import Refused, body_of, digest, whose

PATH = "/api/mentions"
KINDS = frozenset({"application/json", "application/x-ndjson", "application/jsonl", "application/json-lines"})
MOST_ROWS = 20_000
"""In one body: they are held in memory, and others wait meanwhile."""
SHOWN = 1_000
"""Rejected rows that an answer lists."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Feed:
    """One vendor, ready to be told apart by the digest of his token."""

    name: str
    digest: bytes
    mapping: MappingFile | None
    brands: tuple[str, ...]
    platform: str | None


class Push:
    """The endpoint. One push is stored after the other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Lock()
        self._feeds = [
            Feed(
                name,
                digest(block.token.get_secret_value()),
                block.read_mapping(),
                tuple(block.brands),
                block.platform,
            )
            for name, block in desk.config.push.feeds.items()
        ]

    @property
    def route(self) -> Route:
        """Where it is."""
        return Route(PATH, self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Store what a vendor sends, and say row by row what could not be."""
        began = self._desk.now()
        try:
            feed = whose(request, self._feeds, "feed")
            _check_kind(request)
            content = await body_of(request, self._desk.config.push.max_body, "send it in several")
        except Refused as no:
            return no.response()
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            async with self._turn:
                told = await asyncio.to_thread(self._store, feed, content, began)
        except Refused as no:
            return no.response()
        except StoreError as error:
            log.error("push not stored", feed=feed.name, why=str(error))  # noqa: TRY400 - its sentence says all
            return Refused(503, "The mentions cannot be stored now: try again later.", Retry_After="60").response()
        return JSONResponse(told)

    def _store(self, feed: Feed, content: bytes, began: datetime) -> dict[str, Any]:
        if self._desk.store.shortage() is not None:
            raise Refused(503, "The disk is nearly full, so nothing is stored now.", Retry_After="600")
        try:
            body = Body(content, feed.mapping)
        except (NotReadable, NotRecognised) as error:
            self._run(feed, began, Tally(), error=str(error))
            raise Refused(422, str(error)) from None
        if len(body.rows) > MOST_ROWS:
            raise Refused(413, f"The body holds more than {MOST_ROWS:,} rows: send it in several.")
        rejected: list[Bad] = []
        tally = bring_in(self._desk.store.posts, self._arrived(feed, body), rejected.append)
        useless = 0 < tally.bad == tally.rows
        why = f"None of {tally.rows} rows could be read: {rejected[0].reason}." if useless else None
        self._run(feed, began, tally, error=why)
        told = {
            "feed": feed.name,
            "new": tally.new,
            "seen": tally.known,
            "counted": tally.counted,
            "refused": tally.refused,
            "rejected": [{"row": bad.number, "reason": str(bad.reason)} for bad in rejected[:SHOWN]],
        }
        if useless:
            raise RejectedAll(why or "", told)
        return told

    def _arrived(self, feed: Feed, body: Body) -> Iterator[Arrived | Bad]:
        mapping = body.mapping or OWN
        becoming = Becoming(
            mapping.model_copy(update={"otherwise": feed.platform}) if feed.platform else mapping,
            now=self._desk.now(),
            zone=self._desk.language.zone,
            brands=feed.brands,
            matcher=self._desk.matcher.match,
        )
        for row in became(body.rows, becoming):
            if isinstance(row, Bad):
                yield row
                continue
            observation = row.observation
            mention = replace(observation.mention, source=feed.name)
            yield replace(row, observation=replace(observation, mention=mention))

    def _run(self, feed: Feed, began: datetime, tally: Tally, *, error: str | None) -> None:
        """The push as a run of its feed, so that its freshness is known as that of any source."""
        runs = self._desk.store.runs
        with self._desk.store.transaction():
            run = runs.start(feed.name, began, "push")
            runs.finish(
                replace(
                    run,
                    finished=self._desk.now(),
                    pages=0 if error else 1,
                    seen=tally.rows - tally.bad,
                    new=tally.new,
                    error=error,
                    note=f"{tally.bad} of {tally.rows} rows rejected" if tally.bad else None,
                )
            )


class RejectedAll(Refused):
    """No row of a body could become a mention."""

    def __init__(self, said: str, told: dict[str, Any]) -> None:
        super().__init__(422, said)
        self.told = told

    def response(self) -> Response:
        """With what was wrong with each row."""
        return JSONResponse({"error": str(self), **self.told}, status_code=self.status, headers=self.headers)


def _check_kind(request: Request) -> None:
    kind, _, more = request.headers.get("content-type", "").lower().partition(";")
    charset = more.partition("charset=")[2].strip(" \"'") or "utf-8"
    packed = request.headers.get("content-encoding", "identity").lower()
    if kind.strip() not in KINDS or charset not in {"utf-8", "utf8"} or packed != "identity":
        raise Refused(415, "The body is to be application/json or application/x-ndjson, in UTF-8, and not packed.")
