"""The table of count forms, and that nothing makes the reader fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.counts import LARGEST, LONGEST, NUMBER, Count, parse_count

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
    "12条评论": Count(12),
    "共12条": Count(12),
    "共 1,234 条评论": Count(1_234),
    "赞[12]": Count(12),
    "【3】": Count(3),
    "赞()": Count(0),
    "\u3000赞\xa012": Count(12),
    "点赞": Count(0),
    "评论数": Count(0),
    "点赞 1.2万": Count(12_000),
    "约10万": Count(100_000),
    "近10万": Count(100_000),
    "超过10万": Count(100_000, at_least=True),
    "逾 3 千万次播放": Count(30_000_000, at_least=True),
    "10余万": Count(100_000, at_least=True),
    "10万多": Count(100_000, at_least=True),
    "100多条": Count(100, at_least=True),
    "2.3M": Count(2_300_000),
    "1.2万人": Count(12_000),
    "1.2万人赞过": Count(12_000),
    "10万+阅读": Count(100_000, at_least=True),
    "10万次以上": Count(100_000, at_least=True),
    " 赞 （ 1.2 万 ） ": Count(12_000),
    f"赞{' ' * 5_000}28": Count(28),
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_form_is_read(text: str, expected: Count) -> None:
    assert parse_count(text) == expected


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (334_141, 334_141), (12.0, 12)])
def test_numbers_are_themselves(value: float, expected: int) -> None:
    assert parse_count(value) == Count(expected)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -1,
        "-1",
        "",
        "很多",
        "1.2.3",
        "12楼",
        "3天",
        "12/34",
        "共",
        "第3条",
        "评论已关闭",
        "5 1",
        "12 3",
        "1. 2",
        "5, 100",
        "5 回复 100 浏览",
        f"1{' ' * 5_000}x",
        f"{'(' * 5_000}1{')' * 5_000}x",
        f"{'9' * 5_000}万",
        [],
        {},
        float("nan"),
        2**64,
        "9" * 30,
    ],
)
def test_what_is_no_count_is_none(value: object) -> None:
    assert parse_count(value) is None


def test_no_part_of_the_form_matches_blanks() -> None:
    """Neighbours that all could would try every way of sharing a cell's blanks out: minutes for sixty of them."""
    assert NUMBER.fullmatch("1 ") is None
    assert NUMBER.fullmatch(" 1") is None
    assert NUMBER.fullmatch("1 万") is None


@pytest.mark.parametrize("sign", ["(", ")", ":", "：", "[", "】"])
def test_the_longest_cell_that_is_matched_is_refused_at_once(sign: str) -> None:
    assert parse_count(f"{sign * 18}1{sign * 20}x") is None
    assert parse_count(f"{sign * LONGEST}1") is None


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"[\d.,]{1,30}[万亿wk]?\+?"))
def test_nothing_makes_it_fail_and_both_databases_can_hold_it(value: object) -> None:
    found = parse_count(value)
    assert found is None or 0 <= found.value <= LARGEST
