"""Wishes to be forgotten: what came of each, and the list of them, which outlives a store that is lost."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person's wish to be forgotten: all that this author wrote until then goes.

    `platform` and `author` are those of `mentions.types.Author`.
    """

    platform: str
    author: str
    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(slots=True)
class Erased:
    """What an erasure removed, and what it could not."""

    mentions: int = 0
    findings: int = 0
    events: int = 0
    messages: int = 0
    cancelled: int = 0
    """Of the messages, those that now will never be sent."""
    sent: int = 0
    """Of the messages, those that somebody had received: no store can call them back."""
    quoted: int = 0
    """Posts of others that pass on what was erased: they are theirs, and stay."""
    kept: int = 0
    """Posts that belong to an incident on legal hold: they stay until it is released."""
    held: tuple[int, ...] = ()
    """Those incidents."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.kept and not self.held


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the erasures that were made again on a restored store."""

    completed: int = 0
    waiting: int = 0
    """Those that a legal hold of the backup suspends; `retain` completes them after its release."""
    kept: int = 0
    """The posts that it keeps."""
    held: tuple[int, ...] = ()
    """The incidents on hold."""

    @classmethod
    def of(cls, erasures: Iterable[Erasure], told: Iterable[Erased]) -> "Replayed":
        """Count; what two wishes of one author leave are the same posts."""
        kept: dict[tuple[str, str], int] = {}
        held: set[int] = set()
        completed = waiting = 0
        for erasure, erased in zip(erasures, told, strict=True):
            author = (erasure.platform, erasure.author)
            kept[author] = max(erased.kept, kept.get(author, 0))
            held |= set(erased.held)
            completed += erased.complete
            waiting += not erased.complete
        return cls(completed, waiting, sum(kept.values()), tuple(sorted(held)))

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.waiting


class BadErasureList(Exception):
    """The list of erasures cannot be used: the message says which line, and why."""


def read_erasures(path: Path) -> list[Erasure]:
    """The erasures of a list, oldest first; none where there is no file. BadErasureList names the line."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadErasureList(f"The list of erasures {path} cannot be read: {error.strerror}.") from error
    return list(_read(path, lines))


def _read(path: Path, lines: Iterable[bytes]) -> Iterator[Erasure]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _erasure(json.loads(line))
            except ValueError as error:
                said = str(error) if type(error) is ValueError else "this is not one line of JSON"
                raise BadErasureList(f"{path}:{number}: {said}; nothing was erased.") from error


def _erasure(read: Any) -> Erasure:
    known = [one.name for one in fields(Erasure)]
    if not isinstance(read, dict) or not all(isinstance(read.get(name, ""), str) for name in known):
        raise ValueError("an erasure is an object with the texts platform, author, at, by and reason")
    if not read.get("platform") or not read.get("author"):
        raise ValueError("it names no platform, or no author")
    try:
        at = datetime.fromisoformat(read.get("at", ""))
    except ValueError:
        raise ValueError("'at' is no ISO 8601 time") from None
    if at.tzinfo is None:
        raise ValueError("'at' is a time without its zone")
    return Erasure(read["platform"], read["author"], at, read.get("by", ""), read.get("reason", ""))


def append_erasure(path: Path, erasure: Erasure) -> None:
    """Add a line that survives a power cut, before any row goes. BadErasureList says why it cannot."""
    line = json.dumps(asdict(erasure) | {"at": erasure.at.isoformat()}, ensure_ascii=False).encode(
        errors="replace"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(file).st_size
            torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # a line that a power cut left unfinished
            os.write(file, (b"\n" if torn else b"") + line + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        _sync_folder(path.parent)
    except OSError as error:
        raise BadErasureList(
            f"The list of erasures {path} cannot be written: {error.strerror}; nothing was erased."
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
