"""Counts as sites write them: 1,234, 1.2万, 10万+, 1.1亿, or the bare word 转发 for zero."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mentions.types import Engagement

LARGEST = 2**63 - 1
"""What both databases can hold."""
UNITS = {
    "": 1,
    **dict.fromkeys(("千", "k"), 1_000),
    **dict.fromkeys(("万", "w"), 10_000),
    **dict.fromkeys(("百万", "m"), 1_000_000),
    "千万": 10_000_000,
    "亿": 100_000_000,
    "b": 1_000_000_000,
}
WORDS_FOR_NONE = (
    "点赞",
    "喜欢",
    "转发",
    "转赞",
    "评论",
    "赞",
    "回复",
    "收藏",
    "分享",
    "阅读",
    "浏览",
    "播放",
    "弹幕",
)
"""What a button says that nobody has pressed."""
_WORDS = rf"(?:{'|'.join(WORDS_FOR_NONE)})数?"
_AROUND = r"[()（）:：\[\]【】]*"
NUMBER = re.compile(
    rf"{_AROUND}(?:{_WORDS}{_AROUND})?(?:(?:共有?|总共|累计|已有|全部|查看){_AROUND})?"
    r"(?P<over>超过?|逾|不止)?(?:大?约|近)?"
    r"(?P<n>\d{1,19}(?:\.\d{1,6})?)(?P<odd>[余多])?(?P<unit>百万|千万|[千k万wm亿b])?"
    r"(?P<plus>\+|以上|[余多])?[条个人次篇位票则]?(?P<plus_after>\+|以上)?"
    rf"{_AROUND}的?(?:{_WORDS})?过?{_AROUND}",
    re.IGNORECASE | re.ASCII,
)
LONGEST = 40
"""Characters without blanks. What is longer is no count, and is not worth matching."""
TWO_NUMBERS = re.compile(r"[\d.,]\s+[\d.,]")
"""Without the blank between them they would be one."""
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋", "0123456789.,+")


@dataclass(frozen=True, slots=True)
class Count:
    """How many. `at_least`: the site showed it capped (「10万+」), so it is a lower bound."""

    value: int
    at_least: bool = False


def engagement_of(mention_id: str, at: datetime, counts: Mapping[str, Count]) -> Engagement:
    """The snapshot of such counts, by the names that `Engagement` has for them."""
    return Engagement(
        mention_id,
        at,
        **{name: count.value for name, count in counts.items()},
        at_least=frozenset(name for name, count in counts.items() if count.at_least),
    )


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
    written = text.translate(FULL_WIDTH)
    cleaned = "".join(written.split()).replace(",", "")
    if len(cleaned) > LONGEST or TWO_NUMBERS.search(written):
        return None
    if cleaned.strip("()（）:：[]【】").removesuffix("数") in WORDS_FOR_NONE:
        return Count(0)
    match = NUMBER.fullmatch(cleaned)
    if match is None:
        return None
    number, unit = match["n"], (match["unit"] or "").lower()
    at_least = any(match[sign] for sign in ("over", "odd", "plus", "plus_after"))
    if not unit and "." not in number:
        found = _int(int(number))
        return Count(found.value, at_least) if found else None
    return _within(float(number) * UNITS[unit], at_least=at_least)
