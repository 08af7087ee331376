"""The words of a post as the index holds them."""

from itertools import accumulate

from mentions.sql.pages import words
from mentions.types import Mention

MOST_INDEXED = 1_000_000
"""Bytes of different words in one post's index entry: a tsvector holds 1 MB. More than 160,000 different pairs of
characters; what stands behind them is stored, and not found."""
BYTES_OF_A_CHARACTER = 4
LONGEST_WORD = 500
"""Characters of a Latin word that are indexed: PostgreSQL takes 2,046 bytes."""


def indexed(mention: Mention) -> str:
    """What the index holds of a new post."""
    return cut(words(mention.title, mention.text))


def cut(written: str) -> str:
    """Words with one blank between them, up to where there are too many different ones for an index entry."""
    tokens = written.split()
    if len(written) > LONGEST_WORD < max(map(len, tokens), default=0):
        tokens = [token[:LONGEST_WORD] for token in tokens]
    if len(written) * BYTES_OF_A_CHARACTER > MOST_INDEXED:
        different: dict[str, int] = {}
        for place, token in enumerate(tokens):
            different.setdefault(token, place)
        sizes = accumulate(len(token.encode()) for token in different)
        beyond = next(
            (place for place, size in zip(different.values(), sizes, strict=True) if size > MOST_INDEXED), None
        )
        tokens = tokens[:beyond]
    return " ".join(tokens)
