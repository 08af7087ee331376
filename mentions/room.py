"""Room on the disk of a store: what is kept free, so that alerts go out when there is no more room for pages."""

from dataclasses import dataclass
from enum import StrEnum

from mentions.sizes import format_size

WELL_AGAIN = 1.25
"""How much more than the floor has to be free before the matter is over: at the floor itself it would flicker."""


class Lack(StrEnum):
    """Why there is no room."""

    FLOOR = "floor"
    """Less is free than `disk_floor`."""
    REFUSED = "refused"
    """The last commit failed, since the disk (or a quota) was full."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes free on the file system of a store, and how many of them are kept for alerts."""

    free: int
    floor: int
    refused: bool = False

    @property
    def lack(self) -> Lack | None:
        """Why no page may be stored now; None where one may."""
        if self.refused:
            return Lack.REFUSED
        return Lack.FLOOR if self.free < self.floor else None

    @property
    def is_over(self) -> bool:
        """Whether there is room again, and enough of it that there will be in a minute."""
        return not self.refused and self.free >= self.floor * WELL_AGAIN

    def __str__(self) -> str:
        free = f"{format_size(self.free)} free on the disk of the store"
        match self.lack:
            case Lack.REFUSED:
                return f"the disk of the store is full or over its quota ({free}); crawling is paused"
            case Lack.FLOOR:
                return f"{free}, less than disk_floor {format_size(self.floor)}; crawling is paused"
            case None:
                return free
