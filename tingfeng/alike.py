"""Posts of the store that say nearly the same as a text: found by its rarest pieces, judged by shared bigrams."""

from collections.abc import Iterator

from mentions.posts import Search
from mentions.store import Store
from mentions.text import fold
from mentions.types import Mention

PIECE = 4
"""Characters of a piece: two bigrams could be chance."""
TRIED = 12
"""Pieces, spread over the text, that are counted; the rarest of them are looked up."""
LOOKED_UP = 3
HITS = 50
"""Posts that are compared for each piece."""
ALIKE = 0.6
"""Share of bigrams that two texts have in common, from which one is taken for a copy of the other."""


def copies_of(store: Store, mention: Mention) -> dict[str, float]:
    """The posts that say nearly the same, and how near."""
    own = bigrams(mention.text)
    counted = [(store.posts.count(Search(text=piece)), piece) for piece in pieces(mention.text)]
    rarest = [piece for hits, piece in sorted(counted) if hits][:LOOKED_UP]
    found = {
        hit.mention.id: likeness(own, bigrams(hit.mention.text))
        for piece in rarest
        for hit in store.posts.search(Search(text=piece, limit=HITS))
        if hit.mention.id != mention.id
    }
    return {mention_id: share for mention_id, share in sorted(found.items()) if share >= ALIKE}


def pieces(text: str) -> Iterator[str]:
    """Pieces of the text, evenly spread."""
    whole = _letters(text)
    places = max(0, len(whole) - PIECE + 1)
    step = max(1, places // TRIED)
    yield from dict.fromkeys(whole[at : at + PIECE] for at in range(0, places, step))


def bigrams(text: str) -> frozenset[str]:
    """Its pairs of neighbouring letters."""
    whole = _letters(text)
    return frozenset(whole[at : at + 2] for at in range(len(whole) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """What two sets share of all that is in them."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())
