"""Inside the crawler process: jobs come in by name, and each ends with a line that says how.

From its parent it reads its configuration, then a line of JSON a message: `open` the store, `do`, `cancel`,
`stop`. To it, it writes a heartbeat a second and the end of each job. The end of the pipe is the end of the
parent, and so its own.
"""

import asyncio
import faulthandler
import json
import os
import pickle
import resource
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from crawlers.reactor import in_thread, run_in_reactor
from mentions.store import StoreError
from tingfeng.config import Config
from tingfeng.desk import open_desk
from tingfeng.jobs import Job, jobs_of
from tingfeng.logs import set_up_logging

SIZE = 8
"""Bytes before the configuration, which say how long it is."""
BEAT_SECONDS = 1.0
STUCK_SECONDS = 4.5
"""When nothing happened on the loop for so long, the process says where it stands, and ends."""
MAINTENANCE_SECONDS = 10.0
LONGEST_SENTENCE = 1000
PAGE = resource.getpagesize()
STATM = Path("/proc/self/statm")

log = structlog.get_logger()


def main() -> None:
    """Serve until told to stop. What anything here prints goes to the log: the pipe is ours alone."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    run_in_reactor(partial(_serve, out))


async def _serve(out: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):  # a whole group gets them; it is the parent that decides
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
    messages = asyncio.StreamReader()
    await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, messages), sys.stdin.buffer)
    try:
        size = int.from_bytes(await messages.readexactly(SIZE))
        config, verbose = pickle.loads(await messages.readexactly(size))  # noqa: S301 - from our parent
    except asyncio.IncompleteReadError:
        return  # who died before it said what we are for
    set_up_logging(verbose=verbose)
    import crawlers.spider  # noqa: F401, PLC0415 - now, so that no visit waits for Scrapy

    await Served(config, messages, out).run()


class Served:
    """The jobs of one crawler process. Until it is told to open the store it only waits, with all it needs."""

    def __init__(self, config: Config, messages: asyncio.StreamReader, out: BinaryIO) -> None:
        self._config = config
        self._messages = messages
        self._out = out
        self._jobs: dict[str, Job] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Until told to stop; then what is running is broken off, and finishes its rows."""
        loop = asyncio.get_running_loop()
        beating = loop.create_task(self._beat())
        listening = loop.create_task(self._listen())
        wanted = loop.create_task(self._wanted.wait())
        await asyncio.wait({listening, wanted}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            await self._serve(listening)
        wanted.cancel()
        beating.cancel()
        faulthandler.cancel_dump_traceback_later()

    async def _serve(self, listening: asyncio.Task[None]) -> None:
        with ExitStack() as opened:
            desk = await in_thread(opened.enter_context, open_desk(self._config, waiting=True))
            opened.enter_context(desk.store.alive(desk.owner))
            self._jobs = jobs_of(desk)
            self._say(ready=os.getpid())
            tidying = asyncio.get_running_loop().create_task(_tidy(desk.store.maintain))
            await listening
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            tidying.cancel()

    async def _listen(self) -> None:
        while line := await self._messages.readline():
            match json.loads(line):
                case {"open": True}:
                    self._wanted.set()
                case {"do": str(name), "n": int(n)}:
                    self._running[n] = asyncio.get_running_loop().create_task(self._do(name, n))
                case {"cancel": int(n)}:
                    if n in self._running:
                        self._running[n].cancel()
                case {"stop": True}:
                    return
        os._exit(1)  # our parent is dead: whoever comes after it finds its rows as it left them

    async def _do(self, name: str, n: int) -> None:
        try:
            await self._jobs[name].work()
        except asyncio.CancelledError:
            self._say(done=n)
        except StoreError as error:
            self._say(failed=n, said=str(error)[:LONGEST_SENTENCE], store=True)
        except Exception as error:
            log.exception("job failed in the crawler", job=name)
            self._say(failed=n, said=f"{type(error).__name__}: {error}"[:LONGEST_SENTENCE], store=False)
        else:
            self._say(done=n)
        finally:
            self._running.pop(n, None)

    async def _beat(self) -> None:
        while True:
            # It watches from outside of Python: also over a regular expression that never ends.
            faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
            self._say(beat=memory())
            await asyncio.sleep(BEAT_SECONDS)

    def _say(self, **message: Any) -> None:
        self._out.write(json.dumps(message).encode() + b"\n")


async def _tidy(maintain: Any) -> None:
    while True:
        await asyncio.sleep(MAINTENANCE_SECONDS)
        try:
            await in_thread(maintain)
        except StoreError as error:
            log.debug("not tidied", why=str(error))


def memory() -> int:
    """Bytes that this process holds; where the system does not say, the most that it ever held."""
    if STATM.exists():
        return int(STATM.read_text().split()[1]) * PAGE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
