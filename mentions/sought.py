"""Words of a post that a person sent in: sources look for them, so that unknown copies come to light."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sought:
    """Words of a post, whose matter it is, and until when they are looked for."""

    mention_id: str
    words: str
    brand: str
    at: datetime
    until: datetime


class Seeking(ABC):
    """What is to be looked for on every source that can search: who watches a post writes it, crawls read it."""

    @abstractmethod
    def seek(self, mention_id: str, words: Sequence[str], brand: str, *, at: datetime, until: datetime) -> None:
        """Have these words of a stored post looked for; what was looked for before on its behalf is replaced."""

    @abstractmethod
    def sought(self, at: datetime) -> list[Sought]:
        """What is to be looked for now: the time is not over, and an incident of the post is not resolved.

        The latest first, and only a few: each costs every source that can search a request a visit.
        """
