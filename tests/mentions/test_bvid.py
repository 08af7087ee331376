"""Bilibili's two names of a video."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.bvid import LARGEST, aid, bvid

PAIRS = {170001: "BV17x411w7KC", 2: "BV1xx411c7mD", 1852734060: "BV1Jp421y72e"}


@pytest.mark.parametrize("number", PAIRS)
def test_names_that_the_site_gave_are_worked_out(number: int) -> None:
    assert bvid(number) == PAIRS[number]
    assert aid(PAIRS[number]) == number


@given(st.integers(1, LARGEST - 1))
def test_a_number_comes_back_from_its_name(number: int) -> None:
    name = bvid(number)
    assert name is not None
    assert aid(name) == number


@given(st.text(max_size=14))
def test_what_is_no_name_has_no_number(name: str) -> None:
    assert aid(name) is None
    assert aid(f"BV1{name}") is None or bvid(aid(f"BV1{name}") or 0) == f"BV1{name}"


@pytest.mark.parametrize("number", [0, -1, LARGEST])
def test_what_is_no_number_has_no_name(number: int) -> None:
    assert bvid(number) is None
