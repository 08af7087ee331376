"""A site that costs the measured process nothing: pages made beforehand, served by a process of its own."""

import asyncio
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.parse import quote

import httpx

from benchmarks.posts import NAMES, weibo_posts
from benchmarks.results import REACHED
from tingfeng.sandbox.clock import StoryClock, utc_now
from tingfeng.sandbox.sites.weibo import PAGE_SIZE, Weibo
from tingfeng.sandbox.world import World

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
END = b"\r\n\r\n"


def search_path(name: str, page: int) -> str:
    """Where m.weibo.cn has a page of what was said about a brand, the newest first."""
    container = quote(f"100103type=61&q={name}", safe="")
    return f"/api/container/getIndex?containerid={container}&page_type=searchall&page={page}"


async def weibo_pages(pages: int) -> dict[str, bytes]:
    """So many search pages of each brand, as the sandbox's Weibo writes them."""
    start = utc_now()
    site = Weibo(World(weibo_posts(pages * PAGE_SIZE)), StoryClock(start, now=lambda: start))
    transport = httpx.ASGITransport(site.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://weibo") as client:
        paths = [search_path(name, page) for name in NAMES for page in range(1, pages + 1)]
        return {path: (await client.get(path)).content for path in paths}


class _Keeper(asyncio.Protocol):
    """Answers one request after the other on a connection that stays open."""

    def __init__(self, answers: Mapping[bytes, bytes]) -> None:
        self._answers = answers
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._read = (self._read + data).split(END)
        for request in requests:
            path = request.split(b" ", 2)[1]
            self._transport.write(self._answers.get(path, NOT_FOUND))


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}"
    return head.encode() + END + body


def _serve(pages: int, parent: Connection) -> None:
    async def serve() -> None:
        made = await weibo_pages(pages)
        answers = {path.encode(): _answer(body) for path, body in made.items()}
        server = await asyncio.get_running_loop().create_server(lambda: _Keeper(answers), "127.0.0.1", 0)
        size = sum(map(len, made.values())) // len(made)
        parent.send((server.sockets[0].getsockname()[1], size))
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def weibo_site(pages: int) -> Iterator[tuple[str, int]]:
    """The address of such a site while the block runs, and how many bytes a page of it has."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(pages, there), daemon=True)
    process.start()
    try:
        if not here.poll(REACHED):
            raise TimeoutError("the site did not start")
        port, size = here.recv()
        yield f"http://127.0.0.1:{port}", size
    finally:
        process.terminate()
        process.join()
