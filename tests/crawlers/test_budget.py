"""How many requests re-reading may take from a host."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawlers.conduct.budget import BURST, Budget
from mentions.runs import Owed
from tests.making import NOW

HALF = Budget(0.5, timedelta(seconds=2))
"""Fifteen requests a minute, and 75 at once."""


def test_a_rested_host_allows_what_five_minutes_share() -> None:
    assert HALF.left(None, NOW) == 75
    assert HALF.left(Owed(75, NOW - BURST), NOW) == 75


def test_what_was_asked_is_owed_until_the_host_has_rested() -> None:
    owed = HALF.after(None, 75, NOW)
    assert HALF.left(owed, NOW) == 0
    assert HALF.left(owed, NOW + timedelta(minutes=1)) == 15
    assert HALF.free_again(owed, NOW) == NOW + timedelta(seconds=4)


def test_a_small_share_of_a_slow_host_is_one_request_now_and_then() -> None:
    slow = Budget(0.1, timedelta(minutes=10))
    assert slow.left(None, NOW) == 1
    assert slow.free_again(slow.after(None, 1, NOW), NOW) == NOW + timedelta(minutes=100)


@given(st.lists(st.integers(0, 600), max_size=60), st.floats(0.05, 1), st.integers(1, 60))
def test_in_the_long_run_no_more_than_the_share_is_asked(pauses: list[int], share: float, delay: int) -> None:
    budget = Budget(share, timedelta(seconds=delay))
    owed, now, asked = None, NOW, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        asked += (taken := budget.left(owed, now))
        owed = budget.after(owed, taken, now)
    assert asked <= budget.at_once + sum(pauses) * share / delay + 1e-6


def test_a_clock_that_was_set_back_gives_nothing_away() -> None:
    assert HALF.left(Owed(75, NOW + timedelta(hours=1)), NOW) == 0
