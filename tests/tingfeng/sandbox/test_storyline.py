import pytest

from tingfeng.sandbox.world import Post, Site
from tingfeng.sandbox.worlds.storyline import FIRST_ID, storyline

MINUTE = 60
CRISIS = ("起火", "鼓", "烧伤", "电池问题", "问电池")


def openings(site: Site) -> list[Post]:
    return [post for post in storyline().world.openings(site, 1e9) if post.repost_of is None]


def chatter() -> list[Post]:
    posts = [post for site in FIRST_ID for post in openings(site)]
    return [post for post in posts if not any(word in f"{post.title}{post.text}" for word in CRISIS)]


def scandal() -> Post:
    return storyline().named["scandal"]


def test_ordinary_posts_on_every_site_before_and_during_the_story() -> None:
    assert 60 <= len(chatter()) <= 90
    assert {post.site for post in chatter()} == set(FIRST_ID)
    assert any(post.at > 0 for post in chatter())


def test_both_brands_and_their_nicknames_are_talked_about() -> None:
    words = "".join(post.text + (post.title or "") for post in chatter())
    assert all(name in words for name in ("星河", "河厂", "xh", "云岭", "岭家"))


def test_the_scandal_is_posted_at_minute_12_by_a_verified_author_of_1_2_million_followers() -> None:
    author = scandal().author
    assert scandal().at == 12 * MINUTE
    assert (author.followers, author.verified, author.verified_type) == (1_200_000, True, 0)


def test_the_scandal_takes_off() -> None:
    reposts = scandal().reposts
    assert 100 <= reposts.at(10 * MINUTE) <= 140
    assert reposts.at(60 * MINUTE) > 800


def test_every_count_in_the_story_only_grows() -> None:
    for post in storyline().world.posts:
        for count in (post.reposts, post.comments, post.likes, post.views):
            values = [count.at(minute * MINUTE) for minute in range(0, 720, 5)]
            assert values == sorted(values)


def test_only_the_scandal_and_a_harmless_lottery_spread_wide() -> None:
    wide = {post.author.name for post in openings(Site.WEIBO) if post.reposts.at(1e9) >= 1000}
    assert wide == {"原野说数码", "云岭商城"}


def test_reposts_carry_the_chain_they_came_through() -> None:
    reposts = [post for post in storyline().world.posts if post.repost_of == scandal().id]
    assert len(reposts) >= 15
    assert all(f"//@{scandal().author.name}:" in post.text for post in reposts)
    assert any(post.text.count("//@") == 2 for post in reposts)
    assert any((post.author.followers or 0) > 500_000 for post in reposts)


def test_the_echo_reaches_every_site() -> None:
    for site in FIRST_ID:
        assert any("起火" in f"{post.title}{post.text}" and post.at >= scandal().at for post in openings(site))


def test_the_story_is_the_same_each_time() -> None:
    first = [(post.id, post.author.id) for post in storyline().world.posts]
    storyline.cache_clear()
    assert [(post.id, post.author.id) for post in storyline().world.posts] == first


def test_snownlp_finds_the_scandal_negative_and_most_chatter_not() -> None:
    model = pytest.importorskip("snownlp").SnowNLP
    assert model(scandal().text).sentiments < 0.2
    negative = [post for post in chatter() if model(f"{post.title or ''} {post.text}").sentiments < 0.4]
    assert len(negative) <= len(chatter()) * 0.2
