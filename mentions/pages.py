"""What is kept of pages themselves: answers that were refusals, and what the pages of a kind are built of."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

LARGEST = 256 * 1024
"""Bytes of a refused page that are kept."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that kept us from seeing what is there. `cut`: only the beginning of `body` is kept.

    `reason` is that under which it is counted; `kind` the kind of page that was asked for.
    """

    source: str
    reason: str
    at: datetime
    url: str
    status: int
    kind: str
    detail: str
    size: int
    body: bytes = b""

    @property
    def cut(self) -> bool:
        """Whether only the beginning is kept."""
        return self.size > LARGEST


@dataclass(frozen=True, slots=True)
class Shape:
    """What pages of one kind of a source are built of: `parts` by how many of the `pages` had each.

    `gone` is what every page had but the last one; `changed` what the last two lacked, and `drift` its share.
    """

    source: str
    kind: str
    at: datetime
    pages: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    drift: float = 0.0


class Pages(ABC):
    """Refused answers that are kept for some days, and what the pages of each kind are built of."""

    @abstractmethod
    def keep(self, refusal: Refusal) -> bool:
        """Keep a refused answer: the first of its reason and day (UTC). False where there is one already."""

    @abstractmethod
    def refusals(self, source: str) -> list[Refusal]:
        """Those that are kept of a source, newest first, without their bodies."""

    @abstractmethod
    def refused(self, source: str, reason: str) -> Refusal | None:
        """The newest one for this reason."""

    @abstractmethod
    def shapes(self, sources: Collection[str]) -> list[Shape]:
        """What is known of the pages of these sources."""

    @abstractmethod
    def put_shapes(self, shapes: Sequence[Shape]) -> None:
        """Remember what pages are built of."""

    @abstractmethod
    def forget_shapes(self, source: str) -> int:
        """Learn the pages of a source anew; returns how many kinds were known."""

    @abstractmethod
    def expire(self, now: datetime) -> int:
        """Delete refused answers and looks that are too old; returns how many rows."""
