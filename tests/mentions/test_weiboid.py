"""A post has one number, however its id is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.weiboid import bid_of, mid_of, weibo_number

PAIRS = {"4607741009594608": "K3fnuEfZK", "4645748019299849": "Kjc77D1jz", "5277908253018454": "QwGKtcFeK"}
"""Seen on the site: the last one in a search card, with its mid and its link."""


@pytest.mark.parametrize(("mid", "bid"), PAIRS.items())
def test_the_ids_are_those_of_the_site(mid: str, bid: str) -> None:
    assert (bid_of(mid), mid_of(bid)) == (bid, mid)
    assert weibo_number(mid) == weibo_number(bid) == mid


@given(st.integers(1, 10**20))
def test_every_number_comes_back(number: int) -> None:
    assert mid_of(bid_of(str(number))) == str(number)


@pytest.mark.parametrize("mid", ["4600000000000001", "4600000010000000", "10000000", "1"])
def test_zeros_inside_a_number_are_kept(mid: str) -> None:
    assert mid_of(bid_of(mid)) == mid


@pytest.mark.parametrize("written", ["", "登录", "K3fnuEfZ-", "ZZZZZZZZZ", "123", "0" * 9, "K3fnuEfZKxxxxxxx"])
def test_what_is_no_id_has_no_number(written: str) -> None:
    assert weibo_number(written) is None


@pytest.mark.parametrize("written", ["ZZZZ", "a-b"])
def test_what_cannot_be_a_short_id_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no short id"):
        mid_of(written)
    with pytest.raises(ValueError, match="no number"):
        bid_of(written)
