"""What became of posts after they were first seen: edited, gone from their site, back again."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """What a post said until it was seen to have changed."""

    until: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that is not shown any more: since which look, when another confirmed it, when it was back."""

    since: datetime
    confirmed: datetime | None = None
    back: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one post; `revisions` oldest first."""

    revisions: tuple[Revision, ...] = ()
    gone: Gone | None = None

    @property
    def is_gone(self) -> bool:
        """Whether two looks missed it, and none has found it since."""
        return self.gone is not None and self.gone.confirmed is not None and self.gone.back is None


class Fates(ABC):
    """Edits and deletions of known posts, as looks at them show."""

    @abstractmethod
    def missed(self, mention_ids: Collection[str], at: datetime) -> set[str]:
        """Their page said that they are not there; those of which it said so before are gone, and returned.

        What is gone joins the JUDGE queue.
        """

    @abstractmethod
    def of(self, mention_ids: Collection[str]) -> dict[str, Fate]:
        """Those of the posts of which there is anything to tell."""
