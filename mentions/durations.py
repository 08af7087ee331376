"""Durations as people write them: 90s, 5m, 2h, 1d, 2w, 3y, or 1h30m."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

UNITS = {
    "y": timedelta(days=365),
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
"""A year is 365 days."""
WHOLE = re.compile(r"(?:\d+(?:\.\d+)?[ywdhms])+")
PART = re.compile(r"(\d+(?:\.\d+)?)([ywdhms])")


def parse_duration(value: Any) -> timedelta:
    """Read "90s", "5m", "1h30m", "2d" or "3y"; ValueError says what is wrong. A timedelta passes through."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip().lower()
    if not WHOLE.fullmatch(text):
        raise ValueError(f"{value!r} is no duration: write 30s, 5m, 2h, 1d or 1h30m")
    try:
        return sum((UNITS[unit] * float(n) for n, unit in PART.findall(text)), timedelta())
    except OverflowError:
        raise ValueError(f"{value!r} is longer than anything lasts") from None


def format_duration(value: timedelta) -> str:
    """The shortest way to write it that `parse_duration` reads back, to the tenth of a second."""
    seconds = round(value.total_seconds(), 1)
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        whole, seconds = divmod(seconds, size)
        if whole:
            parts.append(f"{int(whole)}{unit}")
    if seconds or not parts:
        parts.append(f"{seconds:g}s")
    return "".join(parts)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration)]
"""A setting that holds a duration."""
