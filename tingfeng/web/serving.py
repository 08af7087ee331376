"""Listening: the server beside the jobs of `tingfeng run`."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from tingfeng.desk import Desk
from tingfeng.web.push import Push
from tingfeng.web.sending import Sending

AGAIN_SECONDS = 5.0
"""Between two attempts to have the address: another process may be listening there, and die."""
log = structlog.get_logger()


async def listen(desk: Desk) -> None:
    """Take what is sent until cancelled; returns at once where config.yaml names nobody who may send."""
    push = desk.config.push
    if not (push.feeds or desk.config.watch.senders):
        return
    app = app_of(desk)
    waiting = False
    while True:
        try:
            bound = _bind(*push.host_and_port)
        except OSError as error:
            if not waiting:
                log.warning("cannot listen", address=push.listen, why=error.strerror or str(error))
            waiting = True
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        with bound:
            senders = list(desk.config.watch.senders)
            log.info("listening", address=f"http://{push.listen}", feeds=list(push.feeds), senders=senders)
            await serve(_Server(app), bound)
        return


def app_of(desk: Desk) -> Starlette:
    """All that we serve, as an ASGI application."""
    return Starlette(routes=[Push(desk).route, Sending(desk).route])


async def serve(server: uvicorn.Server, bound: socket.socket) -> None:
    """Run a server on a socket; cancelled, it ends what it is answering first."""
    serving = asyncio.ensure_future(server.serve(sockets=[bound]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """Leaves signals to who runs the loop."""

    def __init__(self, app: object) -> None:
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
