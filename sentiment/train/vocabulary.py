"""Which of the encoder's 250,000 pieces Chinese posts need, and the tokenizer that cuts them so."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sentiment.train.pretrained import Encoder

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
BEGIN, PAD, END, UNKNOWN = range(len(SPECIAL))
"""The numbers of these pieces, in the encoder and in what we make of it."""
KEPT = 16_000
"""Pieces that are kept: of 34 million in Weibo posts, comments and reviews these are 99.92 %."""
RARE = 3
"""A character that was seen so often stays a piece of its own, whatever longer pieces it stands in."""
AT_ONCE = 20_000


def tokenizer_of(pieces: Sequence[str], scores: Iterable[float]) -> Any:
    """A `tokenizers.Tokenizer` of these pieces (unigrams, as XLM-R has them)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: PLC0415 - late: an extra

    found = Tokenizer(models.Unigram([(p, float(s)) for p, s in zip(pieces, scores, strict=True)], unk_id=UNKNOWN))
    found.pre_tokenizer = pre_tokenizers.Metaspace()
    begin, end = SPECIAL[BEGIN], SPECIAL[END]
    found.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", pair=f"{begin} $A {end} $B {end}", special_tokens=[(begin, BEGIN), (end, END)]
    )
    return found


def needed(encoder: Encoder, texts: Iterable[str], kept: int = KEPT) -> list[int]:
    """The pieces to keep, by number: the special ones, the most frequent, then single characters."""
    whole = tokenizer_of(encoder.pieces, encoder.scores)
    pieces, characters = Counter[int](), Counter[str]()
    for page in _pages(texts):
        characters.update("".join(page))
        for found in whole.encode_batch(page, add_special_tokens=False):
            pieces.update(found.ids)
    chosen = [n for n, _ in pieces.most_common() if n >= len(SPECIAL)][: kept - len(SPECIAL)]
    number, have = {piece: n for n, piece in enumerate(encoder.pieces)}, set(chosen)
    alone = (number[char] for char, seen in characters.most_common() if seen >= RARE and char in number)
    return [*range(len(SPECIAL)), *chosen, *(n for n in alone if n not in have)]


def _pages(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while page := [text for text in islice(rest, AT_ONCE) if text]:
        yield page
