"""Twisted's reactor on an asyncio loop, where crawls run."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def run_in_reactor(main: Callable[[], Awaitable[T]]) -> T:
    """Run `main()` to its end on the reactor's loop, in the main thread, and return its result.

    SIGINT and SIGTERM cancel it; where it does not catch that, KeyboardInterrupt or SystemExit(143) is
    raised. May be called again in the same process.
    """
    loop = _started()
    received: list[signal.Signals] = []
    task = loop.create_task(_awaited(main))
    try:
        with _cancelled_by_signals(loop, task, received):
            return loop.run_until_complete(task)
    except asyncio.CancelledError:
        if signal.SIGTERM in received:
            raise SystemExit(128 + signal.SIGTERM) from None
        if received:
            raise KeyboardInterrupt from None
        raise


async def _awaited(main: Callable[[], Awaitable[T]]) -> T:
    return await main()


def _started() -> asyncio.AbstractEventLoop:
    """The reactor's loop; the reactor is installed and started once in a process.

    The loop is run by us and not by `reactor.run()`, which could be called only once.
    """
    # Late: importing `twisted.internet.reactor` installs whichever reactor is the default.
    from scrapy.utils.reactor import install_reactor, verify_installed_reactor  # noqa: PLC0415

    install_reactor(ASYNCIO_REACTOR)
    from twisted.internet import reactor  # noqa: PLC0415

    verify_installed_reactor(ASYNCIO_REACTOR)
    installed: Any = reactor
    if not installed.running:
        # Nobody stops this reactor, so the threads that look names up must not keep the process alive.
        installed.getThreadPool().threadFactory = partial(threading.Thread, daemon=True)
        installed.startRunning(installSignalHandlers=False)
    loop: asyncio.AbstractEventLoop = installed._asyncioEventloop  # noqa: SLF001 - it has no public name
    return loop


@contextmanager
def _cancelled_by_signals(
    loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]", received: list[signal.Signals]
) -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the task; the handlers that were there before come back."""

    def cancel(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    handled = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in handled}
    for number in handled:
        loop.add_signal_handler(number, cancel, number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])


async def in_thread(work: Callable[..., T], *args: object, undo: Callable[[T], object] | None = None) -> T:
    """Run in a worker thread. A thread cannot be cancelled: cancelled, its work is awaited, and undone."""
    working = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        result = await working
        if undo is not None:
            undo(result)
        raise
