"""What the mention store promises of posts, over every implementation."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from mentions.posts import Search
from mentions.store import Store
from mentions.tasks import JUDGE, SCORE
from mentions.types import Author, Label, Observation
from tests.making import BIG_V, NOW, counts, mention, minutes, negative, seen


def test_a_post_comes_back_as_it_was_seen(store: Store) -> None:
    post = mention(author=BIG_V, title="求助", region="北京", thread="weibo:0", repost_of="weibo:9")
    store.posts.record([seen(post, reposts=3, likes=10_000, at_least=frozenset({"likes"}))])
    found = store.posts.get([post.id])[post.id]
    assert found.mention == post
    assert found.engagement == counts(reposts=3, likes=10_000, at_least=frozenset({"likes"}))


def test_seeing_a_post_again_never_duplicates_it(store: Store) -> None:
    first = store.posts.record([seen(mention(), reposts=1)])
    again = store.posts.record([seen(mention(first_seen=NOW + minutes(9)), NOW + minutes(9), reposts=2)])
    assert (first.new, again.new, again.seen) == (("weibo:1",), (), 1)
    assert store.posts.count(Search()) == 1
    assert store.posts.get(["weibo:1"])["weibo:1"].mention.first_seen == NOW


def test_counts_are_appended_and_never_overwritten(store: Store) -> None:
    for n in range(4):
        store.posts.record([seen(mention(), NOW + minutes(n), reposts=n * 10)])
    series = store.posts.engagements(["weibo:1"], NOW + minutes(2))["weibo:1"]
    assert [e.reposts for e in series] == [10, 20, 30]  # the last before the window begins it


def test_a_post_that_stands_twice_on_a_page_is_one(store: Store) -> None:
    short = seen(mention(text="星河手机...全文", truncated=True))
    whole = seen(mention(text="星河手机电池鼓包，客服不理"))
    assert store.posts.record([whole, short]).new == ("weibo:1",)
    assert store.posts.get(["weibo:1"])["weibo:1"].mention.text == "星河手机电池鼓包，客服不理"


def test_the_whole_text_replaces_a_truncated_one_and_is_found(store: Store) -> None:
    store.posts.record([seen(mention(text="星河手机", truncated=True))])
    assert store.posts.whole(["weibo:1"]) == set()
    store.posts.record([seen(mention(text="星河手机冒烟了", brands=("星河", "云岭")))])
    assert store.posts.whole(["weibo:1"]) == {"weibo:1"}
    assert [f.mention.brands for f in store.posts.search(Search("冒烟"))] == [("云岭", "星河")]


def test_the_whole_text_brings_its_author_and_time_where_a_list_did_not_say_them(store: Store) -> None:
    named, numbered = Author("weibo", "name:甲", "甲"), Author("weibo", "7", "甲")
    store.posts.record([seen(mention(text="星河手机", truncated=True, author=named, published=None))])
    store.posts.record([seen(mention(text="星河手机冒烟", author=numbered, published=NOW))])
    (found,) = store.posts.search(Search())
    assert (found.mention.author, found.mention.published) == (numbered, NOW)


def test_an_author_known_by_number_stays_when_the_whole_text_names_him_only(store: Store) -> None:
    named, numbered = Author("weibo", "name:甲", "甲"), Author("weibo", "7", "甲")
    store.posts.record([seen(mention(text="星河手机", truncated=True, author=numbered, published=NOW))])
    store.posts.record([seen(mention(text="星河手机冒烟", author=named, published=NOW - timedelta(days=1)))])
    (found,) = store.posts.search(Search())
    assert (found.mention.author, found.mention.published) == (numbered, NOW)


def test_a_truncated_text_never_replaces_the_whole_one(store: Store) -> None:
    store.posts.record([seen(mention(text="星河手机冒烟了，客服不理"))])
    store.posts.record([seen(mention(text="星河手机冒烟...", truncated=True))])
    assert store.posts.get(["weibo:1"])["weibo:1"].mention.text == "星河手机冒烟了，客服不理"


def test_an_edited_post_is_found_by_its_new_text_only(store: Store) -> None:
    store.posts.record([seen(mention(text="星河电池爆炸"))])
    store.posts.record([seen(mention(text="星河电池没事", first_seen=NOW + minutes(1)))])
    assert store.posts.search(Search("爆炸")) == []
    assert len(store.posts.search(Search("没事"))) == 1


def test_other_blanks_are_no_edit(store: Store) -> None:
    """The search page and the post's own page of one site do not agree on them."""
    store.posts.record([seen(mention(text="星河 手机\n炸了"))])
    store.posts.add_scores([negative()])
    store.posts.record([seen(mention(text="星河\u200b手机 炸了 "), NOW + minutes(1))])
    assert store.posts.get(["weibo:1"])["weibo:1"].mention.text == "星河 手机\n炸了"


def test_an_author_keeps_the_followers_that_one_page_knew(store: Store) -> None:
    store.posts.record([seen(mention(author=BIG_V))])
    store.posts.record([seen(mention(author=Author("weibo", "42", "改名了")))])
    author = store.posts.get(["weibo:1"])["weibo:1"].mention.author
    assert author == replace(BIG_V, name="改名了")


def test_a_profile_tells_how_many_follow_an_author_and_keeps_what_it_does_not_say(store: Store) -> None:
    store.posts.record([seen(mention(author=Author("weibo", "42", "数码老炮", verified_type=0)))])
    store.posts.record_authors([Author("weibo", "42", "数码老炮", 1_200_000, verified=True)], NOW + minutes(1))
    store.posts.record_authors([Author("weibo", "42", "改名了")], NOW + minutes(2))
    author = store.posts.get(["weibo:1"])["weibo:1"].mention.author
    assert author == Author("weibo", "42", "改名了", 1_200_000, verified=True, verified_type=0)


def test_how_long_ago_followers_were_told_is_known_whatever_was_seen_since(store: Store) -> None:
    store.posts.record([seen(mention(author=BIG_V))])
    store.posts.record([seen(mention(author=Author("weibo", "42", "数码老炮")), NOW + minutes(9))])
    store.posts.record([seen(mention("weibo:2", author=Author("weibo", "43", "谁")))])
    asked = {("weibo", "42"), ("weibo", "43"), ("weibo", "44")}
    assert store.posts.followed(asked, NOW) == {("weibo", "42")}
    assert store.posts.followed(asked, NOW + minutes(1)) == set()


def test_an_account_without_a_stored_post_is_not_kept(store: Store) -> None:
    """It would outlive every retention and erasure, which find authors by their posts."""
    store.posts.record_authors([BIG_V], NOW)
    assert store.posts.followed({("weibo", "42")}, NOW - minutes(1)) == set()


def test_the_scored_posts_of_an_author_are_judged_again_when_he_is_known_better(store: Store) -> None:
    for n in (1, 2):
        store.posts.record([seen(mention(f"weibo:{n}", author=Author("weibo", "42", "数码老炮")))])
    store.posts.add_scores([negative()])
    store.tasks.drop(JUDGE, ["weibo:1"])
    store.posts.record_authors([BIG_V], NOW + timedelta(days=2))
    assert store.tasks.backlog(JUDGE).waiting == 0  # too long ago for anybody to wait
    store.posts.record_authors([BIG_V], NOW + minutes(1))
    assert store.tasks.backlog(JUDGE).waiting == 1


def test_posts_that_were_answered_are_known(store: Store) -> None:
    store.posts.record([seen(mention("v2ex:1", thread="v2ex:1")), seen(mention("weibo:2"))])
    store.posts.record([seen(mention("weibo:comment:3", thread="weibo:2"))])
    assert store.posts.answered(["v2ex:1", "weibo:2", "weibo:9"]) == {"weibo:2"}


def test_two_forums_may_number_their_authors_alike(store: Store) -> None:
    for host, name in (("a.example", "小甲"), ("b.example", "小乙")):
        author = Author(f"discuz:{host}", "22", name)
        store.posts.record([seen(mention(f"discuz:{host}:1", author=author))])
    names = {f.mention.author.name for f in store.posts.search(Search()) if f.mention.author}
    assert names == {"小甲", "小乙"}


def test_reposts_are_found_by_their_origin_the_widest_followed_first(store: Store) -> None:
    small = mention("weibo:2", "转发微博", repost_of="weibo:1")
    large = mention("weibo:3", "太可怕了", repost_of="weibo:1", author=BIG_V)
    store.posts.record([seen(mention()), seen(small), seen(large)])
    assert [m.id for m in store.posts.reposts_by(["weibo:1", "weibo:2"])["weibo:1"]] == ["weibo:3", "weibo:2"]


def test_new_posts_of_a_brand_wait_for_a_score(store: Store) -> None:
    store.posts.record([seen(mention()), seen(mention("weibo:2", "早上好", brands=()))])
    assert store.tasks.backlog(SCORE).waiting == 1


def test_scores_and_later_counts_wait_for_the_rules(store: Store) -> None:
    store.posts.record([seen(mention())])
    assert store.tasks.backlog(JUDGE).waiting == 0
    store.posts.add_scores([negative()])
    tasks = store.tasks.claim(JUDGE, owner="a", now=NOW, lease=minutes(1), limit=9)
    store.tasks.done(tasks, owner="a")
    store.posts.record([seen(mention(), NOW + minutes(1), reposts=9)])
    assert store.tasks.backlog(JUDGE).waiting == 1


def test_the_latest_score_is_the_one_that_counts(store: Store) -> None:
    store.posts.record([seen(mention())])
    store.posts.add_scores([negative(negativity=0.2)])
    store.posts.add_scores([negative(at=NOW + minutes(1), negativity=0.9)])
    assert [f.mention.id for f in store.posts.search(Search(min_negativity=0.8))] == ["weibo:1"]


def test_a_score_of_a_post_that_is_gone_is_dropped(store: Store) -> None:
    store.posts.add_scores([negative("weibo:404")])
    assert store.tasks.backlog(JUDGE).waiting == 0


def test_search_narrows_by_everything_it_is_given(store: Store) -> None:
    store.posts.record([seen(mention("weibo:1")), seen(mention("v2ex:2", brands=("云岭",)))])
    store.posts.add_scores([negative("v2ex:2")])
    for query in (
        Search(brand="云岭"),
        Search(platform="v2ex"),
        Search(label=Label.NEGATIVE),
        Search("电池 星河", brand="云岭"),
    ):
        assert [f.mention.id for f in store.posts.search(query)] == ["v2ex:2"]
    assert store.posts.count(Search(since=NOW)) == 0
    assert store.posts.count(Search(until=NOW)) == 2
    assert store.posts.search(Search("，。")) == []


def test_text_that_no_database_takes_is_stored_without_its_poison(store: Store) -> None:
    store.posts.record([seen(mention(text="星河\ud800手机\x00炸了", author=Author("weibo", "1", "\udfff")))])
    assert store.posts.get(["weibo:1"])["weibo:1"].mention.text == "星河\ufffd手机炸了"


def test_a_post_of_ten_megabytes_is_stored_whole_and_found(store: Store) -> None:
    text = "星河" * 1_700_000 + "电池鼓包"
    store.posts.record([seen(mention(text=text))])
    assert store.posts.search(Search("鼓包"))[0].mention.text == text


def test_a_page_is_stored_whole_or_not_at_all(store: Store) -> None:
    broken = Observation(mention("weibo:2", text=3))
    with suppress(TypeError, AttributeError):
        store.posts.record([seen(mention()), broken])
    assert store.posts.count(Search()) == 0


def test_the_newest_published_stands_first(store: Store) -> None:
    for n, age in enumerate((30, 5, 90)):
        store.posts.record([seen(mention(f"weibo:{n}", published=NOW - minutes(age)))])
    for query in (Search(), Search("电池"), Search(limit=2)):
        assert [f.mention.id for f in store.posts.search(query)][:2] == ["weibo:1", "weibo:0"]


def test_an_old_page_never_undoes_what_a_newer_one_showed_of_an_author(store: Store) -> None:
    """An export of years ago is brought in, and its author has become a 大V since."""
    store.posts.record([seen(mention(author=BIG_V))])
    before = replace(BIG_V, name="旧名字", followers=5)
    old = mention("weibo:2", author=before)
    store.posts.record([seen(old, NOW - timedelta(days=2000))])
    assert store.posts.get(["weibo:2"])["weibo:2"].mention.author == BIG_V
