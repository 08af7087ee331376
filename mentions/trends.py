"""Mentions counted by the hour."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from mentions.types import Label, Severity


@dataclass(frozen=True, slots=True)
class Hourly:
    """How many mentions of a brand an hour of UTC had, by when they were published (else first seen).

    `label` is that of the latest judgement, None while there is none. `severity` is that of the gravest finding,
    None where no rule was met. `original`: they are the first to say it, not copies or reposts of other mentions.
    """

    hour: datetime
    brand: str
    platform: str
    label: Label | None
    severity: Severity | None
    mentions: int
    original: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """How many mentions of a brand an hour of UTC had, and how many of these were last judged negative."""

    hour: datetime
    brand: str
    mentions: int
    negative: int


class Trends(ABC):
    """How many mentions there were, hour by hour: roll-ups that every write keeps current."""

    @abstractmethod
    def hourly(self, since: datetime, until: datetime, brand: str | None = None) -> list[Hourly]:
        """Counts of the hours that begin in [since, until), by hour, brand, platform, label and severity.

        Originals and copies are counted apart.
        """

    @abstractmethod
    def shares(self, since: datetime, until: datetime, *, copies: bool = False) -> list[Share]:
        """Negative mentions among all, of every brand in the hours that begin in [since, until), by hour.

        What was said again counts once; with `copies`, as often as it was said. Entries of hot lists are left out:
        a headline is not somebody's opinion.
        """

    @abstractmethod
    def rebuild(self) -> int:
        """Count anew from the mentions themselves; returns how many counts were wrong."""
