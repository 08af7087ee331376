"""Ending a browser that hangs: Playwright can only ask it to, and one that is stopped never answers."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

PROCESSES = Path("/proc")
SECONDS = 10.0


def mark() -> str:
    """A switch that says nothing to a browser: the processes of one visit are found by it."""
    return f"--tingfeng-visit={uuid4().hex}"


def end(marked: str) -> None:
    """Kill the browsers that were started with this mark, and all that they started."""
    for process in started_with(marked):
        with suppress(OSError):  # it has just ended by itself
            group = os.getpgid(process)
            if group != os.getpgid(0):  # Playwright starts each browser in a group of its own
                os.killpg(group, signal.SIGKILL)


def started_with(marked: str) -> Iterator[int]:
    """The processes that bear a mark."""
    if (PROCESSES / "self" / "cmdline").exists():
        for folder in PROCESSES.glob("[0-9]*"):
            with suppress(OSError):
                if marked.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                    yield int(folder.name)
        return
    with suppress(OSError, subprocess.SubprocessError):  # macOS has no /proc
        told = subprocess.run(
            ["/bin/ps", "-axo", "pid=,command="], capture_output=True, timeout=SECONDS, check=True
        )
        for line in told.stdout.splitlines():
            number, _, command = line.strip().partition(b" ")
            if marked.encode() in command.split():
                yield int(number)
