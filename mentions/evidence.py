"""Frozen copies of posts: what stood on the page, byte for byte, known by its SHA-256."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import zstandard

LEVEL = 2
"""Of zstd's 22: 7 µs for a post's JSON of 940 bytes, to 736. Level 10 takes three times as long, for 5 bytes."""
LARGEST = 64 * 2**20
"""Bytes that a copy holds at most: a screenshot of a very long page has about ten million."""
SIGNATURES = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"<", "html"), (b"{", "json"), (b"[", "json"))


class Kind(StrEnum):
    """What a copy is a copy of."""

    POST = "post"
    """The post alone as it stood on the page: its JSON object, or its HTML element."""
    ROW = "row"
    """The post as the store knows it, where nothing else was kept."""
    IMAGE = "image"
    """A picture that somebody sent."""
    SCREENSHOT = "screenshot"
    """The whole page as a browser shows it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy without its content. `size` is in bytes as kept; `frozen` is since when it is evidence.

    `url` is where a page was pictured, `stamped` when an authority says that the content existed.
    """

    mention_id: str
    sha256: str
    at: datetime
    kind: Kind
    size: int
    frozen: datetime | None = None
    url: str | None = None
    stamped: datetime | None = None


class Harm(StrEnum):
    """What is wrong with a copy."""

    CHANGED = "its content is not what was kept"
    MISSING = "the history names it, and it is not there"
    UNPROVEN = "its timestamp is not one of it, or of nobody whom we trust"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A copy that proves nothing any more."""

    mention_id: str
    sha256: str
    harm: Harm


class Evidence(ABC):
    """Copies of posts. They go with their posts, and what is not frozen goes after some days."""

    @abstractmethod
    def keep(
        self, mention_id: str, body: bytes, kind: Kind, at: datetime, *, url: str | None = None
    ) -> str | None:
        """Keep a copy, unless the post has the same already; its SHA-256. None where there is no such post."""

    @abstractmethod
    def freeze(self, mention_id: str, at: datetime) -> list[str]:
        """Let all copies of a post be evidence; their SHA-256, oldest first.

        Where there is none since the text last changed, one is made of what the store knows.
        """

    @abstractmethod
    def copies(self, mention_ids: Collection[str]) -> dict[str, list[Copy]]:
        """The copies of each post, oldest first."""

    @abstractmethod
    def body(self, copy: Copy) -> bytes:
        """What was kept. DamagedCopy where it is not what its SHA-256 says, or is gone."""

    @abstractmethod
    def unstamped(self, since: datetime | None = None) -> Iterator[Copy]:
        """Frozen copies without a timestamp, the longest frozen first; only those frozen since then."""

    @abstractmethod
    def stamp(self, copy: Copy, token: bytes, at: datetime) -> None:
        """Keep beside a copy what an authority signed (a TimeStampResp of RFC 3161), and the time in it."""

    @abstractmethod
    def tokens(self, mention_ids: Collection[str] | None = None) -> Iterator[tuple[Copy, bytes]]:
        """The timestamps of the copies of these posts, or of all."""

    @abstractmethod
    def damaged(self) -> list[Damaged]:
        """Copies whose content is not what was kept, and copies of open incidents that are gone."""


class DamagedCopy(Exception):
    """A copy is not what was kept: the message says of which post."""


def hashed(body: bytes) -> str:
    """By what a copy is known."""
    return sha256(body).hexdigest()


class _Packer(threading.local):
    """One for each thread: two may not use it at once, and to make one takes longer than to use it."""

    def __init__(self) -> None:
        self.pack: Callable[[bytes], bytes] = zstandard.ZstdCompressor(level=LEVEL).compress


_packer = _Packer()


def packed(body: bytes) -> bytes:
    """As it is stored."""
    return _packer.pack(body)


def unpacked(stored: bytes) -> bytes | None:
    """The reverse of `packed`; None for what was not packed so."""
    try:
        return zstandard.ZstdDecompressor().decompress(stored, max_output_size=LARGEST)
    except zstandard.ZstdError:
        return None


def suffix(body: bytes) -> str:
    """What a file with this content is called at its end."""
    return next((name for signature, name in SIGNATURES if body.lstrip().startswith(signature)), "bin")
