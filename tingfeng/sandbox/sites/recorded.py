"""A forum as it was recorded: every page is answered with the bytes that the real one gave."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

BASE = '<base href="'
NAVIGATION = frozenset({"extra", "mobile"})
"""Parameters that only say where a reader came from."""

Address = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """One recorded answer."""

    status: int
    content_type: str
    body: str
    fetched_at: datetime
    host: str


class RecordedForum:
    """Serves a recording: JSON lines, gzipped, of `url`, `status`, `content_type`, `fetched_at` and `body`.

    The page is found by path and query, whatever the order of the query, without `extra`, page=1 being the
    same as none; anything not recorded is 404. The host in `<base href>` and in absolute links becomes the
    served one.

    The pages are frozen: a 「6 分钟前」 on them was counted back from the moment of recording, not from now.
    They are not rewritten, since the point of a recording is that nobody touched it. The title attributes
    beside them hold the absolute times, which stay true; who reads the relative words must count from the
    moment in the header X-Recorded-At.
    """

    def __init__(self, path: Path) -> None:
        self._pages: Mapping[Address, Page] = _read(path)

    def __len__(self) -> int:
        return len(self._pages)

    def app(self) -> Starlette:
        """The recording as an ASGI application."""
        return Starlette(routes=[Route("/{path:path}", self.page)])

    async def page(self, request: Request) -> Response:
        """The recorded answer for an address."""
        page = self._pages.get(_address(f"{request.url.path}?{request.url.query}"))
        if page is None:
            return PlainTextResponse("not recorded\n", status_code=404)
        body = page.body.replace(page.host, str(request.base_url)) if page.host else page.body
        headers = {"content-type": page.content_type, "x-recorded-at": page.fetched_at.isoformat()}
        return Response(body.encode(), page.status, headers)


def _read(path: Path) -> dict[Address, Page]:
    pages: dict[Address, Page] = {}
    with gzip.open(path) as lines:
        for line in lines:
            row = orjson.loads(line)
            body: str = row["body"]
            host = body.partition(BASE)[2].partition('"')[0]
            fetched = datetime.fromtimestamp(row["fetched_at"], UTC)
            pages[_address(row["url"])] = Page(row["status"], row["content_type"], body, fetched, host)
    return pages


def _address(url: str) -> Address:
    parts = urlsplit(url)
    query = {(key, value) for key, value in parse_qsl(parts.query) if key not in NAVIGATION}
    return parts.path, tuple(sorted(query - {("page", "1")}))
