"""Which posts say the same thing: each has one origin, counted once; the others are its copies and reposts."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mentions.authenticity import Authenticity, Peer
from mentions.types import Mention


@dataclass(frozen=True, slots=True)
class Kin:
    """What is stored of one thing that was said: its origin, and who said it again."""

    origin: str
    """What was said first; a post that its reposts pass on need not be stored."""
    copies: int = 0
    """Posts that say the same in their own place."""
    reposts: int = 0
    """Posts that pass the origin, or a copy of it, on."""
    platforms: int = 1
    """On how many platforms all of them are."""
    peers: tuple[Peer, ...] = ()
    """The origin and the last of the copies, not the reposts."""


class Copies(ABC):
    """Posts that say the same, and how far each is what somebody thinks.

    The origin is the earliest that is stored, by publication, else by when it was first seen; what is passed on
    is always the origin of its reposts. There are no chains: what is linked is linked to the origin itself.
    Where an earlier post comes late, it becomes the origin; where the origin is removed, the earliest copy does.
    """

    @abstractmethod
    def link(self, mentions: Collection[Mention], at: datetime) -> set[str]:
        """Link those of the mentions that were not looked at since their text last changed.

        The roll-ups no longer count them as originals, in the same transaction. Returns the origins, also those of
        other mentions, about which more is known now. Only one process links at a time: judging does.
        """

    @abstractmethod
    def alike(self, text: str) -> dict[str, int]:
        """The origins that say the same as a text, and in how many bits they differ; none if it is too short."""

    @abstractmethod
    def origins(self, mention_ids: Collection[str]) -> dict[str, str]:
        """Of those of the mentions that were looked at, the stored one that said it first, or itself."""

    @abstractmethod
    def of_origins(self, mention_ids: Collection[str], limit: int) -> dict[str, list[str]]:
        """Of each origin that has any, its copies without its reposts: the last stored, at most so many."""

    @abstractmethod
    def kin(self, mention_ids: Collection[str]) -> dict[str, Kin]:
        """Of each mention that has any, the posts that say the same."""

    @abstractmethod
    def earlier(self, mentions: Collection[Mention]) -> dict[str, list[datetime]]:
        """When the author of each mention wrote his last few posts."""

    @abstractmethod
    def note(self, judged: Collection[Authenticity]) -> None:
        """Keep what speaks against posts; where nothing does any more, nothing is kept."""

    @abstractmethod
    def authenticity(self, mention_ids: Collection[str]) -> dict[str, Authenticity]:
        """What is kept of these mentions: those without an entry have nothing against them."""
