"""Durations as people write them: 90s, 5m, 2h, 1d, or 1h30m."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
WHOLE = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+")
PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")


def parse_duration(value: Any) -> timedelta:
    """Read "90s", "5m", "1h30m" or "2d"; ValueError says what is wrong. A timedelta passes through."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip().lower()
    if not WHOLE.fullmatch(text):
        raise ValueError(f"{value!r} is no duration: write 30s, 5m, 2h, 1d or 1h30m")
    try:
        return sum((timedelta(**{UNITS[unit]: float(n)}) for n, unit in PART.findall(text)), timedelta())
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
