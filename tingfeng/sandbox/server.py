"""All of the sandbox's sites on loopback, in one background thread."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tingfeng.sandbox.answers import TRANSPORT
from tingfeng.sandbox.clock import DEFAULT_SPEED, StoryClock, utc_now
from tingfeng.sandbox.door import Door
from tingfeng.sandbox.receiver import MAX_ENTRIES, TOKEN, Receiver
from tingfeng.sandbox.sites.bilibili import Bilibili
from tingfeng.sandbox.sites.discuz import Discuz
from tingfeng.sandbox.sites.heimao import Heimao
from tingfeng.sandbox.sites.hot import Hot
from tingfeng.sandbox.sites.mi_community import MiCommunity
from tingfeng.sandbox.sites.recorded import RecordedForum
from tingfeng.sandbox.sites.rss import Rss
from tingfeng.sandbox.sites.tieba import Tieba
from tingfeng.sandbox.sites.v2ex import V2ex
from tingfeng.sandbox.sites.weibo import Weibo
from tingfeng.sandbox.sites.weibo_ajax import WeiboAjax
from tingfeng.sandbox.sites.weibo_api import UNSPARING, Allowance, WeiboApi
from tingfeng.sandbox.sites.weibo_search import WeiboSearch
from tingfeng.sandbox.sites.xiaohongshu import Xiaohongshu
from tingfeng.sandbox.sites.zhihu import Zhihu
from tingfeng.sandbox.veil import Veil
from tingfeng.sandbox.world import World
from tingfeng.sandbox.worlds.storyline import storyline

LOOPBACK = "127.0.0.1"
COMMUNITIES = (MiCommunity, Zhihu, Xiaohongshu, Bilibili, Heimao)
NAMES = ("weibo", "forum", "tieba", "v2ex", "rss", "hot", "slack", *(kind.site.value for kind in COMMUNITIES))
PATIENCE = 10.0
"""Seconds to wait for the servers to start and to stop; both take a fraction of one."""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where everything is. Sites have no trailing slash; `rss` is the feed, `slack` slack-sdk's base_url."""

    weibo: str
    forum: str
    tieba: str
    v2ex: str
    rss: str
    hot: str
    slack: str
    hook: str
    mi_community: str
    zhihu: str
    xiaohongshu: str
    bilibili: str
    heimao: str

    @classmethod
    def of(cls, ports: Mapping[str, int]) -> "Urls":
        """The addresses that belong to the ports."""
        roots = {name: f"http://{LOOPBACK}:{ports[name]}" for name in NAMES}
        return cls(
            weibo=roots["weibo"],
            forum=roots["forum"],
            tieba=roots["tieba"],
            v2ex=roots["v2ex"],
            rss=f"{roots['rss']}/feed.xml",
            hot=roots["hot"],
            slack=f"{roots['slack']}/api/",
            hook=f"{roots['slack']}/hook",
            **{kind.site.value: roots[kind.site.value] for kind in COMMUNITIES},
        )


class Sandbox:
    """The sites and the receiver.

    `with Sandbox() as sandbox:` serves them on free ports of 127.0.0.1 (`ports` fixes some) until the block
    ends. Without entering it, `sandbox.doors["weibo"]` is the site as an ASGI application, for tests that
    need neither sockets nor waiting. `start` is when the story begins, now by default; `now` is the clock
    that the sites live by. `forum_recording` serves a recorded forum in place of the world's; `slack_log`
    gets each received message as a JSON line. `veil` keeps posts out of Weibo's search; `allowance` is what
    its open API grants in an hour.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        speed: float = DEFAULT_SPEED,
        start: datetime | None = None,
        now: Callable[[], datetime] = utc_now,
        ports: Mapping[str, int] | None = None,
        forum_recording: Path | None = None,
        slack_log: Path | None = None,
        token: str = TOKEN,
        allowed_mentions: frozenset[str] = frozenset(),
        max_log: int = MAX_ENTRIES,
        veil: Veil | None = None,
        allowance: Allowance = UNSPARING,
    ) -> None:
        self.world = storyline().world if world is None else world
        self.clock = StoryClock(start or now(), speed, now)
        self.slack = Receiver(
            token=token, now=now, max_entries=max_log, log_file=slack_log, allowed_mentions=allowed_mentions
        )
        forum = Discuz(self.world, self.clock) if forum_recording is None else RecordedForum(forum_recording)
        apps: dict[str, ASGIApp] = {
            "weibo": _weibo(Weibo(self.world, self.clock, veil=veil), allowance),
            "forum": forum.app(),
            "tieba": Tieba(self.world, self.clock).app(),
            "v2ex": V2ex(self.world, self.clock).app(),
            "rss": Rss(self.world, self.clock).app(),
            "hot": Hot(self.world, self.clock).app(),
            **{kind.site.value: kind(self.world, self.clock).app() for kind in COMMUNITIES},
        }
        self.doors = {name: Door(app, now, max_visits=max_log) for name, app in apps.items()}
        unknown = set(ports or ()) - set(NAMES)
        if unknown:
            raise ValueError(f"no such site: {', '.join(sorted(unknown))}")
        self._wanted = dict.fromkeys(NAMES, 0) | dict(ports or {})
        self._servers: list[_Server] = []
        self._thread: threading.Thread | None = None
        self.ports: Mapping[str, int] = {}

    @property
    def urls(self) -> Urls:
        """The addresses; RuntimeError before the sandbox is entered."""
        if not self.ports:
            raise RuntimeError("the sandbox is not open: use it in a with statement")
        return Urls.of(self.ports)

    def __enter__(self) -> Self:
        """Bind the ports, start the servers and wait until all of them listen; OSError if a port is taken."""
        apps: dict[str, ASGIApp] = {**self.doors, "slack": self.slack.app()}
        with contextlib.ExitStack() as bound:
            sockets = {name: bound.enter_context(_bind(self._wanted[name])) for name in NAMES}
            bound.pop_all()
        self.ports = {name: sock.getsockname()[1] for name, sock in sockets.items()}
        self._servers = [_Server(apps[name], sock) for name, sock in sockets.items()]
        self._thread = threading.Thread(target=self._run, name="tingfeng-sandbox", daemon=True)
        self._thread.start()
        if not all(server.ready.wait(PATIENCE) for server in self._servers):
            self.__exit__(None, None, None)
            raise RuntimeError("the sandbox did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the servers; connections that hang are cut."""
        for server in self._servers:
            server.should_exit = server.force_exit = True
        if self._thread is not None:
            self._thread.join(PATIENCE)
        self._servers, self._thread, self.ports = [], None, {}

    def _run(self) -> None:
        async def serve() -> None:
            await asyncio.gather(*(server.serve(sockets=[server.socket]) for server in self._servers))

        asyncio.run(serve())


def _weibo(mobile: Weibo, allowance: Allowance) -> ASGIApp:
    """m.weibo.cn, s.weibo.com, weibo.com and the open API (/2/) behind one door: no path is on two of them."""
    more = (WeiboSearch(mobile), WeiboAjax(mobile), WeiboApi(mobile, allowance))
    return Starlette(routes=[*mobile.routes(), *(route for site in more for route in site.routes())])


class _Connection(H11Protocol):
    """Passes the connection to the application, which may be told to drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # uvicorn types the parameter so itself: its servers are stream servers.
        super().connection_made(transport)
        site = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await site(scope, receive, send)

        self.app = app


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp, sock: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self.socket = sock
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


def _bind(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A sandbox that is started again on its old ports must not wait for the kernel to forget them.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOOPBACK, port))
    except OSError:
        sock.close()
        raise
    return sock
