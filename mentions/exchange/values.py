"""Cells as values: every function gives None for "the file does not say" and raises BadRow for nonsense."""

import re
from datetime import datetime, tzinfo
from typing import Any

from mentions.counts import Count, parse_count
from mentions.exchange.failures import BadRow
from mentions.exchange.times import EARLIEST, is_null_date, parse_moment

NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "未知", "null", "none", "nan", "n/a", "#n/a"})
"""How exports write that they do not know."""
LONGEST_NOTHING = 16
"""With white space around it."""
YES = frozenset({"true", "1", "1.0", "yes", "y", "是", "已认证"})
NO = frozenset({"false", "0", "0.0", "no", "n", "否", "未认证"})
PLAIN_DIGITS = 15
BELOW_ZERO = re.compile(r"[-－]\s?\d")
SHOWN = 60


def is_nothing(value: Any) -> bool:
    """Whether a cell says nothing."""
    if not isinstance(value, str):
        return value is None
    return (len(value) <= LONGEST_NOTHING and value.strip().casefold() in NOTHING) or value.isspace()


def shown(value: Any) -> str:
    """A cell in a sentence."""
    text = str(value)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def text_of(value: Any, name: str) -> str:
    """A cell that is read as it stands."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        raise BadRow("{field}: {value} is no text", field=name, value=shown(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def count_of(value: Any, name: str) -> Count | None:
    """A count as sites and exports write it; a negative one is how some say that they do not know."""
    if isinstance(value, str) and len(value) <= PLAIN_DIGITS and value.isdecimal():
        return Count(int(value))
    if is_nothing(value):
        return None
    below_zero = (
        BELOW_ZERO.match(value.strip()) if isinstance(value, str) else isinstance(value, int | float) and value < 0
    )
    if below_zero:
        return None
    found = parse_count(value)
    if found is None:
        raise BadRow("{field}: {value} is no count", field=name, value=shown(value))
    return found


def whole_of(value: Any, name: str) -> int | None:
    """A whole number, which may be negative."""
    if is_nothing(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadRow("{field}: {value} is no number", field=name, value=shown(value)) from None
    if not number.is_integer() or abs(number) >= 2**31 or isinstance(value, bool):
        raise BadRow("{field}: {value} is no whole number", field=name, value=shown(value))
    return int(number)


def flag_of(value: Any, name: str) -> bool | None:
    """Yes or no."""
    if is_nothing(value):
        return None
    text = str(value).strip().casefold()
    if text in YES or text in NO:
        return text in YES
    raise BadRow("{field}: {value} is neither yes nor no", field=name, value=shown(value))


def moment_of(value: Any, name: str, zone: tzinfo, formats: list[str], latest: datetime) -> datetime | None:
    """A time; one before EARLIEST or after `latest` is taken for a mistake, a null date for "not known"."""
    if is_nothing(value) or is_null_date(value):
        return None
    found = parse_moment(value, zone, formats)
    if found is None:
        raise BadRow("{field}: {value} is no time that can be read", field=name, value=shown(value))
    if found < EARLIEST:
        raise BadRow("{field}: {value} lies before {year}", field=name, value=shown(value), year=EARLIEST.year)
    if found > latest:
        raise BadRow("{field}: {value} lies in the future", field=name, value=shown(value))
    return found


def names_of(value: Any, name: str) -> tuple[str, ...]:
    """Several names: a list, or one cell with | between them."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.split("|")
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise BadRow("{field}: {value} is no list of names", field=name, value=shown(value))
    return tuple(dict.fromkeys(part.strip() for part in value if part.strip()))
