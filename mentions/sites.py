"""The sites that are asked: whose turn it is, which are left alone, and what they say of their pages."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cooling:
    """A site, by host and port, that turned a source away, and is left alone until then.

    `times` counts how often in a row. A `shared` one holds for every source: the site shut out our address.
    """

    source: str
    site: str
    reason: str
    detail: str
    since: datetime
    until: datetime
    times: int = 1
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Validators:
    """What a site says of a page's version (RFC 9110, section 8.8), to be sent back when it is asked again."""

    etag: str | None = None
    modified: str | None = None


class Sites(ABC):
    """What is remembered of the sites that are asked, each by its host and the port that its addresses name."""

    @abstractmethod
    def take(self, site: str, *, at: datetime, until: datetime) -> datetime | None:
        """Have a site to oneself, until then at most. None where that is so, else when it will be free."""

    @abstractmethod
    def leave(self, sites: Mapping[str, datetime]) -> None:
        """Let go of sites: from then on they may be asked again. For who took them, or knows that one is dead."""

    @abstractmethod
    def asked(self, sites: Collection[str]) -> dict[str, datetime]:
        """When each of the sites was last asked by any of us, where one ever was."""

    @abstractmethod
    def cool(self, cooling: Cooling) -> None:
        """Leave a site alone; what was said of this source and site before is replaced."""

    @abstractmethod
    def cooling(self, source: str, site: str | None = None) -> list[Cooling]:
        """The source's own, and those that hold for every source of its sites; also such as are over.

        The longest first. Of one `site`, also where the source itself was never turned away there.
        """

    @abstractmethod
    def warm(self, source: str, site: str) -> None:
        """Forget that a site turned a source away: it answered."""

    @abstractmethod
    def warm_all(self, reason: str) -> None:
        """Forget all that were turned away for a reason that may have been mended since."""

    @abstractmethod
    def robots(self, site: str, since: datetime) -> str | None:
        """A site's robots.txt, if it was fetched since then; empty where it had none."""

    @abstractmethod
    def keep_robots(self, site: str, text: str, at: datetime) -> None:
        """Remember a site's robots.txt."""

    @abstractmethod
    def validators(self, source: str, asker: str) -> dict[str, Validators]:
        """By address what was kept for the source while it was the same `asker`: its settings and our brands."""

    @abstractmethod
    def keep_validators(self, source: str, asker: str, pages: Mapping[str, Validators], at: datetime) -> None:
        """Remember the versions of pages that were read, with all that they led to."""

    @abstractmethod
    def prune(self, before: datetime) -> None:
        """Forget what was last of use before then."""
