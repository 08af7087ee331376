"""That the benchmarks run and count what they say; never how fast."""

import subprocess
import sys

import pytest

from benchmarks import coverage
from benchmarks.posts import LONGEST, NAMES, SHORTEST, brands, weibo_posts
from benchmarks.results import Goal, Line, ratio_of
from mentions.brands import BrandMatcher
from mentions.coverage import Basis


@pytest.mark.parametrize(
    "name", ["crawl", "store", "copies", "dates", pytest.param("alert", marks=pytest.mark.soak)]
)
def test_it_runs_at_a_tenth_of_its_size(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--quick"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_posts_are_the_same_at_every_run_and_as_long_as_they_say() -> None:
    made = list(weibo_posts(20))
    assert [p.text for p in made] == [p.text for p in weibo_posts(20)]
    assert all(SHORTEST - 20 <= len(p.text) <= LONGEST for p in made)


def test_every_post_mentions_the_brand_that_it_was_made_for() -> None:
    matcher = BrandMatcher(brands())
    made = list(weibo_posts(5))
    assert all(NAMES[place // 5] in matcher.match(post.text) for place, post in enumerate(made))


def test_a_goal_is_met_on_its_good_side() -> None:
    assert [Goal(1.5, at_most=True).met(x) for x in (1.4, 1.5, 1.6)] == [True, True, False]
    assert Line("x", "", 0.7, goal=Goal(0.6, at_most=False)).verdict == "met"


def test_a_ratio_is_the_median_of_pairs() -> None:
    assert ratio_of("x", "", [2, 9, 3], [1, 3, 3]).figure == 2


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        ("random", {Basis.OVERLAP}),
        ("cap", {Basis.GAPS}),
        ("author", {Basis.AGREE}),
        ("time", {Basis.AGREE}),
        ("beside", {Basis.OTHER_SOURCE}),
    ],
)
def test_the_share_missed_is_near_the_truth_or_said_to_be_unknowable(kind: str, bases: set[Basis]) -> None:
    """The real crawl, eight looks, a fifth of the posts hidden."""
    _, case, _ = coverage.KINDS[kind]
    found = coverage.measure(case(0.2, 3), 8, 3)
    assert found.said.basis in bases
    assert (found.said.share is None) == (Basis.AGREE in bases)
    assert found.said.share is None or abs(found.error) < 5
