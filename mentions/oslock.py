"""Locks between processes that the operating system lets go of when their holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mentions.store import Held


class OsLock:
    """One process's (or thread's) grip on a lock file: shared by many, or exclusive to one.

    The file stays when the lock is let go: removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Wait until nobody holds it exclusively, and hold it beside others."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextmanager
    def shared_now(self) -> Iterator[None]:
        """Hold it beside others, or raise Held at once where somebody holds it alone."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held("somebody holds it alone") from None
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait until nobody else holds it, and hold it alone."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def exclusive_now(self, who: str) -> Iterator[None]:
        """Hold it alone or raise Held at once; `who` is what others are told meanwhile."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(os.pread(self._fd, 200, 0).decode(errors="replace").strip() or "someone") from None
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, who.encode(), 0)
            yield
        finally:
            os.ftruncate(self._fd, 0)
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    @contextmanager
    def _held(self, mode: int) -> Iterator[None]:
        fcntl.flock(self._fd, mode)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)
