"""The two ids of a Weibo post: its number (mid), and the short one that links bear (bid, mblogid)."""

import re

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGIT = {char: value for value, char in enumerate(BASE62)}
SHORT, LONG = 4, 7
"""Each 7 digits of the number, from the right, are written as 4 base-62 characters."""
LEAST_DIGITS = 15
"""Of a post's number as m.weibo.cn has it (16 today)."""
NUMBER = re.compile(rf"\d{{{LEAST_DIGITS},20}}", re.ASCII)
BID = re.compile(r"[0-9A-Za-z]{8,12}")


def bid_of(mid: str) -> str:
    """4607741009594608 as K3fnuEfZK; ValueError for what is no number."""
    if not (mid.isascii() and mid.isdigit()):
        raise ValueError(f"{mid!r} is no number of a post")
    groups = []
    for end in range(len(mid), 0, -LONG):
        start = max(0, end - LONG)
        groups.append(_base62(int(mid[start:end])).rjust(SHORT if start else 1, "0"))
    return "".join(reversed(groups))


def mid_of(bid: str) -> str:
    """K3fnuEfZK as 4607741009594608; ValueError for what is no such id."""
    groups = []
    for end in range(len(bid), 0, -SHORT):
        value = 0
        for char in bid[max(0, end - SHORT) : end]:
            if char not in DIGIT:
                raise ValueError(f"{bid!r} is no short id of a post")
            value = value * len(BASE62) + DIGIT[char]
        if value >= 10**LONG:
            raise ValueError(f"{bid!r} is no short id of a post")
        groups.append(f"{value:0{LONG}d}")
    return "".join(reversed(groups)).lstrip("0")


def weibo_number(written: str) -> str | None:
    """Either id as the number that all Weibo sources use; None for anything else."""
    if NUMBER.fullmatch(written):
        return written
    try:
        return (mid_of(written) or None) if BID.fullmatch(written) else None
    except ValueError:
        return None


def _base62(number: int) -> str:
    written = ""
    while number:
        number, digit = divmod(number, len(BASE62))
        written = BASE62[digit] + written
    return written or "0"
