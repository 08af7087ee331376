"""Which words of a text to look for elsewhere: a clause or two that hardly anybody writes, and nobody's data."""

import re
from collections.abc import Callable

from mentions.brands import stands_alone
from mentions.fingerprints import EMOJI_CODE
from mentions.text import LINK, NAME, REPOST_CHAIN, fold

SHORTEST, LONGEST = 6, 16
"""Characters of a phrase: a shorter one is anybody's, and what follows the 16th is often changed by who copies."""
MOST = 2
COMPARED = 5
"""Clauses, the longest ones, of which it is counted how common they are."""
PIECE = 4
"""Characters of what is counted: two could be chance, and more are hardly written twice."""
BETWEEN = re.compile(r"[^\w ]+|_+|\s{2,}")
"""Where a clause ends."""
PERSONAL = re.compile(
    r"\d{5,}|\d+ ?(?:号楼?|室|栋|单元|弄)|我叫|姓名|名叫|身份证|护照|手机号|微信号|住址|地址|家住"
)
"""What hints at whose the words are: numbers of a person, an address, a name. Such a clause is sent to no site."""


def phrases(text: str, common: Callable[[str], float]) -> list[str]:
    """One or two clauses of a text, the rarest first, then the longest; none where all are short or personal.

    `common` says how many known posts hold some characters. What follows //@ is somebody else's.
    """
    own = REPOST_CHAIN.split(fold(text), maxsplit=1)[0]
    for strange in (LINK, NAME, EMOJI_CODE):
        own = strange.sub("，", own)
    clauses = dict.fromkeys(_cut(clause.strip()) for clause in BETWEEN.split(own) if not PERSONAL.search(clause))
    longest = sorted((c for c in clauses if len(c) >= SHORTEST), key=len, reverse=True)[:COMPARED]
    return sorted(longest, key=lambda clause: _commonness(clause, common))[:MOST]


def _cut(clause: str) -> str:
    """Its first characters, without half a Latin word at their end."""
    end = min(len(clause), LONGEST)
    while end and not stands_alone(clause, 0, end):
        end -= 1
    return clause[:end].strip()


def _commonness(clause: str, common: Callable[[str], float]) -> float:
    """How many posts hold a piece of the clause, on average."""
    pieces = [clause[at : at + PIECE] for at in range(0, len(clause) - PIECE + 1, PIECE)]
    return sum(map(common, pieces)) / len(pieces)
