"""The table of count forms, and that nothing makes the reader fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.counts import LARGEST, Count, parse_count

CASES = {
    "0": Count(0),
    "8": Count(8),
    "1,234": Count(1_234),
    "1.2万": Count(12_000),
    "1.2万+": Count(12_000, at_least=True),
    "145.5万": Count(1_455_000),
    "10万+": Count(100_000, at_least=True),
    "100万+": Count(1_000_000, at_least=True),
    "1.1亿": Count(110_000_000),
    "1.2w": Count(12_000),
    "3k": Count(3_000),
    "999+": Count(999, at_least=True),
    "转发": Count(0),
    "评论": Count(0),
    "赞": Count(0),
    "转发 28": Count(28),
    "赞(1.2万)": Count(12_000),
    "１２３": Count(123),
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_form_is_read(text: str, expected: Count) -> None:
    assert parse_count(text) == expected


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (334_141, 334_141), (12.0, 12)])
def test_numbers_are_themselves(value: float, expected: int) -> None:
    assert parse_count(value) == Count(expected)


@pytest.mark.parametrize(
    "value", [None, True, -1, "-1", "", "很多", "1.2.3", [], {}, float("nan"), 2**64, "9" * 30]
)
def test_what_is_no_count_is_none(value: object) -> None:
    assert parse_count(value) is None


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"[\d.,]{1,30}[万亿wk]?\+?"))
def test_nothing_makes_it_fail_and_both_databases_can_hold_it(value: object) -> None:
    found = parse_count(value)
    assert found is None or 0 <= found.value <= LARGEST
