"""In which order the examples are seen, and how they become batches."""

import random
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sentiment.train.examples import Example
from sentiment.train.sources import EMOTICON
from sentiment.train.vocabulary import END, PAD

CORPORA: Mapping[str, float] = MappingProxyType(
    {
        "smp_usual": 0.25,
        "shop": 0.17,
        "weibo_senti": 0.10,
        "moods8": 0.09,
        "weibo2018": 0.09,
        "smp_virus": 0.07,
        "waimai": 0.06,
        "bdci_car": 0.06,
        "chnsenticorp": 0.05,
        "htl": 0.05,
        "clue_emotion": 0.03,
    }
)
"""How often each corpus is drawn from: about its size to the power of .6, Weibo more often than shops."""
READ: Mapping[str, float] = MappingProxyType(
    {"our comments": 0.5, "given comments": 0.2, "given posts": 0.1, "our posts": 0.1, "brands": 0.1}
)
"""The same for what was labelled by reading."""
FIRST, LAST = 0.20, 0.65
"""The share of these at the beginning and at the end: language first, then the desk's own."""
WITHOUT_EMOTICONS = 0.6
LONGEST = 144
"""Tokens of a text: of a Weibo post of 140 characters all."""
OF_A_BRAND = 12
"""Tokens that stay for the brand's name where the text before it has to be cut."""


def stream(examples: Sequence[Example], total: int, chance: random.Random) -> Iterator[Example]:
    """So many examples; each source is gone through in a new order whenever it is used up."""
    by_source: dict[str, list[Example]] = {}
    for example in examples:
        by_source.setdefault(example.source, []).append(example)
    corpora, of_ours = (
        {source: share for source, share in shares.items() if source in by_source} for shares in (CORPORA, READ)
    )
    left: dict[str, list[Example]] = {source: [] for source in by_source}
    for seen in range(total):
        read = chance.random() < FIRST + (LAST - FIRST) * seen / total
        shares = (corpora, of_ours)[read] or corpora or of_ours
        source = chance.choices(list(shares), list(shares.values()))[0]
        if not left[source]:
            left[source] = chance.sample(by_source[source], len(by_source[source]))
        yield left[source].pop()


def tokens(tokenizer: Any, example: Example, chance: random.Random | None = None) -> list[int]:
    """The numbers of an example's pieces; in training without emoticons where they may have given its label."""
    text = example.text
    if chance is not None and example.emoticons and chance.random() < WITHOUT_EMOTICONS:
        text = EMOTICON.sub("", text).strip() or text
    if example.brand is None:
        found: list[int] = tokenizer.encode(text).ids
        return found if len(found) <= LONGEST else [*found[: LONGEST - 1], END]
    found = tokenizer.encode(text, example.brand).ids
    return found if len(found) <= LONGEST else [*found[: LONGEST - OF_A_BRAND], *found[-OF_A_BRAND:]]


Batch = list[tuple[list[int], Example]]


def batches(found: Batch, most_tokens: int, chance: random.Random) -> list[Batch]:
    """Texts of like length together, in no order: padding is what costs."""
    made: list[Batch] = []
    for item in sorted(found, key=lambda item: len(item[0])):
        if not made or len(item[0]) * (len(made[-1]) + 1) > most_tokens:
            made.append([])
        made[-1].append(item)
    chance.shuffle(made)
    return made


def padded(rows: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[list[int]]]:
    """Numbers and mask, as long as the longest."""
    longest = max(map(len, rows))
    ids = [[*row, *[PAD] * (longest - len(row))] for row in rows]
    return ids, [[1] * len(row) + [0] * (longest - len(row)) for row in rows]
