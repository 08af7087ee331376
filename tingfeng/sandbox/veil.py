"""What a site does not show to whoever searches it, although it is there: walls and moods of its index."""

import zlib
from dataclasses import dataclass
from typing import Protocol

from tingfeng.sandbox.world import Post

GRAINS = 10_000
PERIOD = 1_200.0
"""Story seconds of which a wall by time hides the first part."""


class Veil(Protocol):
    """Hides posts from a search; `look` counts how often the word was searched from its first page."""

    def hides(self, post: Post, look: int) -> bool:
        """Whether this look does not get to see the post."""


@dataclass(frozen=True, slots=True)
class EachLook:
    """Hides a share of the posts at random, others at each look."""

    share: float
    seed: int = 0

    def hides(self, post: Post, look: int) -> bool:
        """See Veil.hides."""
        return _drawn(self.seed, post.id, look) < self.share


@dataclass(frozen=True, slots=True)
class SomePosts:
    """Hides posts of one half at random at each look, twice the share of them; those of the other half never."""

    share: float
    seed: int = 0

    def hides(self, post: Post, look: int) -> bool:
        """See Veil.hides."""
        return _drawn(self.seed, post.id) < 1 / 2 and _drawn(self.seed, post.id, look) < 2 * self.share


@dataclass(frozen=True, slots=True)
class Authors:
    """Hides all that a share of the authors write, from every look."""

    share: float
    seed: int = 0

    def hides(self, post: Post, look: int) -> bool:  # noqa: ARG002 - the interface's name
        """See Veil.hides."""
        return _drawn(self.seed, post.author.id) < self.share


@dataclass(frozen=True, slots=True)
class Times:
    """Hides what was written in the first part of every 20 minutes, from every look."""

    share: float

    def hides(self, post: Post, look: int) -> bool:  # noqa: ARG002 - the interface's name
        """See Veil.hides."""
        return post.at % PERIOD < self.share * PERIOD


def _drawn(*what: object) -> float:
    """The same number in [0, 1) for the same things."""
    # crc32 alone is linear: ids that differ in one digit would be drawn alike at every look.
    mixed = zlib.crc32(repr(what).encode()) * 0x9E3779B97F4A7C15 % 2**64
    return (mixed >> 32) % GRAINS / GRAINS
