"""Windows of a search that shows only its first pages: when to narrow one, and into which.

s.weibo.com has at most 50 pages of about ten posts for any search; what it calls page 51 is page 1 again. A window
of which that many are said to exist is therefore asked in parts: days, then hours, then provinces.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawlers.reading.times import SHANGHAI

SITE_PAGES = 50
"""More are never shown."""
NEARLY = 46
"""A search with so many pages may have been cut: their number shrinks a little while one looks."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
PROVINCES = (*CODES.split(), "100", "400")
"""As the site numbers them: GB/T 2260, with 100 for 其他 and 400 for 海外."""


@dataclass(frozen=True, slots=True)
class Window:
    """From one whole hour of Shanghai to before another; in one province, or everywhere."""

    start: datetime
    end: datetime
    region: str | None = None

    @classmethod
    def around(cls, start: datetime, end: datetime) -> "Window":
        """The whole hours in which the time between two moments lies; at least one."""
        first = _hour(start)
        last = _hour(end)
        return cls(first, max(last if last == end else last + HOUR, first + HOUR))


def narrowed(window: Window, pages: int) -> tuple[Window, ...]:
    """The parts to ask for instead of a window of which so many pages exist; they cover it and do not overlap.

    None where all its pages are shown, or where it cannot be made smaller.
    """
    if pages < NEARLY:
        return ()
    if _next_day(window.start) < window.end:
        return tuple(_cut(window, _next_day))
    if window.start + HOUR < window.end:
        return tuple(_cut(window, lambda at: at + HOUR))
    if window.region is None:
        return tuple(replace(window, region=province) for province in PROVINCES)
    return ()


def _cut(window: Window, following: Callable[[datetime], datetime]) -> Iterator[Window]:
    """Pieces of a window from one moment to the one that follows it, the newest first: it matters most."""
    starts = [window.start]
    while (after := following(starts[-1])) < window.end:
        starts.append(after)
    ends = [*starts[1:], window.end]
    return (replace(window, start=start, end=end) for start, end in reversed([*zip(starts, ends, strict=True)]))


def _hour(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)


def _next_day(at: datetime) -> datetime:
    return at.replace(hour=0) + DAY
