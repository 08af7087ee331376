"""Sizes of files as people write them: 200MB, 1.5 GB, 0."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?b)")


def parse_size(value: Any) -> int:
    """Read "200MB" or "1.5 GB" as bytes; 0 needs no unit. ValueError says what is wrong. An int passes through."""
    if isinstance(value, int):
        return value
    text = str(value).strip().lower()
    if text == "0":
        return 0
    read = WRITTEN.fullmatch(text)
    if read is None:
        raise ValueError(f"{value!r} is no size: write 500KB, 200MB, 1.5GB or 0")
    return round(float(read[1]) * UNITS[read[2]])


def format_size(value: int) -> str:
    """A readable form, which `parse_size` reads back to three digits or more."""
    for unit in ("tb", "gb", "mb", "kb"):
        if value >= UNITS[unit]:
            return f"{value / UNITS[unit]:.4g}{unit.upper()}"
    return f"{value}B" if value else "0"


Size = Annotated[int, BeforeValidator(parse_size), PlainSerializer(format_size)]
"""A setting that holds a size in bytes."""
