"""What overlaps of looks say of the posts that none of them showed, and what they cannot say."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from mentions.coverage import Basis, Coverage, estimate, wilson
from mentions.windows import Seen, falling_run, middle
from tests.making import NOW, minutes

Hides = Callable[[int, int], bool]
"""Whether a post is hidden from a look."""


def looks(hides: Hides, count: int = 4, posts: int = 200, depth: int = 1000, *, cut: bool = False) -> list[Seen]:
    """Looks ten minutes apart at a list with a post every half minute."""
    made = []
    for number in range(count):
        at = NOW + minutes(10 * number)
        there = [(n, NOW + minutes(10 * (count - 1)) - timedelta(seconds=30 * n)) for n in range(posts)]
        shown = [(n, time) for n, time in there if time <= at and not hides(n, number)]
        made.append(Seen(at, dict(shown[:depth]), cut=cut))
    return made


def at_random(share: float, seed: int = 1) -> Hides:
    def hides(post: int, look: int) -> bool:
        return Random(f"{seed} {post} {look}").random() < share

    return hides


def percent(found: Coverage) -> tuple[float, float, float]:
    assert found.share is not None
    assert found.low is not None
    assert found.high is not None
    return 100 * found.share, 100 * found.low, 100 * found.high


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("count", [2, 4])
def test_what_is_hidden_at_random_is_estimated(share: float, count: int) -> None:
    made = looks(at_random(share), count)
    found = estimate(made)
    seen = {n for look in made for n in look.posts}
    truth = 100 * (1 - len(seen) / (max(seen) + 1))
    said, low, high = percent(found)
    assert found.basis is Basis.OVERLAP
    assert abs(said - truth) < 5
    assert low <= truth <= high
    assert found.one_look == pytest.approx(share, abs=0.05)


def test_two_looks_at_the_same_posts_are_chapmans() -> None:
    """n1 = 60 and n2 = 70 of which m = 40: (61 * 71) / 41 - 1 = 104.6 posts."""
    times = {n: NOW - minutes(10 + n) for n in range(90)}
    first = {n: times[n] for n in range(90) if n < 60} | {89: NOW - minutes(200)}
    second = {n: times[n] for n in range(90) if n >= 20} | {89: NOW - minutes(200)}
    said = estimate([Seen(NOW, first), Seen(NOW + minutes(1), second)]).share
    assert said is not None
    assert 89 / (1 - said) == pytest.approx((60 * 70) / 41 - 1, abs=2)


def test_posts_hidden_from_every_look_alike_cannot_be_known() -> None:
    by_author: Hides = lambda post, _: post % 3 == 0  # noqa: E731 - a wall
    found = estimate(looks(by_author))
    assert (found.basis, found.share, found.one_look) == (Basis.AGREE, None, 0.0)


def test_a_second_list_shows_what_a_wall_hides() -> None:
    by_author: Hides = lambda post, _: post % 4 == 0  # noqa: E731 - a wall
    beside = {n: NOW + minutes(30) - timedelta(seconds=30 * n) for n in range(100)}
    found = estimate(looks(by_author), beside)
    assert found.basis is Basis.OTHER_SOURCE
    assert percent(found)[0] == pytest.approx(25, abs=1)


def test_a_second_list_that_agrees_proves_nothing() -> None:
    nothing: Hides = lambda _, __: False  # noqa: E731 - no wall
    beside = {n: NOW + minutes(30) - timedelta(seconds=30 * n) for n in range(100)}
    assert estimate(looks(nothing), beside).basis is Basis.AGREE


def test_posts_that_are_hidden_far_more_often_than_others_make_it_a_lower_bound() -> None:
    anew = at_random(0.8)
    found = estimate(looks(lambda post, look: post % 2 == 0 and anew(post, look)))
    assert found.basis is Basis.UNEVEN
    assert found.share is not None
    assert found.share > 0


def test_what_a_cap_cuts_off_is_estimated_from_its_gaps() -> None:
    """Each look reaches back over 15 of the 20 posts since the last one."""
    found = estimate(looks(lambda _, __: False, count=8, posts=400, depth=15, cut=True))
    assert found.basis is Basis.GAPS
    assert percent(found)[0] == pytest.approx(25, abs=5)
    assert found.gaps == pytest.approx(minutes(7 * 3), abs=minutes(1))


def test_a_list_that_ends_by_itself_has_no_gap() -> None:
    first, second = Seen(NOW, {}), Seen(NOW + minutes(60), {1: NOW + minutes(50), 2: NOW + minutes(40)})
    assert estimate([first, second]).gaps == timedelta()


def test_a_feed_of_fixed_length_that_turned_over_has_one() -> None:
    first = Seen(NOW, {n: NOW - minutes(n + 1) for n in range(20)})
    second = Seen(NOW + minutes(60), {100 + n: NOW + minutes(59 - n) for n in range(20)})
    found = estimate([first, second])
    assert (found.basis, found.gaps) == (Basis.GAPS, minutes(40))


def test_too_few_posts_say_nothing() -> None:
    assert estimate([]).basis is Basis.TOO_FEW
    assert estimate([Seen(NOW, {1: NOW, 2: NOW - minutes(1)})]).basis is Basis.TOO_FEW


def test_a_list_by_popularity_says_nothing() -> None:
    chance = Random(5)
    hot = {n: NOW - minutes(chance.randrange(10_000)) for n in range(40)}
    assert estimate([Seen(NOW, hot), Seen(NOW + minutes(5), hot)]).basis is Basis.UNORDERED


def test_a_post_pinned_on_top_is_no_reach() -> None:
    times = [NOW - minutes(9_000), NOW, NOW - minutes(1), NOW - minutes(1), NOW - minutes(5)]
    assert falling_run(times) == [1, 2, 3, 4]


def test_one_look_that_showed_all_that_the_other_did_says_nothing() -> None:
    whole = {n: NOW - minutes(n + 5) for n in range(60)}
    part = {n: time for n, time in whole.items() if n % 3}
    found = estimate([Seen(NOW, part), Seen(NOW + minutes(1), whole)])
    assert found.share is None or found.share > 0


def test_an_age_in_minutes_is_taken_for_its_middle() -> None:
    assert middle(NOW - minutes(3), NOW) == NOW - minutes(3.5)
    assert middle(NOW - minutes(120), NOW) == NOW - minutes(150)
    assert middle(NOW - timedelta(seconds=61), NOW) == NOW - timedelta(seconds=61)
    assert middle(NOW, NOW) == NOW


def test_wilsons_interval_holds_the_share() -> None:
    share, low, high = wilson(5, 50)
    assert (share, round(low, 3), round(high, 3)) == (0.1, 0.043, 0.214)
