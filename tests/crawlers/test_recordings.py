"""Pages recorded from real sites are read rightly."""

import gzip
import json
import lzma
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.source import Answer, Outcome, Page
from crawlers.sources import SOURCE_TYPES
from mentions.weiboid import bid_of

NOW = datetime(2026, 11, 21, 19, 15, 52, tzinfo=UTC)


def read(kind: str, path: Path) -> Page:
    return SOURCE_TYPES[kind].reader().read(Answer(path.read_bytes(), NOW, url=path.as_uri()), kind)


def test_a_forum_gives_every_author_time_and_text(shared_data: Path) -> None:
    """431 of 431 posts are as the forum's database held them, white space aside."""
    source = SOURCE_TYPES["discuz"].reader()
    found = {}
    with gzip.open(shared_data / "forum" / "site.jsonl.gz") as pages:
        for page in map(json.loads, pages):
            answer = Answer(
                page["body"].encode(),
                datetime.fromtimestamp(page["fetched_at"], UTC),
                "http://bbs.example" + page["url"],
                page["status"],
            )
            for mention in (o.mention for o in source.read(answer, "bbs").observations):
                assert mention.author is not None
                assert mention.published is not None
                found[int(mention.id.rpartition(":")[2])] = (
                    mention.author.name,
                    int(mention.published.timestamp()),
                    "".join(mention.text.split()),
                )
    with lzma.open(shared_data / "forum" / "truth.jsonl.xz") as rows:
        truth = {
            r["pid"]: (r["author"], r["dateline"], "".join(r["message"].split())) for r in map(json.loads, rows)
        }
    assert found == truth
    assert len(truth) == 431


@pytest.mark.parametrize(
    ("page", "outcome", "posts"),
    [
        ("forum_noperm.html", Outcome.NO_PERMISSION, 0),
        ("viewthread_404.html", Outcome.NOT_FOUND, 0),
        ("viewthread_bbcode_anon_banned.html", Outcome.MENTIONS, 4),
        ("search.html", Outcome.MENTIONS, 0),
        ("rss.xml", Outcome.MENTIONS, 0),
    ],
)
def test_edge_pages_of_a_forum(shared_data: Path, page: str, outcome: Outcome, posts: int) -> None:
    found = read("discuz", shared_data / "forum" / "edge" / page)
    assert (found.outcome, len(found.observations)) == (outcome, posts)


def test_quotes_anonymous_and_banned_posts(shared_data: Path) -> None:
    page = read("discuz", shared_data / "forum" / "edge" / "viewthread_bbcode_anon_banned.html")
    opening, quoting, anonymous, banned = (o.mention for o in page.observations)
    assert "客服一直推诿退款" in opening.text
    assert "隐藏内容" not in opening.text
    assert quoting.text == "同款，我也是"
    assert anonymous.author is not None
    assert anonymous.author.name == "匿名"
    assert (banned.text, banned.truncated) == ("", True)


@pytest.mark.parametrize(
    ("page", "outcome", "posts", "cut"),
    [
        ("weibo_ak_list_0.json", Outcome.MENTIONS, 10, 6),
        ("weibo_ak_list_1.json", Outcome.MENTIONS, 11, 6),
        ("weibo_ak_profile.json", Outcome.EMPTY, 0, 0),
        ("weibo_err_profile.json", Outcome.EMPTY, 0, 0),
        ("weibo_detail_4645748019299849", Outcome.MENTIONS, 1, 0),
    ],
)
def test_answers_of_weibo(shared_data: Path, page: str, outcome: Outcome, posts: int, cut: int) -> None:
    found = read("weibo", shared_data / "pages" / "weibo" / page)
    assert (found.outcome, len(found.observations)) == (outcome, posts)
    assert sum(o.mention.truncated for o in found.observations) == cut


def test_search_cards_of_weibo(shared_data: Path) -> None:
    """Those of 2018 and those of 2026; what the recorder cut away (times and counts of one) is unknown."""
    pages = shared_data / "pages" / "weibo"
    plain, blue = read("weibo-search", pages / "s_weibo_com_search_2018_2cards.html").observations
    (new,) = read("weibo-search", pages / "s_weibo_com_search_2026_shape.html").observations
    assert plain.engagement is not None
    assert (plain.engagement.reposts, plain.engagement.comments, plain.engagement.likes) == (28, 11, 7)
    assert plain.mention.published == NOW - timedelta(minutes=32)
    assert blue.mention.author is not None
    assert (blue.mention.author.verified, blue.mention.author.verified_type) == (True, 7)
    assert blue.engagement is None
    assert new.engagement is not None
    assert (new.engagement.reposts, new.engagement.comments, new.engagement.likes) == (8, 0, 0)
    assert (new.mention.text.count("\n"), new.mention.truncated) == (2, False)
    for found in (plain, new):
        assert found.mention.url.rpartition("/")[2] == bid_of(found.mention.id.removeprefix("weibo:"))


def test_the_shape_of_a_desktop_post(shared_data: Path) -> None:
    shapes = (shared_data / "pages" / "weibo" / "stablog_ajax_mymblog.d.ts").read_text(encoding="utf-8")
    _, _, item = shapes.partition("export type TypeWeiboApi_MyBlob_Item = ")
    item = item.replace('"isLongText": boolean', '"isLongText": false').replace("string | ", "")
    post, _ = json.JSONDecoder().raw_decode(item)
    body = json.dumps({"ok": 1, "data": {"list": [post], "topicList": []}}).encode()
    page = SOURCE_TYPES["weibo-ajax"].reader().read(Answer(body, NOW), "x")
    origin, repost = (o.mention for o in page.observations)
    assert (repost.id, repost.repost_of, repost.truncated) == ("weibo:4607741009594608", origin.id, False)
    assert origin.truncated
    assert origin.author is not None
    assert (origin.author.verified_type, origin.author.followers) == (0, None)
    assert [fetch.url for fetch in page.follow] == ["https://weibo.com/ajax/statuses/longtext?id=K3dsQFvJr"]


def test_the_profile_of_an_account(shared_data: Path) -> None:
    (author,) = read("weibo", shared_data / "pages" / "weibo" / "weibo_ak_profile.json").authors
    assert (author.followers, author.verified, author.verified_type) == (1_455_000, True, 2)


def test_the_long_text_begins_as_the_cut_one(shared_data: Path) -> None:
    pages = shared_data / "pages" / "weibo"
    cut = read("weibo", pages / "weibo_ak_list_0.json").observations[0].mention
    whole = read("weibo", pages / "weibo_detail_4645748019299849").observations[0].mention
    assert whole.id == cut.id
    assert whole.text.startswith(cut.text.removesuffix("...").strip()[:200])


@pytest.mark.parametrize(
    ("page", "entries"),
    [("rss-github-atom.xml", 5), ("rss-ruanyifeng.xml", 3), ("../../forum/edge/rss.xml", 20)],
)
def test_feeds(shared_data: Path, page: str, entries: int) -> None:
    found = read("rss", (shared_data / "pages" / "rss" / page).resolve())
    assert len(found.observations) == entries
    assert all(o.mention.published and o.mention.text and o.mention.author for o in found.observations)


def test_an_answer_that_a_search_on_zhihu_found(shared_data: Path) -> None:
    page = read("zhihu", shared_data / "pages" / "zhihu" / "search_v3_one_item.json")
    (found,) = page.observations
    assert found.mention.id == "zhihu:answer:3458972610"
    assert found.mention.text.startswith("因为搜索引擎默认不给全部结果了\n我去谷歌搜water")
    assert found.mention.author is not None
    assert found.mention.author.followers == 11135
    assert found.engagement is not None
    assert (found.engagement.likes, found.engagement.comments, found.engagement.views) == (36, 7, None)


def test_notes_that_a_search_on_xiaohongshu_found(shared_data: Path) -> None:
    page = read("xiaohongshu", shared_data / "pages" / "xhs" / "xhs_search_notes.json")
    assert len(page.observations) == 20
    assert sum(o.mention.title is None for o in page.observations) == 5
    assert sum(o.mention.truncated for o in page.observations) == 18
    assert all(o.mention.published and o.mention.author and o.engagement for o in page.observations)


@pytest.mark.parametrize(("page", "posts", "videos"), [("bilibili-new", 13, 2), ("bilibili-opus-major", 3, 0)])
def test_dynamics_of_bilibili(shared_data: Path, page: str, posts: int, videos: int) -> None:
    found = read("bilibili", shared_data / "pages" / "bilibili" / f"{page}.json").observations
    assert len(found) == posts
    assert sum(o.mention.id.startswith("bilibili:BV") for o in found) == videos
    assert all(o.mention.text and o.mention.published and o.engagement and o.raw for o in found)


def test_topics_of_v2ex(shared_data: Path) -> None:
    script = (shared_data / "pages" / "v2ex" / "v2ex_hot_2016.js").read_text(encoding="utf-8")
    listed = script[script.index("[") : script.rindex("]") + 1].encode()
    page = SOURCE_TYPES["v2ex"].reader().read(Answer(listed, NOW), "v2ex")
    assert len(page.observations) == 9
    assert all(o.mention.title and o.mention.published and o.mention.author for o in page.observations)
