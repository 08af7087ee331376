"""Fleets in tests: services and workers as processes, on one PostgreSQL, through a door that can be shut."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from mentions.store import Store
from tests.tingfeng.running import PATIENCE, tingfeng

QUIET: dict[str, Any] = {
    "brands": {"星河": {"aliases": ["星河手机"]}},
    "sources": {"v2ex": {"type": "v2ex", "enabled": False}},
    "channels": {"desk": {"type": "console"}},
    "rules": {
        "big-v": {"type": "post", "title": "大V", "severity": "red", "when": "author.is_big_v"},
    },
    "evidence": {"screenshots": False},
}
"""A desk without sites: posts are put into its store, and every one of a 大V is an incident of its own."""


def write_config(folder: Path, store: str, **blocks: Any) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(QUIET | {"store": store} | blocks, allow_unicode=True), encoding="utf-8")
    return path


@contextmanager
def processes(*commands: tuple[str | Path, ...], says: int = subprocess.PIPE) -> Iterator[list[Any]]:
    """The commands, running side by side while the block runs; they are killed at its end."""
    running = [tingfeng(*command, says=says) for command in commands]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
        for process in running:
            if process.stdout is not None and not process.stdout.closed:
                process.communicate()


def eventually(what: Callable[[], bool], said: str) -> None:
    """Wait until it is so; the limit is there for a test that would never end."""
    until = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > until:
            pytest.fail(f"it never came to be that {said}")
        time.sleep(0.2)


def scored(store: Store, count: int) -> Callable[[], bool]:
    return lambda: store.tasks.backlog("score").waiting == 0 and rows(store, "score") == count


def rows(store: Store, table: str) -> int:
    found: list[Any] = store.database.rows(f"SELECT count(*) AS n FROM {table}")  # type: ignore[attr-defined] # noqa: S608
    return int(found[0]["n"])


class Door:
    """A way to PostgreSQL that can be shut and opened again, as a server that stops and comes back."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._there = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{self.port}")
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), daemon=True)
        self._thread.start()

    def shut(self) -> None:
        """Break every connection, and refuse new ones."""
        # Only shutdown() wakes a thread that waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        """Let them in again."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), daemon=True)
        self._thread.start()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._there)
                self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            self._open.discard(end)


@contextmanager
def door(url: str) -> Iterator[Door]:
    """A door that is open at first."""
    made = Door(url)
    try:
        yield made
    finally:
        made.shut()


def printed(process: Any) -> str:
    """All that a process said, which must have ended or been killed."""
    output, _ = process.communicate()
    return str(output.decode())
