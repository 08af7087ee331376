"""The reactor: runs again and again in one process, and ends when it is told to."""

import asyncio
import os
import signal

import pytest

from crawlers.reactor import run_in_reactor


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def signal_myself(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    await wait_for_ever()


def test_it_returns_what_main_returns_and_can_be_called_again() -> None:
    async def answer() -> int:
        return 42

    assert [run_in_reactor(answer), run_in_reactor(answer)] == [42, 42]


def test_it_raises_what_main_raises() -> None:
    async def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        run_in_reactor(fail)


def test_an_interrupt_cancels_main() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_in_reactor(lambda: signal_myself(signal.SIGINT))


def test_a_polite_kill_cancels_main() -> None:
    with pytest.raises(SystemExit) as ended:
        run_in_reactor(lambda: signal_myself(signal.SIGTERM))
    assert ended.value.code == 143


def test_main_may_tidy_up_and_return() -> None:
    async def tidy() -> str:
        try:
            await signal_myself(signal.SIGTERM)
        except asyncio.CancelledError:
            return "tidied"
        return "never"

    assert run_in_reactor(tidy) == "tidied"


def test_the_handlers_that_were_there_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def nothing() -> None:
        """Return at once."""

    run_in_reactor(nothing)
    assert signal.getsignal(signal.SIGTERM) is before
