"""A small site on this machine."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crawlers.browsing import browser
from crawlers.browsing.browser import NoBrowser


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the machine's Chromium is; a test that wants one is skipped where there is none."""
    try:
        return browser.executable()
    except NoBrowser as missing:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"{missing}")


@dataclass
class Reply:
    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A site of a few pages; `asked` lists the paths in the order of the requests, `headers` what came along.

    `slow` paths are answered when the test is over; `met` is told each path before.
    """

    url: str = ""
    pages: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slow: frozenset[str] = frozenset()
    met: Callable[[str], object] = bool
    over: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, headers: dict[str, str]) -> Reply:
        if path != "/robots.txt":
            self.asked.append(path)
            self.headers.append(headers)
        self.met(path)
        if path in self.slow:
            self.over.wait()
        return self.pages.get(path, Reply("not here", 404))


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


@contextmanager
def serving() -> Iterator[Site]:
    """Serves `pages` on a free port of 127.0.0.1."""
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def do_GET(self) -> None:
            reply = served.reply(self.path, {k.lower(): v for k, v in self.headers.items()})
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    served.over.set()
    server.shutdown()
    server.server_close()
