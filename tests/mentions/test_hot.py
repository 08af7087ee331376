"""Entries of hot lists: which rows a look at a list writes, and what they say of a stay."""

from datetime import datetime
from typing import Any

from mentions.hot import Stay, last_stay
from mentions.life import Retention, Times
from mentions.store import Store
from mentions.tasks import JUDGE
from mentions.types import HotRank, Observation
from tests.making import NOW, mention, minutes


def entry(
    title: str, rank: int, at: datetime = NOW, *, listed: str = "weibo", brands: tuple[str, ...] = (), **more: Any
) -> Observation:
    post = mention(f"hot-{listed}:{title}", title, source="hot", brands=brands, published=None, first_seen=at)
    return Observation(post, hot=HotRank(post.id, at, rank, **more))


def rows(store: Store, mention_id: str) -> list[tuple[float, float | None, int, int | None, str]]:
    """Minutes since NOW at which each row began and ended, and what it says."""

    def passed(at: datetime) -> float:
        return (at - NOW).total_seconds() / 60

    listed = store.posts.hot([mention_id]).get(mention_id, [])
    return [(passed(h.at), None if h.until is None else passed(h.until), h.rank, h.heat, h.tag) for h in listed]


def test_an_entry_that_names_a_brand_has_a_row_for_every_change(store: Store) -> None:
    for n, (rank, heat, tag) in enumerate([(9, 100, "新"), (9, 100, "新"), (7, 100, "新"), (7, 300, "沸")]):
        at = NOW + minutes(n)
        store.posts.record([entry("星河起火", rank, at, brands=("星河",), heat=heat, tag=tag)])
    assert rows(store, "hot-weibo:星河起火") == [
        (0, 2, 9, 100, "新"),
        (2, 3, 7, 100, "新"),
        (3, None, 7, 300, "沸"),
    ]


def test_of_any_other_entry_only_a_better_rank_and_another_tag_are_kept(store: Store) -> None:
    for n, (rank, heat, tag) in enumerate(
        [(9, 100, ""), (9, 200, ""), (12, 90, ""), (3, 900, ""), (5, 800, "热")]
    ):
        store.posts.record([entry("某地降雪", rank, NOW + minutes(n), heat=heat, tag=tag)])
    assert [(rank, tag) for _, _, rank, _, tag in rows(store, "hot-weibo:某地降雪")] == [
        (9, ""),
        (3, ""),
        (5, "热"),
    ]


def test_what_a_list_no_longer_holds_has_left_it_and_other_lists_are_not_touched(store: Store) -> None:
    store.posts.record([entry("甲", 1), entry("乙", 2)])
    store.posts.record([entry("甲", 1, listed="zhihu")])
    store.posts.record([entry("乙", 1, NOW + minutes(3))])
    assert rows(store, "hot-weibo:甲") == [(0, 3, 1, None, "")]
    assert rows(store, "hot-zhihu:甲") == [(0, None, 1, None, "")]


def test_a_page_of_posts_ends_no_stay(store: Store) -> None:
    store.posts.record([entry("甲", 1)])
    store.posts.record([Observation(mention("weibo:1"))])
    assert rows(store, "hot-weibo:甲") == [(0, None, 1, None, "")]


def test_an_entry_that_comes_back_is_the_same_mention_in_another_stay(store: Store) -> None:
    store.posts.record([entry("甲", 1)])
    store.posts.record([entry("乙", 1, NOW + minutes(10))])
    recorded = store.posts.record([entry("甲", 8, NOW + minutes(100))])
    assert recorded.new == ()
    listed = store.posts.hot(["hot-weibo:甲"])["hot-weibo:甲"]
    stay = last_stay(listed, NOW + minutes(105))
    assert stay == Stay(NOW + minutes(100), None, minutes(5), 8, None, listed[-1])


def test_a_short_gap_is_one_stay_whose_time_leaves_the_gap_out() -> None:
    first = HotRank("x", NOW, 4, 10, until=NOW + minutes(5))
    second = HotRank("x", NOW + minutes(20), 9, None, until=NOW + minutes(30))
    stay = last_stay([first, second], NOW + minutes(99))
    assert stay == Stay(NOW, NOW + minutes(30), minutes(15), 4, 10, second)
    assert last_stay([], NOW) is None


def test_every_look_at_an_entry_that_names_a_brand_asks_the_rules_though_no_model_has_judged_it(
    store: Store,
) -> None:
    store.posts.record([entry("星河起火", 3, brands=("星河",)), entry("某地降雪", 1)])
    assert store.tasks.backlog(JUDGE).waiting == 1
    tasks = store.tasks.claim(JUDGE, owner="t", now=NOW, lease=minutes(1), limit=9)
    store.tasks.done(tasks, owner="t")
    store.posts.record([entry("星河起火", 3, NOW + minutes(1), brands=("星河",))])
    assert [t.mention_id for t in tasks] == ["hot-weibo:星河起火"]
    assert store.tasks.backlog(JUDGE).waiting == 1


def test_what_is_found_knows_where_it_stood_last(store: Store) -> None:
    store.posts.record([entry("甲", 2, heat=7)])
    store.posts.record([Observation(mention("weibo:1"))])
    found = store.posts.get(["hot-weibo:甲", "weibo:1"])
    assert found["hot-weibo:甲"].hot == HotRank("hot-weibo:甲", NOW, 2, 7)
    assert found["weibo:1"].hot is None


def test_a_headline_counts_as_nobody_s_opinion(store: Store) -> None:
    store.posts.record([entry("星河起火", 3, brands=("星河",))])
    store.posts.record([Observation(mention("weibo:1", published=None))])
    day = (NOW - minutes(720), NOW + minutes(720))
    assert [share.mentions for share in store.trends.shares(*day)] == [1]
    assert {h.platform for h in store.trends.hourly(*day)} == {"hot-weibo", "weibo"}


def test_retention_thins_ranks_as_it_thins_counts_and_takes_them_with_the_entry(store: Store) -> None:
    for n in range(3):
        store.posts.record([entry("甲", 9 - n, NOW + minutes(n))])
    later = NOW + minutes(60)
    assert store.life.retain(Retention(Times(engagement=minutes(30))), now=later).engagement == 2
    assert [rank for _, _, rank, _, _ in rows(store, "hot-weibo:甲")] == [7]
    assert store.life.retain(Retention(Times(mentions=minutes(30))), now=later).mentions == 1
    assert rows(store, "hot-weibo:甲") == []


def test_rows_of_months_long_past_have_their_place(store: Store) -> None:
    old = NOW.replace(year=2019)
    store.posts.record([entry("甲", 2, old)])
    store.posts.record([entry("甲", 1)])
    assert [rank for _, _, rank, _, _ in rows(store, "hot-weibo:甲")] == [2, 1]
