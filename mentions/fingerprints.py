"""Whether two posts say the same: a fingerprint of 64 bits that hardly differs where texts hardly differ.

SimHash: M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002. Near-duplicates by
it, found through blocks of which one must be equal: G. S. Manku, A. Jain, A. Das Sarma, "Detecting near-duplicates
for web crawling", WWW 2007.
"""

import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from mentions.text import LINK, NAME, REPOST_CHAIN, fold

BITS = 64
BLOCKS = 4
"""Equal parts of a fingerprint. Where at most 3 bits differ, at least one block is the same."""
BLOCK_BITS = BITS // BLOCKS
LONGEST = 20_000
"""Characters of a post that are looked at. Fewer than a lane can count."""
LEAST = 20
"""Different pairs of characters that a text must have to be told from others.

Of 546,313 Weibo posts without duplicates, cleaned texts of 12 to 20 characters were word for word somebody else's
in 1.6 to 5 of 100 cases (a topic, a headline, 「武汉加油」), longer ones in 0.3.
"""
ENOUGH, NEAR, NEARER = 40, 6, 3
"""From ENOUGH pairs on, texts whose fingerprints differ in NEAR bits are the same; shorter ones up to NEARER.

Of pairs of those posts at these distances, less than 1 of 100 had fewer than half of their pairs of characters in
common; at 7 and 8 bits, shorter texts reached 12 to 30.
"""
EMOJI_CODE = re.compile(r"\[[^\W\d_]{1,8}\]")
NOT_LETTERS = re.compile(r"[\W_]+")
LANES = struct.Struct(f"<{BITS}H")
SPREAD = [struct.pack("<8H", *(byte >> place & 1 for place in range(8))) for byte in range(256)]
"""The bits of each byte, each in a lane of 16 bits."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a text is known by. Another one is a near copy if it differs in at most `within` bits."""

    bits: int
    """Signed, as both databases hold 64 bits."""
    within: int


def letters(text: str) -> str:
    """What is left of a post when it is compared: its author's own letters and digits, folded.

    No addresses, @names, emoji, punctuation or blanks. Topics keep their words; what follows //@ is another's.
    """
    own = REPOST_CHAIN.split(fold(text[:LONGEST]), maxsplit=1)[0]
    return NOT_LETTERS.sub("", EMOJI_CODE.sub(" ", NAME.sub(" ", LINK.sub(" ", own))))


def fingerprint(text: str) -> Fingerprint | None:
    """The fingerprint of a post's text; None where it is too short to tell. About 0.2 ms.

    Each pair of neighbouring characters counts once: counted as often as they stand, the pairs of 哈哈哈哈哈哈
    outvote all else, and all who laugh for long have written the same.
    """
    kept = letters(text)
    pairs = {kept[place : place + 2] for place in range(len(kept) - 1)}
    if len(pairs) < LEAST:
        return None
    votes = LANES.unpack(sum(map(_lanes, pairs)).to_bytes(LANES.size, "little"))
    bits = sum(1 << place for place, for_it in enumerate(votes) if 2 * for_it > len(pairs))
    return Fingerprint(_signed(bits), NEAR if len(pairs) >= ENOUGH else NEARER)


@lru_cache(maxsize=1 << 14)
def _lanes(pair: str) -> int:
    """The bits of a pair's hash, each in a lane of 16 bits: adding such numbers counts all 64 votes at once."""
    hashed = blake2b(pair.encode(errors="replace"), digest_size=BITS // 8).digest()
    return int.from_bytes(b"".join([SPREAD[byte] for byte in hashed]), "little")


def _signed(bits: int) -> int:
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits


def distance(one: int, other: int) -> int:
    """In how many bits two fingerprints differ."""
    return ((one ^ other) & ((1 << BITS) - 1)).bit_count()


def blocks(bits: int) -> list[int]:
    """The four blocks of a fingerprint, the lowest first."""
    return [bits >> place & ((1 << BLOCK_BITS) - 1) for place in range(0, BITS, BLOCK_BITS)]
