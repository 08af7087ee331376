"""What the store promises of looks at queries, refused answers, and the shapes of pages."""

from datetime import timedelta

from mentions.coverage import Basis
from mentions.erasures import Erasure
from mentions.looks import Look, in_all
from mentions.pages import LARGEST, Refusal, Shape
from mentions.store import Store
from tests.making import NOW, mention, minutes, seen


def put(store: Store, *numbers: int, text: str = "星河手机坏了") -> list[str]:
    """Posts a minute apart, the larger the number the older."""
    listed = [mention(f"weibo:{n}", text, published=NOW - minutes(n) - timedelta(seconds=7)) for n in numbers]
    store.posts.record([seen(m) for m in listed])
    return [m.id for m in listed]


def look(at: float, posts: list[str], query: str = "星河", source: str = "weibo", **more: object) -> Look:
    values: dict[str, object] = {"pages": 1, "shown": len(posts), "outcome": "mentions"} | more
    return Look(source, query, NOW + minutes(at), posts=tuple(posts), **values)  # type: ignore[arg-type]


def test_a_look_comes_back_as_it_was(store: Store) -> None:
    one = look(0, [], known=3, run=7, oldest=NOW - minutes(9), newest=NOW, cap_hit=True)
    store.looks.add([one])
    assert store.looks.recent("weibo") == [one]
    assert store.looks.recent("weibo", "云岭") == []


def test_what_looks_showed_is_remembered_in_the_lists_order(store: Store) -> None:
    posts = put(store, 3, 4, 5)
    store.looks.add([look(0, [*posts, "weibo:gone"])])
    (remembered,) = store.looks.seen("weibo", "星河")
    assert (remembered.at, len(remembered.posts)) == (NOW, 3)
    assert list(remembered.posts.values()) == sorted(remembered.posts.values(), reverse=True)


def test_only_the_last_looks_are_remembered_with_their_posts(store: Store) -> None:
    posts = put(store, 3, 4)
    for number in range(18):
        store.looks.add([look(number, posts)])
    assert len(store.looks.seen("weibo", "星河")) == 16
    assert len(store.looks.recent("weibo", limit=99)) == 18


def test_what_looks_miss_of_each_other_is_estimated(store: Store) -> None:
    posts = put(store, *range(3, 63))
    store.looks.add([look(0, [p for n, p in enumerate(posts) if n % 5])])
    store.looks.add([look(6, [p for n, p in enumerate(posts) if n % 4])])
    (covered,) = store.looks.covered(["weibo"], NOW)["weibo"]
    assert covered.coverage.basis is Basis.OVERLAP
    assert covered.coverage.share is not None
    assert 0.01 < covered.coverage.share < 0.12


def test_a_word_searched_by_another_source_is_a_second_list(store: Store) -> None:
    """The first source never sees every fourth post; the second sees other words too."""
    posts = put(store, *range(3, 63))
    others = put(store, *range(100, 130), text="与品牌无关")
    store.looks.add([look(0, [*posts[:30], *others], source="beside")])
    for at in (0, 6):
        store.looks.add([look(at, [p for n, p in enumerate(posts) if n % 4])])
    (covered,) = store.looks.covered(["weibo"], NOW)["weibo"]
    assert covered.coverage.basis is Basis.OTHER_SOURCE
    assert covered.coverage.share is not None
    assert abs(covered.coverage.share - 0.25) < 0.05


def test_capped_looks_are_counted_while_they_follow_one_another(store: Store) -> None:
    def capped() -> int:
        return store.looks.covered(["weibo"], NOW)["weibo"][0].capped

    for at, hit, expected in ((0, True, 1), (1, True, 2), (2, False, 0), (3, True, 1)):
        store.looks.add([look(at, [], cap_hit=hit)])
        assert capped() == expected
    store.looks.add([look(4, [], pages=0, outcome="captcha")])
    assert capped() == 1


def test_a_query_that_is_not_looked_at_any_more_is_not_told(store: Store) -> None:
    store.looks.add([look(0, [])])
    assert store.looks.covered(["weibo", "news"], NOW + minutes(1)) == {"weibo": [], "news": []}


def test_a_source_misses_what_its_queries_miss_together(store: Store) -> None:
    posts = put(store, *range(3, 63))
    for at, word, step in ((0, "星河", 5), (6, "星河", 4), (0, "云岭", 3), (6, "云岭", 2)):
        store.looks.add([look(at, [p for n, p in enumerate(posts) if n % step], word)])
    store.looks.work_out("weibo")
    covered = store.looks.covered(["weibo"], NOW)["weibo"]
    missed = in_all(covered)
    shares = [one.coverage.share or 0 for one in covered]
    assert missed.share is not None
    assert min(shares) < missed.share < max(shares)
    assert missed.worst is not None
    assert missed.worst.query == "云岭"


def refusal(at: float = 0, body: bytes = b"<html>\xff", reason: str = "login_wall") -> Refusal:
    return Refusal(
        "weibo", reason, NOW + minutes(at), "https://m.weibo.cn/", 432, "search", "a wall", len(body), body
    )


def test_the_first_refusal_of_a_day_is_kept_byte_for_byte(store: Store) -> None:
    assert store.pages.keep(refusal())
    assert not store.pages.keep(refusal(5, b"another"))
    assert store.pages.refused("weibo", "login_wall") == refusal()
    assert [one.body for one in store.pages.refusals("weibo")] == [b""]
    assert store.pages.refused("weibo", "captcha") is None


def test_the_next_day_has_a_page_of_its_own(store: Store) -> None:
    store.pages.keep(refusal())
    assert store.pages.keep(refusal(24 * 60, b"new"))
    newest = store.pages.refused("weibo", "login_wall")
    assert newest is not None
    assert newest.body == b"new"


def test_of_a_large_page_the_beginning_is_kept(store: Store) -> None:
    store.pages.keep(refusal(body=b"x" * (LARGEST + 5)))
    kept = store.pages.refused("weibo", "login_wall")
    assert kept is not None
    assert (len(kept.body), kept.size, kept.cut) == (LARGEST, LARGEST + 5, True)


def test_refusals_go_after_a_week_and_looks_after_a_month(store: Store) -> None:
    store.pages.keep(refusal())
    store.looks.add([look(0, [])])
    assert store.pages.expire(NOW + timedelta(days=6)) == 0
    assert store.pages.expire(NOW + timedelta(days=8)) == 1
    assert store.pages.expire(NOW + timedelta(days=31)) == 2
    assert (store.pages.refusals("weibo"), store.looks.recent("weibo")) == ([], [])


def test_an_erasure_leaves_no_refused_page(store: Store) -> None:
    store.pages.keep(refusal(body="某人写的".encode()))
    store.life.erase(Erasure("weibo", "7", NOW), now=NOW)
    assert store.pages.refusals("weibo") == []


def test_shapes_come_back_as_they_were_put_until_they_are_forgotten(store: Store) -> None:
    shape = Shape("weibo", "search", NOW, 9, {"mblog.id": 9, "表.列": 8}, ("a",), ("a",), 0.5)
    store.pages.put_shapes([shape])
    store.pages.put_shapes([shape])
    assert store.pages.shapes(["weibo", "news"]) == [shape]
    assert (store.pages.forget_shapes("weibo"), store.pages.shapes(["weibo"])) == (1, [])
