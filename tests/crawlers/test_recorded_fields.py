"""Field by field, what a parser makes of a recorded answer is what stands in the JSON.

The JSON is read here once more and without the parsers' own helpers, so that a mistake in these is not repeated.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from crawlers.source import Answer
from crawlers.sources import SOURCE_TYPES
from mentions.types import Author, Engagement, Mention, Observation

NOW = datetime(2026, 11, 21, 19, 15, 52, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def observed(kind: str, body: bytes) -> list[Observation]:
    return list(SOURCE_TYPES[kind].reader().read(Answer(body, NOW), kind).observations)


def said(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def bare(markup: str) -> str:
    """The words of HTML, or of a text, without white space and what cannot be seen."""
    named = re.sub(r'<img[^>]*\balt="?(\[[^\]"]+\])[^>]*>', r"\1", markup)
    words = unescape(
        re.sub(r"<(?:script|style)\b.*?</(?:script|style)>|<[a-zA-Z/!][^>]*>", "", named, flags=re.DOTALL)
    )
    return re.sub("[\\s\u200b\u200e\u200f\u2060\ufeff\u00ad]+", "", words)


def counts(of: Observation) -> tuple[int | None, ...]:
    e = of.engagement or Engagement(of.mention.id, NOW)
    return (e.reposts, e.comments, e.likes, e.views)


def author(mention: Mention) -> Author:
    assert mention.author is not None
    return mention.author


def seconds(mention: Mention) -> float:
    assert mention.published is not None
    return mention.published.timestamp()


@pytest.mark.parametrize("name", ["weibo_ak_list_0.json", "weibo_ak_list_1.json"])
def test_weibo(shared_data: Path, name: str) -> None:
    """Number, address, time, counts, origin, words and author of each post of a timeline."""
    path = shared_data / "pages" / "weibo" / name
    posts = [card["mblog"] for card in said(path)["data"]["cards"] if card["card_type"] == 9]
    read = {o.mention.id: o for o in observed("weibo", path.read_bytes())}
    assert len(read) >= len(posts) >= 10
    for post in posts:
        found = read[f"weibo:{post['id']}"]
        mention, user = found.mention, post["user"]
        assert mention.url == f"https://weibo.com/{user['id']}/{post['bid']}"
        assert seconds(mention) == parsed(post["created_at"])
        assert counts(found) == (post["reposts_count"], post["comments_count"], post["attitudes_count"], None)
        assert mention.repost_of == (
            f"weibo:{post['retweeted_status']['id']}" if "retweeted_status" in post else None
        )
        assert mention.truncated is post["isLongText"]
        assert bare(mention.text) == bare(post["text"]).removesuffix("全文")
        assert (author(mention).id, author(mention).name) == (str(user["id"]), user["screen_name"])
        assert author(mention).followers == user["followers_count"]
        assert (author(mention).verified, author(mention).verified_type) == (
            user["verified"],
            user["verified_type"],
        )
        assert author(mention).verified_reason == user["verified_reason"]


def parsed(created: str) -> float:
    """Tue Jun 08 09:35:04 +0800 2021."""
    return datetime.strptime(created, "%a %b %d %H:%M:%S %z %Y").timestamp()


def test_weibo_long_text(shared_data: Path) -> None:
    """The whole text is read to its end."""
    path = shared_data / "pages" / "weibo" / "weibo_detail_4645748019299849"
    (found,) = observed("weibo", path.read_bytes())
    assert bare(found.mention.text) == bare(said(path)["data"]["longTextContent"])


def test_zhihu(shared_data: Path) -> None:
    """An answer has its question's title and its own words, and the followers of its author."""
    path = shared_data / "pages" / "zhihu" / "search_v3_one_item.json"
    (found,), (hit,) = observed("zhihu", path.read_bytes()), said(path)["data"]
    mention, post = found.mention, hit["object"]
    assert mention.id == f"zhihu:answer:{post['id']}"
    assert mention.url == f"https://www.zhihu.com/question/{post['question']['id']}/answer/{post['id']}"
    assert mention.thread == f"zhihu:question:{post['question']['id']}"
    assert bare(mention.title or "") == bare(post["question"]["name"])
    assert bare(mention.text) == bare(post["content"])
    assert seconds(mention) == post["created_time"]
    assert counts(found) == (None, post["comment_count"], post["voteup_count"], None)
    assert (author(mention).id, author(mention).name) == (post["author"]["id"], post["author"]["name"])
    assert (author(mention).followers, author(mention).verified) == (post["author"]["follower_count"], False)


def test_xiaohongshu(shared_data: Path) -> None:
    """Every note in its order; one without a text has its title in place of it."""
    path = shared_data / "pages" / "xhs" / "xhs_search_notes.json"
    notes = [item["note"] for item in said(path)["data"]["data"]["items"] if item["model_type"] == "note"]
    read = observed("xiaohongshu", path.read_bytes())
    assert [o.mention.id for o in read] == [f"xiaohongshu:{note['id']}" for note in notes]
    for found, note in zip(read, notes, strict=True):
        mention, user = found.mention, note["user"]
        assert mention.url.startswith(f"https://www.xiaohongshu.com/explore/{note['id']}")
        assert bare(mention.title or "") == bare(note.get("title", ""))
        assert bare(mention.text) == bare(note["desc"] or note["title"])
        assert seconds(mention) == note["timestamp"]
        assert counts(found) == (note["shared_count"], note["comments_count"], note["liked_count"], None)
        assert (author(mention).id, author(mention).name) == (user["userid"], user["nickname"])
        assert author(mention).verified is user["red_official_verified"]


@pytest.mark.parametrize("name", ["bilibili-new.json", "bilibili-opus-major.json"])
def test_bilibili(shared_data: Path, name: str) -> None:
    """Every dynamic and every origin that is left; whoever passes something on has an origin, be it deleted."""
    path = shared_data / "pages" / "bilibili" / name
    items = said(path)["data"]["items"]
    read = {o.mention.id: o for o in observed("bilibili", path.read_bytes())}
    assert set(read) == {bilibili_id(item) for item in with_origins(items)}
    for item in items:
        found, shows = read[bilibili_id(item)], item["modules"]
        mention, by, stat = found.mention, shows["module_author"], shows["module_stat"]
        assert bare(mention.text) == bare("".join(bilibili_words(shows["module_dynamic"])))
        assert seconds(mention) == int(by["pub_ts"])
        assert counts(found)[:3] == tuple(stat[key]["count"] for key in ("forward", "comment", "like"))
        assert (author(mention).id, author(mention).name) == (str(by["mid"]), by["name"].strip())
        assert author(mention).verified is (by["official_verify"]["type"] >= 0)
        assert (mention.repost_of is not None) is ("orig" in item)
        if "orig" in item and item["orig"]["id_str"]:
            assert mention.repost_of == bilibili_id(item["orig"])


def with_origins(items: list[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        if "orig" in item and item["orig"]["id_str"]:
            yield item["orig"]


def bilibili_id(item: Any) -> str:
    major = item["modules"]["module_dynamic"]["major"] or {}
    return f"bilibili:{major['archive']['bvid'] if 'archive' in major else item['id_str']}"


def bilibili_words(shown: Any) -> Iterator[str]:
    major = shown["major"] or {}
    yield shown["desc"]["text"] if shown["desc"] else ""
    yield major["opus"]["summary"]["text"] if "opus" in major else ""
    yield major["archive"]["desc"] if "archive" in major else ""


def test_v2ex(shared_data: Path) -> None:
    """Every topic in its order."""
    script = (shared_data / "pages" / "v2ex" / "v2ex_hot_2016.js").read_text(encoding="utf-8")
    listed = script[script.index("[") : script.rindex("]") + 1]
    topics = json.loads(listed)
    read = observed("v2ex", listed.encode())
    assert [o.mention.id for o in read] == [f"v2ex:{topic['id']}" for topic in topics]
    for found, topic in zip(read, topics, strict=True):
        mention = found.mention
        assert mention.url.partition("//")[2] == topic["url"].partition("//")[2]
        assert (bare(mention.title or ""), bare(mention.text)) == (
            bare(topic["title"]),
            bare(topic["content_rendered"]),
        )
        assert seconds(mention) == topic["created"]
        assert counts(found) == (None, topic["replies"], None, None)
        assert (author(mention).id, author(mention).name) == (
            str(topic["member"]["id"]),
            topic["member"]["username"],
        )


@pytest.mark.parametrize("name", ["rss-github-atom.xml", "rss-ruanyifeng.xml"])
def test_feeds(shared_data: Path, name: str) -> None:
    """Every entry in its order."""
    path = shared_data / "pages" / "rss" / name
    entries = ET.fromstring(path.read_bytes()).findall(f"{ATOM}entry")  # noqa: S314 - our own recording
    read = observed("rss", path.read_bytes())
    for found, entry in zip(read, entries, strict=True):
        mention, at = found.mention, entry.findtext(f"{ATOM}published") or entry.findtext(f"{ATOM}updated") or ""
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert mention.url == link.get("href")
        assert seconds(mention) == datetime.fromisoformat(at).timestamp()
        assert bare(mention.title or "") == bare(entry.findtext(f"{ATOM}title") or "")
        assert bare(mention.text) == bare(entry.findtext(f"{ATOM}content") or "")
        assert author(mention).name == (entry.findtext(f"{ATOM}author/{ATOM}name") or "")


def test_feed_of_a_forum(shared_data: Path) -> None:
    """Every thread in its order, by whoever opened it."""
    path = shared_data / "forum" / "edge" / "rss.xml"
    items = ET.fromstring(path.read_bytes()).findall("channel/item")  # noqa: S314 - our own recording
    for found, item in zip(observed("rss", path.read_bytes()), items, strict=True):
        mention = found.mention
        assert mention.url == item.findtext("link")
        assert mention.title == item.findtext("title")
        assert seconds(mention) == parsedate_to_datetime(item.findtext("pubDate") or "").timestamp()
        assert bare(mention.text) == bare(item.findtext("description") or "")
        assert author(mention).name == item.findtext("author")


@pytest.mark.parametrize("name", ["s_weibo_com_search_2018_2cards.html", "s_weibo_com_search_2026_shape.html"])
def test_weibo_search_cards(shared_data: Path, name: str) -> None:
    """Each card's number, author, address and words are those between its beginning and the next card's."""
    page = (shared_data / "pages" / "weibo" / name).read_text(encoding="utf-8")
    starts = [m.start() for m in re.finditer('<div class="card-wrap"', page)]
    read = observed("weibo-search", page.encode())
    for found, (start, end) in zip(read, pairwise([*starts, len(page)]), strict=True):
        card, mention = page[start:end], found.mention
        texts = re.findall(r'<p class="txt"[^>]*>(.*?)</p>', card, re.DOTALL)
        assert f'mid="{mention.id.removeprefix("weibo:")}"' in card
        assert f"//weibo.com/{author(mention).id}?" in card
        assert f'nick-name="{author(mention).name}"' in card
        assert bare(mention.text) == bare(texts[-1])
        assert (mention.published is None) is ("分钟前" not in card)
