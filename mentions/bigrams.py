"""Chinese for full-text indexes: each pair of neighbouring characters is a word, so that any word can be found.

An FTS5 table must be made with `tokenize="unicode61 categories 'L* N* Co So'"`. 小米手机 is indexed as
「小 小米 米手 手机 机」 and asked for as the phrase 「小米 米手 手机」. Trigrams cannot find a name of two
characters, and word segmenters lose 1 to 8 of 100 occurrences.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from mentions.text import REPLACEMENT, fold, fold_table

WIDE = re.compile(
    r"[々-〇〡-〩〱-〵〸-〼ぁ-ゖゝ-ゟァ-ヺー-ヿㄅ-ㄯㄱ-ㆎㆠ-ㆿㇰ-ㇿ㐀-\u4dbf一-\u9fff\ua960-\ua97f"
    r"가-\ud7ff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003fffd]"
)
"""Letters of scripts written without blanks: Han with every extension, kana, bopomofo, hangul."""
LETTER = "\x01"
"""Stands on both sides of a letter that is not wide; two of them side by side hold a word together."""
DIGIT = "\x02"
"""The same for the digits of a number."""
JOINS = "\x03"
"""Stands for a mark that may melt into the letter before it."""
NEW_EMOJI = range(0x1F000, 0x1FB00)
"""Symbols, also those that this Python's Unicode is too old to know."""


class IndexTable(dict[int, str]):
    """What each character becomes in the index, before `index_text` joins words.

    A wide character becomes itself, a blank and itself: side by side these make every bigram of their run,
    and its first and last character alone. One pass in C; a regex with joined slices took twice as long.
    """

    def __missing__(self, code: int) -> str:
        written = "".join(self._written(char) for char in fold_table()[code])
        self[code] = written
        return written

    def _written(self, char: str) -> str:
        category = unicodedata.category(char)
        if is_joining(char):
            return JOINS
        if is_wide(char):
            return f"{char} {char}"
        if category[0] == "L":
            return LETTER + char + LETTER
        if category[0] == "N":
            return DIGIT + char + DIGIT
        is_symbol = category == "So" or (category == "Cn" and ord(char) in NEW_EMOJI)
        return f" {char} " if is_symbol and char != REPLACEMENT else " "


def is_wide(char: str) -> bool:
    """Whether the character belongs to a script written without blanks."""
    return WIDE.match(char) is not None


def is_joining(char: str) -> bool:
    """Whether normalisation may melt this character into the one before it: marks, and the jamo of hangul."""
    return unicodedata.category(char)[0] == "M" or "\u1100" <= char <= "\u11ff"


@cache
def index_table() -> IndexTable:
    """The one table, filled as characters are met."""
    return IndexTable()


def index_text(text: str) -> str:
    """What to store in the FTS5 column for `text`: words between blanks, in the text's order.

    Runs of Chinese become bigrams between their first and last character. Latin words and numbers stand
    alone, also where they touch (Mate60 is 「mate 60」: people write it both ways). Each emoji is a word; all
    else is dropped. About 10 µs for 100 Chinese characters.
    """
    written = text.translate(index_table())
    if JOINS in written:
        written = fold(text).translate(index_table()).replace(JOINS, " ")
    # Most texts lack one or the other, and looking for a character is faster than replacing none.
    if LETTER in written:
        written = written.replace(LETTER + LETTER, "").replace(LETTER, " ")
    if DIGIT in written:
        written = written.replace(DIGIT + DIGIT, "").replace(DIGIT, " ")
    return written


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand side by side; with `prefix`, the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool = False


def phrases(text: str) -> list[Phrase]:
    """What to look for where an analyst typed `text`: all of them; none where nothing in it can be searched for.

    Words between blanks must all occur, each as a phrase. One Chinese character at the end of a word finds
    every text that contains it there; Latin words and numbers match whole.
    """
    found = (phrase(word) for word in fold(text).split())
    return [phrase for phrase in found if phrase.tokens]


def phrase(word: str) -> Phrase:
    """The phrase of one folded word; without tokens if it has no letter, number or symbol."""
    tokens = index_text(word).split()
    # The single characters at a run's ends are in the index only where a run ends; a word may stand mid-run.
    if tokens and is_wide(tokens[0]):
        del tokens[0]
    if tokens and is_wide(tokens[-1]):
        last = tokens.pop()
        if not tokens or (len(tokens[-1]) == 1 and is_wide(tokens[-1])):
            return Phrase(tuple(tokens or [last]), prefix=True)
    return Phrase(tuple(tokens))


def match_query(text: str) -> str:
    """The FTS5 MATCH expression for what an analyst typed; "" where nothing in it can be searched for."""
    return " ".join(f'"{" ".join(p.tokens)}"{" *" if p.prefix else ""}' for p in phrases(text))
