"""Counts as sites write them: 1,234, 1.2万, 10万+, 1.1亿, or the bare word 转发 for zero."""

import math
import re
from dataclasses import dataclass

LARGEST = 2**63 - 1
"""What both databases can hold."""
UNITS = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "百万": 1_000_000, "亿": 100_000_000}
NUMBER = re.compile(
    r"(?P<n>\d{1,19}(?:\.\d{1,6})?)\s*(?P<unit>百万|[千k万w亿])?\s*(?P<plus>\+|以上)?",
    re.IGNORECASE | re.ASCII,
)
WORDS_FOR_NONE = ("转发", "评论", "赞", "回复", "收藏", "分享", "阅读")
"""What a button says that nobody has pressed."""
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋", "0123456789.,+")


@dataclass(frozen=True, slots=True)
class Count:
    """How many. `at_least`: the site showed it capped (「10万+」), so it is a lower bound."""

    value: int
    at_least: bool = False


def parse_count(value: object) -> Count | None:
    """Read a count; None where the value is none (missing, negative, or not a number that we know)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _within(float(value), at_least=False) if isinstance(value, float) else _int(value)
    return _text(value) if isinstance(value, str) else None


def _int(value: int) -> Count | None:
    return Count(value) if 0 <= value <= LARGEST else None


def _within(value: float, *, at_least: bool) -> Count | None:
    return Count(round(value), at_least) if math.isfinite(value) and 0 <= value < LARGEST else None


def _text(text: str) -> Count | None:
    cleaned = text.translate(FULL_WIDTH).replace(",", "").strip()
    if cleaned.startswith("-"):
        return None
    word = next((w for w in WORDS_FOR_NONE if cleaned.startswith(w)), "")
    rest = cleaned.removeprefix(word).strip(" \t\u3000\xa0()（）:：")
    if word and not rest:
        return Count(0)
    match = NUMBER.fullmatch(rest)
    if match is None:
        return None
    number, unit = match["n"], (match["unit"] or "").lower()
    if not unit and "." not in number:
        found = _int(int(number))
        return Count(found.value, match["plus"] is not None) if found else None
    return _within(float(number) * UNITS[unit], at_least=match["plus"] is not None)
