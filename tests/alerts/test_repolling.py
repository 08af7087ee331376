"""When a known post is looked at again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.repolling import Look, Reason, Schedule, danger, next_look
from mentions.types import Engagement, Reach, Severity
from tests.making import NOW, counts, minutes

PLAIN = Schedule()


def look(reposts: Sequence[int], gap: float = 10, schedule: Schedule = PLAIN, **more: object) -> Look:
    """The look after those at which a post of two hours showed these counts, `gap` minutes apart."""
    shown = [counts(at=NOW - minutes(gap * n), reposts=r) for n, r in enumerate(reversed(reposts))][::-1]
    told = {"now": NOW, "since": NOW - minutes(120), "schedule": schedule} | more
    return next_look(shown, **told)  # type: ignore[arg-type]


def pause(*reposts: int, **more: object) -> timedelta:
    due = look(reposts, **more).due  # type: ignore[arg-type]
    assert due is not None
    return due - NOW


def test_a_post_seen_once_is_looked_at_soon() -> None:
    assert look([7]) == Look(NOW + minutes(1), Reason.NEW, 1)


def test_a_post_of_which_nothing_is_counted_is_left_alone_ever_longer() -> None:
    """Its page shows no counts: no look adds a snapshot."""
    once = [counts(at=NOW, reposts=7)]
    told = [next_look(once, now=NOW + minutes(n), since=NOW, schedule=PLAIN).due for n in (1, 2, 4, 600)]
    assert told == [NOW + minutes(2), NOW + minutes(4), NOW + minutes(8), NOW + minutes(600) + PLAIN.calm]


def test_a_post_that_grows_fast_is_looked_at_every_minute() -> None:
    assert look([10, 200, 900], gap=1) == Look(NOW + minutes(1), Reason.GROWING, 1)


def test_the_pause_doubles_while_nothing_happens_and_ends_at_the_calm_one() -> None:
    assert pause(50, 50, 50, 50, gap=4) == minutes(8)
    assert look([50] * 4, gap=4).reason is Reason.CALMING
    assert pause(50, 50, 50, 50, gap=25) == PLAIN.calm


def test_a_wide_voice_is_never_left_alone_on_its_first_day() -> None:
    assert look([50, 50, 50, 50], gap=20, reach=Reach.BIG_V).due == NOW + PLAIN.big_v
    assert look([50, 50, 50, 50], gap=20, reach=Reach.BIG_V).reason is Reason.FLOOR
    old = {"since": NOW - timedelta(days=1), "schedule": replace(PLAIN, until=timedelta(days=3))}
    assert look([50, 50, 50, 50], gap=20, reach=Reach.BIG_V, **old).due == NOW + PLAIN.calm  # type: ignore[arg-type]


def test_a_count_that_fell_has_not_grown_and_may_grow_from_there() -> None:
    assert pause(900, 100, 100) == pause(900, 100, 90)
    assert pause(900, 100, 300) < pause(900, 100, 100)


def test_a_capped_count_says_nothing_of_growth() -> None:
    capped = [Engagement("weibo:1", NOW - minutes(n), 100_000, at_least=frozenset({"reposts"})) for n in (3, 0)]
    told = next_look(capped, now=NOW, since=NOW - minutes(120), schedule=PLAIN)
    assert (told.due, told.reason, told.danger) == (NOW + minutes(3), Reason.CAPPED, 1)


def test_another_count_tells_of_a_post_whose_first_is_capped() -> None:
    capped = [
        Engagement("weibo:1", NOW - minutes(n), 100_000, comments=c, at_least=frozenset({"reposts"}))
        for n, c in ((4, 10), (2, 400), (0, 4000))
    ]
    told = next_look(capped, now=NOW, since=NOW - minutes(120), schedule=PLAIN)
    assert (told.due, told.reason) == (NOW + minutes(1), Reason.GROWING)


def test_a_grave_post_is_looked_at_sooner_and_takes_its_turn_first() -> None:
    assert pause(50, 60, 70, severity=Severity.RED) < pause(50, 60, 70)
    ordered = [
        danger(Severity.RED, Reach.ORDINARY, Reason.CALMING),
        danger(Severity.ORANGE, Reach.BIG_V, Reason.GROWING),
        danger(None, Reach.BIG_V, Reason.FLOOR),
        danger(None, Reach.ORDINARY, Reason.GROWING),
        danger(None, Reach.ORDINARY, Reason.CALMING),
    ]
    assert ordered == sorted(ordered, reverse=True)
    assert len(set(ordered)) == len(ordered)


def test_the_last_look_is_at_the_end_and_none_is_after_it() -> None:
    ends = Schedule(until=minutes(150))
    assert look([50] * 5, gap=25, schedule=ends).due == NOW + minutes(30)
    assert look([50], schedule=Schedule(until=minutes(120))) == Look(None, Reason.OVER)


histories = st.lists(st.tuples(st.integers(1, 4000), st.integers(0, 10_000)), min_size=1, max_size=8)
lengths = st.integers(1, 5000).map(minutes)


def shown(history: list[tuple[int, int]]) -> list[Engagement]:
    at, listed = NOW, []
    for gap, value in reversed(history):
        listed.append(counts(at=at, reposts=value))
        at -= timedelta(seconds=gap)
    return listed[::-1]


@given(history=histories, age=lengths, every=lengths, until=lengths, reach=st.sampled_from(Reach))
def test_never_sooner_than_every_and_never_past_until(
    history: list[tuple[int, int]], age: timedelta, every: timedelta, until: timedelta, reach: Reach
) -> None:
    schedule = Schedule(every=every, until=until)
    told = next_look(shown(history), now=NOW, since=NOW - age, schedule=schedule, reach=reach)
    assert (told.due is None) == (told.reason is Reason.OVER)
    assert told.due is None or NOW + every <= told.due <= NOW - age + until


@given(history=histories, age=st.integers(1, 1300).map(minutes), more=st.integers(1, 5000))
def test_the_more_it_grew_the_sooner_it_is_looked_at(
    history: list[tuple[int, int]], age: timedelta, more: int
) -> None:
    slow = shown(history)
    fast = [*slow[:-1], replace(slow[-1], reposts=(slow[-1].reposts or 0) + more)]
    ordinary, sooner = (next_look(s, now=NOW, since=NOW - age, schedule=PLAIN).due for s in (slow, fast))
    assert ordinary is not None
    assert sooner is not None
    assert sooner <= ordinary


@pytest.mark.parametrize("shows", [[], [counts()], [counts(at=NOW - minutes(5)), counts()]])
def test_a_post_without_counts_is_looked_at_all_the_same(shows: list[Engagement]) -> None:
    due = next_look(shows, now=NOW, since=NOW - minutes(9), schedule=PLAIN).due
    assert due is not None
    assert NOW + minutes(1) <= due <= NOW + minutes(10)
