"""Story time: an hour of it passes in a minute, so that a crisis can be watched over a coffee."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DEFAULT_SPEED = 60.0


def utc_now() -> datetime:
    """The wall clock, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StoryClock:
    """Translates between wall time and story seconds.

    After `start`, story = (wall - start) x speed. Before it the two run alike: what happened before the
    curtain rose is ordinary history of hours and days, and a baseline by the hour of the week must find it
    there.
    """

    start: datetime
    speed: float = DEFAULT_SPEED
    now: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("the start of a story is an aware time")
        if not self.speed > 0:
            raise ValueError(f"a story cannot run at speed {self.speed}")

    def moment(self) -> float:
        """Story seconds since the start, now; negative before it."""
        return self.story(self.now())

    def story(self, wall: datetime) -> float:
        """The story second that falls on a wall time."""
        seconds = (wall - self.start).total_seconds()
        return seconds * self.speed if seconds > 0 else seconds

    def wall(self, story: float) -> datetime:
        """When a story second is shown by the sites' own clocks."""
        return self.start + timedelta(seconds=story / self.speed if story > 0 else story)
