"""The order in which examples are seen, and their batches."""

import random
from collections import Counter

from sentiment.train.examples import Example
from sentiment.train.stream import LAST, READ, batches, padded, stream

EXAMPLES = [Example(source, f"{source} {n}", 0) for source in ("shop", "our comments") for n in range(50)]


def seen(total: int, seed: int = 1) -> list[Example]:
    return list(stream(EXAMPLES, total, random.Random(seed)))


def test_the_same_seed_gives_the_same_order() -> None:
    assert seen(200) == seen(200)
    assert seen(200) != seen(200, seed=2)


def test_a_source_is_gone_through_before_any_of_its_texts_comes_again() -> None:
    counted = Counter(example.text for example in seen(300) if example.source == "shop")
    assert max(counted.values()) - min(counted.values()) <= 1


def test_the_desks_own_labels_come_more_often_towards_the_end() -> None:
    order = [example.source in READ for example in seen(4_000)]
    begin, end = sum(order[:1_000]) / 1_000, sum(order[-1_000:]) / 1_000
    assert begin < end < LAST + 0.05


def test_no_batch_holds_more_tokens_than_asked_for_and_none_is_lost() -> None:
    chance = random.Random(3)
    found = [([1] * chance.randint(2, 60), EXAMPLES[0]) for _ in range(500)]
    made = batches(found, 600, chance)
    assert sum(map(len, made)) == 500
    assert all(max(len(row) for row, _ in batch) * len(batch) <= 600 for batch in made)


def test_rows_are_padded_to_the_longest_and_the_padding_is_masked() -> None:
    assert padded([[0, 5, 2], [0, 2]]) == ([[0, 5, 2], [0, 2, 1]], [[1, 1, 1], [1, 1, 0]])
