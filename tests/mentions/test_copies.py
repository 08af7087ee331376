"""What was said again: linked to its origin, counted once, on both databases."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from mentions.authenticity import Authenticity, Peer, Reason, Signal
from mentions.copies import Kin
from mentions.erasures import Erasure
from mentions.fingerprints import blocks, fingerprint
from mentions.life import Retention, Times
from mentions.posts import Search
from mentions.sql.copies import LOOKUP
from mentions.store import Store
from mentions.types import Author, Mention
from tests.making import NOW, mention, minutes, seen

POST = (
    "我的星河手机用了不到三个月，充电的时候烫得不敢拿，昨天晚上电池鼓起来把后盖都顶开了！打了四个电话客服都说让我等通知，"
    "售后说要自己承担运费，官网的退款到现在也没有到账，希望能给一个说法。"
)
OTHER = (
    "星河手机的屏幕又碎了，去门店问了三次都说没有配件，让我再等两个星期，"
    "这样的服务态度真的是第一次遇到，再也不会买了。"
)
DAY = timedelta(days=1)


def post(mention_id: str, after: float = 0, text: str = POST, **more: Any) -> Mention:
    """A post some minutes after the first, by somebody of its own."""
    platform, _, number = mention_id.partition(":")
    author = Author(platform, f"9{number}", f"某人{number}", followers=200)
    at = NOW + minutes(after)
    return mention(mention_id, text, **({"published": at, "first_seen": at, "author": author} | more))


def link(store: Store, *posts: Mention) -> set[str]:
    """Store posts and look for copies of them, together."""
    store.posts.record([seen(p, p.first_seen) for p in posts])
    return store.copies.link(posts, NOW)


def origins(store: Store) -> dict[str, str]:
    """What each copy or repost is linked to."""
    listed = store.database.rows(  # type: ignore[attr-defined]
        "SELECT m.id, o.id AS origin FROM fingerprint f JOIN mention m ON m.n = f.mention "
        "JOIN mention o ON o.n = f.origin"
    )
    return {row["id"]: row["origin"] for row in listed}


def counted(store: Store) -> tuple[int, int]:
    """Originals and all, by the roll-ups, which agree with the posts."""
    hours = store.trends.hourly(NOW - DAY, NOW + 3 * DAY)
    once, often = (store.trends.shares(NOW - DAY, NOW + 3 * DAY, copies=copies) for copies in (False, True))
    assert store.trends.rebuild() == 0
    originals, every = sum(s.mentions for s in once), sum(s.mentions for s in often)
    assert (originals, every) == (sum(h.mentions for h in hours if h.original), sum(h.mentions for h in hours))
    assert originals == store.posts.count(Search(brand="星河", originals=True))
    return originals, every


def test_a_copy_on_any_platform_is_linked_to_the_earliest(store: Store) -> None:
    touched = link(store, post("weibo:1"), post("v2ex:2", 5, "转：" + POST), post("discuz:3", 9, text=OTHER))
    assert touched == {"weibo:1"}
    assert origins(store) == {"v2ex:2": "weibo:1"}
    assert counted(store) == (2, 3)


def test_linking_again_changes_nothing(store: Store) -> None:
    posts = [post("weibo:1"), post("weibo:2", 5)]
    link(store, *posts)
    assert store.copies.link(posts, NOW + DAY) == set()
    assert origins(store) == {"weibo:2": "weibo:1"}


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5], ids=str)
def test_whatever_comes_first_the_earliest_is_the_origin_of_all(store: Store, order: tuple[int, ...]) -> None:
    posts = [
        post("weibo:0"),
        post("v2ex:1", 5),
        post("weibo:2", 9, "转发微博", repost_of="weibo:0"),
        post("weibo:3", 7, "看看", repost_of="weibo:0"),
    ]
    for place in order:
        link(store, posts[place])
    assert origins(store) == {"v2ex:1": "weibo:0", "weibo:2": "weibo:0", "weibo:3": "weibo:0"}
    assert counted(store) == (1, 4)


def test_a_repost_of_a_copy_leads_to_the_origin(store: Store) -> None:
    link(store, post("v2ex:1"), post("weibo:2", 5), post("weibo:3", 6, "转发微博", repost_of="weibo:2"))
    assert origins(store) == {"weibo:2": "v2ex:1", "weibo:3": "v2ex:1"}


def test_of_reposts_whose_origin_is_not_stored_one_is_counted(store: Store) -> None:
    link(store, *(post(f"weibo:{n}", n, "转发微博", repost_of="weibo:gone") for n in (1, 2, 3)))
    assert origins(store) == {"weibo:2": "weibo:1", "weibo:3": "weibo:1"}
    assert store.copies.kin(["weibo:1", "weibo:3"]) == dict.fromkeys(
        ["weibo:1", "weibo:3"], Kin("weibo:gone", 0, 2, 1)
    )
    assert counted(store) == (1, 3)


def test_a_post_that_is_passed_on_is_the_origin_also_where_it_was_never_looked_at(store: Store) -> None:
    store.posts.record([seen(post("weibo:1", brands=()))])
    link(store, post("weibo:2", 5, "星河这样？", repost_of="weibo:1"))
    assert origins(store) == {"weibo:2": "weibo:1"}
    assert store.trends.rebuild() == 0


def test_one_text_about_two_brands_is_two_posts(store: Store) -> None:
    """A template in which only the name differs must not take a mention from a brand's statistics."""
    link(store, post("weibo:1"), post("weibo:2", 5, POST.replace("星河", "云岭"), brands=("云岭",)))
    assert origins(store) == {}


@pytest.mark.parametrize("text", ["转发微博", "支持星河加油", "哈" * 90])
def test_short_texts_are_never_copies(store: Store, text: str) -> None:
    link(store, *(post(f"weibo:{n}", n, text) for n in range(4)))
    assert origins(store) == {}


def test_of_several_the_nearest_is_the_origin(store: Store) -> None:
    changed = POST.replace("三个月", "两个月").replace("四个电话", "五个电话")
    link(store, post("weibo:1"), post("weibo:2", 1, OTHER))
    link(store, post("weibo:3", 2, changed), post("weibo:4", 3, changed))
    assert set(origins(store).values()) <= {"weibo:1", "weibo:3"}
    assert origins(store)["weibo:4"] in {"weibo:1", "weibo:3"}
    assert not set(origins(store).values()) & set(origins(store))


def test_kin_are_the_same_for_all_who_say_it(store: Store) -> None:
    link(store, post("weibo:1"), post("v2ex:2", 5), post("weibo:3", 6, "哦", repost_of="weibo:1"))
    found = store.copies.kin(["weibo:1", "v2ex:2", "weibo:3", "weibo:404"])
    assert set(found) == {"weibo:1", "v2ex:2", "weibo:3"}
    assert len({id(kin) for kin in found.values()}) == 1
    kin = found["weibo:1"]
    assert (kin.origin, kin.copies, kin.reposts, kin.platforms) == ("weibo:1", 1, 1, 2)
    assert sorted(kin.peers, key=lambda p: p.at) == [
        Peer(("weibo", "91"), NOW),
        Peer(("v2ex", "92"), NOW + minutes(5)),
    ]


def test_it_can_be_asked_who_said_a_text_first(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5), post("weibo:3", 6, OTHER))
    assert store.copies.alike("有人说：" + POST + " http://t.cn/x")["weibo:1"] <= 6
    assert store.copies.alike(OTHER) == {"weibo:3": 0}
    assert store.copies.alike("电池鼓包") == {}


def test_who_is_alone_has_no_kin(store: Store) -> None:
    link(store, post("weibo:1"))
    assert store.copies.kin(["weibo:1"]) == {}


def test_an_edit_that_says_something_else_is_an_original_again(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5))
    assert counted(store) == (1, 2)
    edited = post("weibo:2", 5, text=OTHER)
    link(store, edited)
    assert origins(store) == {}
    assert counted(store) == (2, 2)


def test_an_edit_that_says_the_same_is_a_copy_still(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5))
    link(store, post("weibo:2", 5, text="转：" + POST))
    assert origins(store) == {"weibo:2": "weibo:1"}
    assert counted(store) == (1, 2)


def test_an_origin_that_is_edited_keeps_its_copies(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5))
    link(store, post("weibo:1", text=OTHER))
    assert origins(store) == {"weibo:2": "weibo:1"}


def test_erasing_an_origin_makes_its_earliest_copy_the_origin(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5), post("v2ex:3", 6))
    store.copies.note([Authenticity("weibo:1", NOW, 0.4, (Reason(Signal.LOTTERY),))])
    store.life.erase(Erasure("weibo", "91", NOW + DAY), now=NOW + DAY)
    assert origins(store) == {"v2ex:3": "weibo:2"}
    assert counted(store) == (1, 2)
    for table in ("fingerprint", "authenticity"):
        left = store.database.rows(  # type: ignore[attr-defined]
            f"SELECT mention FROM {table} WHERE mention NOT IN (SELECT n FROM mention)"  # noqa: S608
        )
        assert left == []


def test_an_heir_is_found_by_the_next_copy(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5))
    store.life.erase(Erasure("weibo", "91", NOW + DAY), now=NOW + DAY)
    link(store, post("weibo:3", 9))
    assert origins(store) == {"weibo:3": "weibo:2"}


def test_retention_leaves_no_fingerprint_behind(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 60 * 24))
    rules = Retention(Times(mentions=timedelta(days=30)))
    store.life.retain(rules, now=NOW + timedelta(days=30, hours=1))
    assert origins(store) == {}
    assert counted(store)[0] == 1
    store.life.retain(rules, now=NOW + timedelta(days=40))
    assert store.database.rows("SELECT * FROM fingerprint") == []  # type: ignore[attr-defined]


def test_a_text_that_very_many_post_is_one_candidate(store: Store) -> None:
    link(store, *(post(f"weibo:{n}", n / 10) for n in range(60)))
    asked = fingerprint(POST)
    assert asked is not None
    found = store.database.rows(LOOKUP, blocks(asked.bits))  # type: ignore[attr-defined]
    assert len(found) == 4
    assert len({row["mention"] for row in found}) == 1
    assert set(origins(store).values()) == {"weibo:0"}


def test_the_last_posts_of_each_author_are_known(store: Store) -> None:
    mine = Author("weibo", "7", "张三")
    posts = [post(f"weibo:{n}", n, OTHER + str(n), author=mine) for n in range(12)]
    link(store, *posts, post("v2ex:1", author=None))
    found = store.copies.earlier([posts[3], mention("v2ex:1", author=None)])
    assert found == {"weibo:3": [NOW + minutes(n) for n in range(11, 1, -1)]}


def test_what_speaks_against_a_post_is_kept_until_nothing_does(store: Store) -> None:
    link(store, post("weibo:1"))
    found = Authenticity("weibo:1", NOW, 0.4, (Reason(Signal.COPIED_TEXT, {"accounts": 6, "minutes": 9}),))
    store.copies.note([found, Authenticity("weibo:404", NOW, 0.4, (Reason(Signal.LOTTERY),))])
    store.copies.note([Authenticity("weibo:1", NOW + DAY, 0.4, found.reasons)])
    assert store.copies.authenticity(["weibo:1", "weibo:404"]) == {"weibo:1": found}
    store.copies.note([Authenticity("weibo:1", NOW + DAY, 1.0)])
    assert store.copies.authenticity(["weibo:1"]) == {}


@pytest.mark.parametrize("words", ["", "星河手机"])
def test_a_search_for_originals_leaves_copies_out(store: Store, words: str) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5), post("weibo:3", 6, OTHER))
    query = Search(words, originals=True)
    assert [f.mention.id for f in store.posts.search(query)] == ["weibo:3", "weibo:1"]
    assert [f.mention.id for f in store.posts.each(query)] == ["weibo:1", "weibo:3"]
    assert store.posts.count(query) == 2


def test_a_rebuild_mends_what_another_tool_said_to_be_original(store: Store) -> None:
    link(store, post("weibo:1"), post("weibo:2", 5))
    with store.database.transaction() as tx:  # type: ignore[attr-defined]
        tx.execute("UPDATE mention_brand SET original = ?", (True,))
    assert store.trends.rebuild() == 1
    assert counted(store) == (1, 2)
