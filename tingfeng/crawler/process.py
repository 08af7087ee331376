"""A crawler process as its parent sees it: what it is doing, and whether it is well."""

import asyncio
import json
import os
import pickle
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import count
from typing import Any, Self

from mentions.store import StoreError
from tingfeng.config import Config
from tingfeng.crawler.child import SIZE

COMMAND = (sys.executable, "-m", "tingfeng.crawler.child")
START_SECONDS = 60.0
"""How long it may take until its first heartbeat: Python and Scrapy are read from disk."""
HUNG_SECONDS = 5.5
"""Without a heartbeat for so long it is dead, or as good as dead; a little more than it gives itself."""
LOOK_SECONDS = 0.5
STOP_SECONDS = 10.0
"""How long a process gets that is told to stop."""


class Why(StrEnum):
    """Why a crawler has to be replaced."""

    ENDED = "it ended"
    HUNG = "it hung"
    GREW = "it held too much memory"


class CrawlerDied(Exception):
    """The crawler died twice over a job: the message says which, and of what."""


class JobFailed(Exception):
    """A job failed in the crawler, whose log says where: the message is the error."""


class Gone(Exception):
    """The process ended before it said how a job went."""


class Crawler:
    """One process. `why` is set once it has to be replaced; then `unwell` is, too."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._numbers = count(1)
        self._last_beat = asyncio.get_running_loop().time() + START_SECONDS - HUNG_SECONDS
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = False
        self.why: Why | None = None
        self.memory = 0
        self.ready = asyncio.Event()
        self.unwell = asyncio.Event()

    @classmethod
    async def start(cls, config: Config, *, most_memory: int, verbose: bool) -> Self:
        """Start a process that waits until it is wanted. It learns nothing of rules, channels and their tokens."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        crawler = cls(process)
        known = config.model_copy(update={"rules": {}, "channels": {}})
        frame = pickle.dumps((known, verbose))
        crawler._write(len(frame).to_bytes(SIZE) + frame)
        loop = asyncio.get_running_loop()
        crawler._tasks = [loop.create_task(crawler._listen()), loop.create_task(crawler._watch(most_memory))]
        return crawler

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def busy(self) -> Sequence[asyncio.Future[None]]:
        """What is still to be answered."""
        return list(self._waiting.values())

    def open(self) -> None:
        """Let it open the store; it is `ready` a little later."""
        self._is_open = True
        self._send(open=True)

    async def do(self, name: str) -> None:
        """Have a job done. Gone if the process ends over it; StoreError and JobFailed as it says itself.

        Cancelled, the job is broken off there, and waited for.
        """
        n, ended = next(self._numbers), asyncio.get_running_loop().create_future()
        if self._process.returncode is not None:
            raise Gone
        self._waiting[n] = ended
        self._send(do=name, n=n)
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            self._send(cancel=n)
            await asyncio.wait({ended}, timeout=STOP_SECONDS)
            raise
        finally:
            self._waiting.pop(n, None)
            if ended.done() and not ended.cancelled():
                ended.exception()  # it was heard

    async def stop(self) -> None:
        """End it politely, and if need be otherwise. One that only waits holds nothing to be tidied."""
        if not self._is_open:
            self.kill()
        elif self.why not in {Why.ENDED, Why.HUNG}:
            self._send(stop=True)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        """End it at once, with whatever it started: a browser, say."""
        with suppress(ProcessLookupError):
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _must_go(self, why: Why) -> None:
        self.why = self.why or why
        self.unwell.set()

    async def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was made with a pipe
        try:
            while line := await self._process.stdout.readline():
                self._last_beat = asyncio.get_running_loop().time()
                self._heard(json.loads(line))
            await self._process.wait()
        finally:
            self._must_go(Why.ENDED)
            for ended in self._waiting.values():
                if not ended.done():
                    ended.set_exception(Gone())

    def _heard(self, message: dict[str, Any]) -> None:
        ended = self._waiting.get(message.get("done", message.get("failed", 0)))
        match message:
            case {"beat": int(held)}:
                self.memory = held
            case {"ready": _}:
                self.ready.set()
            case {"done": _} if ended is not None and not ended.done():
                ended.set_result(None)
            case {"failed": _, "said": said, "store": store} if ended is not None and not ended.done():
                ended.set_exception(StoreError(said) if store else JobFailed(said))

    async def _watch(self, most_memory: int) -> None:
        loop = asyncio.get_running_loop()
        while self.why is not Why.ENDED:
            before = loop.time()
            await asyncio.sleep(LOOK_SECONDS)
            late = loop.time() - before - LOOK_SECONDS
            self._last_beat += late  # we were held up ourselves, and heard nothing of it meanwhile
            if loop.time() - self._last_beat > HUNG_SECONDS:
                self._must_go(Why.HUNG)
                self.kill()
                return
            if self.memory > most_memory:
                self._must_go(Why.GREW)

    def _send(self, **message: Any) -> None:
        self._write(json.dumps(message).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was made with a pipe
        with suppress(ConnectionError, RuntimeError):  # it ended: whoever waits hears of that
            self._process.stdin.write(data)
