from array import array

import pytest

from tingfeng.sandbox.world import CACHED_SEARCHES, Account, Growth, Post, Recorded, Site, World

MEI = Account("1", "阿梅", followers=10)


def post(number: int, at: float, text: str = "星河", **more: str) -> Post:
    return Post(Site.WEIBO, str(number), at, MEI, text, **more)  # type: ignore[arg-type]


def test_growth_starts_at_nothing_never_falls_and_nears_its_total() -> None:
    counts = [Growth(4000, 600, 1.2).at(age) for age in range(-60, 36_000, 30)]
    assert counts[0] == counts[2] == 0
    assert counts == sorted(counts)
    assert 3990 <= counts[-1] <= 4000


def test_recorded_counts_are_the_events_so_far_times_the_share() -> None:
    events = array("l", [0, 5, 5, 90])
    assert [Recorded(events).at(age) for age in (-1, 0, 5, 89, 90)] == [0, 1, 3, 3, 4]
    assert Recorded(events, 0.5).at(90) == 2


def test_a_post_is_not_there_before_its_time() -> None:
    world = World([post(1, 10)])
    assert world.get(Site.WEIBO, "1", 9.9) is None
    assert world.get(Site.WEIBO, "1", 10) is not None
    assert world.search(Site.WEIBO, "星河", 9.9) == ([], 0)


def test_search_is_newest_first_and_paged() -> None:
    world = World([post(n, n) for n in range(25)])
    ids = [hit.id for offset in (0, 10, 20, 30) for hit in world.search(Site.WEIBO, "星河", 23, offset=offset)[0]]
    assert ids == [str(n) for n in range(23, -1, -1)]


def test_a_repost_is_found_by_its_origins_words() -> None:
    world = World([post(1, 0, "星河起火"), post(2, 5, "太可怕了", repost_of="1"), post(3, 6, "好天气")])
    assert [hit.id for hit in world.search(Site.WEIBO, "星河", 9)[0]] == ["2", "1"]


def test_remembered_searches_are_bounded() -> None:
    world = World([post(1, 0)])
    for n in range(CACHED_SEARCHES + 10):
        world.search(Site.WEIBO, str(n), 1)
    assert len(world._hits) == CACHED_SEARCHES


def test_the_same_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        World([post(1, 0), post(1, 5)])
