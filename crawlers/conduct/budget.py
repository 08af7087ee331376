"""How many requests re-reading may take from a host: a share of those that its pause allows, evened out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mentions.runs import Owed

SHARE = 0.5
"""By default at most half of a host's requests look at known posts again; the others look for new ones."""
BURST = timedelta(minutes=5)
"""So long a share can be used at once after a time in which none was."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one host allows: so many requests for re-reading a second, and so many at once."""

    share: float
    delay: timedelta

    @property
    def a_second(self) -> float:
        """Requests that the share allows in the long run."""
        return self.share / max(self.delay.total_seconds(), 0.1)

    @property
    def at_once(self) -> float:
        """Requests after a long rest; one, however small the share."""
        return max(1.0, BURST.total_seconds() * self.a_second)

    def left(self, owed: Owed | None, now: datetime) -> int:
        """How many requests may be made now."""
        return int(self.at_once - self._still(owed, now) + 1e-9)

    def after(self, owed: Owed | None, asked: int, now: datetime) -> Owed:
        """What the host is owed after so many more."""
        return Owed(self._still(owed, now) + asked, now)

    def free_again(self, owed: Owed | None, now: datetime) -> datetime:
        """When one request may be made, if none may now."""
        lacking = max(0.0, self._still(owed, now) + 1 - self.at_once)
        return now + timedelta(seconds=lacking / self.a_second)

    def _still(self, owed: Owed | None, now: datetime) -> float:
        if owed is None:
            return 0.0
        rested = max(0.0, (now - owed.at).total_seconds())
        return min(self.at_once, max(0.0, owed.requests - rested * self.a_second))
