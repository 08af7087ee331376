"""One form of a row on both databases, and the sum of a table: what is compared after a move or a restore.

The form is the one that SQLite holds: times as `mentions.sql.rows.iso` writes them, yes and no as 1 and 0, JSON as
the text that was stored; text as every store accepts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from mentions.text import scrub

NUL = b"\\u0000"
"""How orjson writes what PostgreSQL refuses."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table holds, and the SHA-256 of them all in the order of their key, in hexadecimal."""

    rows: int
    sha256: str


def line(row: tuple[Any, ...]) -> bytes:
    """A row as it is hashed."""
    try:
        written = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # half of a surrogate pair
        return line(clean(row))
    return line(clean(row)) if NUL in written and any(isinstance(v, str) and "\0" in v for v in row) else written


def clean(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with its texts as every store accepts them."""
    return tuple(scrub(value) if isinstance(value, str) else value for value in row)


def summed(rows: Iterable[tuple[Any, ...]]) -> Sum:
    """Read all rows, one at a time."""
    hashed, count = sha256(), 0
    for row in rows:
        hashed.update(line(row))
        count += 1
    return Sum(count, hashed.hexdigest())
