"""The two names of a video of Bilibili, BV1Jp421y72e and av1852734060: each can be worked out from the other."""

import re

ALPHABET = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
PLACES = (8, 7, 0, 5, 1, 3, 2, 4, 6)
"""Where the digits of base 58 stand in a name, the least one first."""
PREFIX = "BV1"
MASK = 23_442_827_791_579
LARGEST = 1 << 51
NAME = re.compile(r"BV1[1-9A-HJ-NP-Za-km-z]{9}")


def bvid(aid: int) -> str | None:
    """The name of a video by its number; None where there can be no such number."""
    if not 0 < aid < LARGEST:
        return None
    left = (LARGEST | aid) ^ MASK
    digits = [""] * len(PLACES)
    for at in PLACES:
        left, digit = divmod(left, len(ALPHABET))
        digits[at] = ALPHABET[digit]
    return PREFIX + "".join(digits)


def aid(name: str) -> int | None:
    """The number of a video by its name; None where it is none."""
    if not NAME.fullmatch(name):
        return None
    number = 0
    for at in reversed(PLACES):
        number = number * len(ALPHABET) + ALPHABET.index(name[len(PREFIX) + at])
    found = (number & (LARGEST - 1)) ^ MASK
    return found if bvid(found) == name else None
