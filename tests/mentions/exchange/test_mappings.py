"""Other vendors' exports: what their columns become, and that a mapping file says what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mentions.brands import Brand, BrandMatcher
from mentions.exchange.failures import BadMapping, NotRecognised
from mentions.exchange.mapping import SHIPPED, load_mapping, named_mapping, shipped
from mentions.exchange.reading import OpenedFile
from mentions.store import Store
from mentions.types import Author
from tests.mentions.exchange.arranging import IMPORTED, brought_in, csv_file, json_file, mentions, stored

SINA = {
    "序号": "1",
    "标题／微博内容": "星河手机电池鼓包",
    "原创/转发": "原创",
    "原文/评论链接": "https://weibo.com/1645372340/K3fnuEfZK",
    "来源网站": "新浪微博",
    "原文作者": "'数码老炮'",
    "日期": "2021-02-23 12:28:47",
    "媒体类型": "微博",
    "认证类型": "黄V",
    "信源地域（IP）": "上海",
    "全文内容": "星河手机电池鼓包，客服说没问题",
    "粉丝数": "120万",
    "转发数": "1,234",
    "评论数": "-",
    "点赞数": "10万+",
}
MELTWATER = {
    "Date": "06-Jul-2025 10:35PM",
    "Headline": "",
    "URL": "https://x.com/someone/status/1941",
    "Opening Text": "",
    "Hit Sentence": "The battery of my Xinghe is swollen",
    "Source": "Twitter",
    "Influencer": "@someone",
    "Reach": "5000",
    "Alternate Date Format": "06-Jul-25",
    "Time": "10:35 PM",
    "Twitter Followers": "353",
}
QINGBO = {
    "news_title": "星河回应电池鼓包",
    "news_content": "记者从星河获悉……",
    "news_url": "https://news.example.com/1",
    "news_posttime": "2026-09-10 09:30:00",
    "media_name": "云数观察",
    "platform": "web",
    "media_followers_count": "12860",
    "media_is_verified": "是",
    "news_read_count": "3560",
    "news_fetch_time": "2026-09-10 10:05:00",
}
CIVIW = {
    "title": "星河回应电池鼓包",
    "content": "记者从星河获悉……",
    "url": "https://news.example.com/1",
    "websiteName": "某新闻网",
    "mediaType": "新闻",
    "createdAt": 1_757_467_800_000,
}


def table(path: Path, *rows: dict[str, str], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    return csv_file(path, [list(rows[0]), *(list(row.values()) for row in rows)], encoding, delimiter)


def test_sina_yuqingtong(store: Store, tmp_path: Path) -> None:
    brought_in(store, table(tmp_path / "f.csv", SINA), matcher=BrandMatcher([Brand("星河")]).match)
    (found,) = stored(store)
    post, counts = found.mention, found.engagement
    assert (post.id, post.platform, post.source, post.brands) == (
        "weibo:4607741009594608",
        "weibo",
        "import",
        ("星河",),
    )
    assert (post.title, post.text, post.region) == (None, "星河手机电池鼓包，客服说没问题", "上海")
    assert post.published == datetime(2021, 2, 23, 4, 28, 47, tzinfo=UTC)
    assert post.author == Author("weibo", "数码老炮", "数码老炮", followers=1_200_000, verified=True)
    assert counts is not None
    assert (counts.at, counts.reposts, counts.comments, counts.likes) == (IMPORTED, 1_234, None, 100_000)
    assert counts.at_least == {"likes"}


def test_meltwater_is_utf_16_with_tabs(store: Store, tmp_path: Path) -> None:
    brought_in(store, table(tmp_path / "f.csv", MELTWATER, encoding="utf-16", delimiter="\t"))
    (post,) = mentions(store)
    assert (post.platform, post.text, post.truncated) == ("x", "The battery of my Xinghe is swollen", True)
    assert post.published == datetime(2025, 7, 6, 14, 35, tzinfo=UTC)
    assert post.author == Author("x", "@someone", "@someone", followers=353)


def test_qingbo_says_when_it_counted(store: Store, tmp_path: Path) -> None:
    brought_in(store, json_file(tmp_path / "f.jsonl", [QINGBO]))
    (found,) = stored(store)
    assert (found.mention.platform, found.mention.title) == ("news", "星河回应电池鼓包")
    assert found.mention.author == Author(
        "news:news.example.com", "云数观察", "云数观察", followers=12_860, verified=True
    )
    assert found.engagement is not None
    assert (found.engagement.at, found.engagement.views) == (datetime(2026, 9, 10, 2, 5, tzinfo=UTC), 3_560)


def test_civiw(store: Store, tmp_path: Path) -> None:
    brought_in(store, json_file(tmp_path / "f.jsonl", [CIVIW]))
    (post,) = mentions(store)
    assert (post.platform, post.published) == ("news", datetime(2025, 9, 10, 1, 30, tzinfo=UTC))


def test_a_post_in_two_exports_is_one(store: Store, tmp_path: Path) -> None:
    brought_in(store, json_file(tmp_path / "q.jsonl", [QINGBO]))
    tally, _ = brought_in(store, json_file(tmp_path / "c.jsonl", [CIVIW]))
    assert (tally.new, tally.known) == (0, 1)


def test_comments_under_one_address_stay_apart(store: Store, tmp_path: Path) -> None:
    comments = [
        SINA | {"原创/转发": "评论", "全文内容": text, "标题／微博内容": text} for text in ("我也是", "退款了吗")
    ]
    tally, _ = brought_in(store, table(tmp_path / "f.csv", SINA, *comments))
    assert tally.new == 3


def test_a_second_import_of_a_vendors_file_adds_nothing(store: Store, tmp_path: Path) -> None:
    rows = [SINA, SINA | {"原文/评论链接": "", "粉丝数": "5"}, SINA | {"原文/评论链接": "https://a.test/1"}]
    tallies = [brought_in(store, table(tmp_path / "f.csv", *rows))[0] for _ in range(2)]
    assert [(t.new, t.known, t.counted) for t in tallies] == [(3, 0, 0), (0, 3, 0)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"日期": "昨天"}, "published: '昨天' is no time that can be read"),
        ({"日期": "2027-01-01"}, "published: '2027-01-01' lies in the future"),
        ({"日期": "2199-01-01"}, "published: '2199-01-01' lies in the future"),
        ({"日期": "0025-07-06"}, "published: '0025-07-06' lies before 1990"),
        ({"转发数": "很多"}, "reposts: '很多' is no count"),
        ({"标题／微博内容": "-", "全文内容": "\t-"}, "there is neither text nor title"),
    ],
)
def test_what_makes_no_mention_is_set_aside(
    change: dict[str, str], reason: str, store: Store, tmp_path: Path
) -> None:
    tally, (bad,) = brought_in(store, table(tmp_path / "f.csv", SINA | change, SINA))
    assert (tally.new, bad.number, str(bad.reason)) == (1, 2, reason)
    assert bad.given == SINA | change


def test_a_null_date_is_not_known(store: Store, tmp_path: Path) -> None:
    _, aside = brought_in(store, table(tmp_path / "f.csv", SINA | {"日期": "0001-01-01"}))
    assert (aside, [m.published for m in mentions(store)]) == ([], [None])


def test_a_null_date_gives_way_to_the_next_column(store: Store, tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OWN_FILE.replace("[时间]", "[时间, 入库]"), encoding="utf-8")
    rows = [["帖子", "时间", "入库"], ["星河", "0001-01-01 00:00:00", "2026-11-21 12:30"]]
    brought_in(store, csv_file(tmp_path / "f.csv", rows), load_mapping(tmp_path / "ours.yaml"))
    assert [m.published for m in mentions(store)] == [datetime(2026, 11, 21, 11, 30, tzinfo=UTC)]


def test_brands_of_the_file_of_the_command_and_of_the_text_are_joined(store: Store, tmp_path: Path) -> None:
    row = {"id": "weibo:1", "text": "星河与银河", "brands": "天河|大河"}
    brought_in(
        store,
        json_file(tmp_path / "f.jsonl", [row]),
        brands=("长河",),
        matcher=BrandMatcher([Brand("星河"), Brand("银河")]).match,
    )
    assert set(mentions(store)[0].brands) == {"天河", "大河", "长河", "星河", "银河"}


def test_all_shipped_mappings_can_be_read_and_say_where_they_come_from() -> None:
    assert {m.name for m in shipped()} == {"tingfeng", "sina-yuqingtong", "qingbo", "civiw", "meltwater"}
    assert all(load_mapping(path).evidence for path in SHIPPED.glob("*.yaml"))


OWN_FILE = """
name: ours
title: 自家
recognised_by: [[帖子]]
columns: {text: [帖子], published: [时间], platform: [站]}
constants: {platform: intranet}
time_formats: ["%d.%m.%Y %H:%M"]
timezone: Europe/Berlin
"""


def test_a_mapping_of_ones_own(store: Store, tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OWN_FILE, encoding="utf-8")
    ours = named_mapping(str(tmp_path / "ours.yaml"))
    brought_in(store, csv_file(tmp_path / "f.csv", [["帖子", "时间"], ["好", "21.11.2026 12:00"]]), ours)
    (post,) = mentions(store)
    assert (post.platform, post.published) == ("intranet", datetime(2026, 11, 21, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text: [帖子]": "texte: [帖子]"}, "columns: there is no field 'texte' (there is: id, post_id,"),
        ({"text: [帖子], ": ""}, "columns: neither text nor title is mapped"),
        ({"Europe/Berlin": "Peking"}, "timezone: there is no time zone 'Peking'"),
        ({"title: 自家": "titel: 自家"}, "title: Field required; titel: Extra inputs are not permitted"),
        ({"[[帖子]]": "[[帖子]"}, "ours.yaml:5:1 is no YAML"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(change: dict[str, str], said: str, tmp_path: Path) -> None:
    text = OWN_FILE
    for old, new in change.items():
        text = text.replace(old, new)
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadMapping) as told:
        named_mapping(str(tmp_path / "ours.yaml"))
    assert said in str(told.value)


def test_a_mapping_that_does_not_exist_is_told() -> None:
    with pytest.raises(BadMapping, match=r"no mapping 'sina' .*sina-yuqingtong"):
        named_mapping("sina")
    with pytest.raises(BadMapping, match="cannot be read"):
        named_mapping("/nowhere.yaml")


def test_a_file_without_the_columns_of_its_mapping_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRecognised, match="does not have the columns of the mapping meltwater"):
        OpenedFile(table(tmp_path / "f.csv", SINA), named_mapping("meltwater"))


def test_no_json_makes_the_reader_fail(store: Store, tmp_path: Path) -> None:
    odd: list[Any] = [None, True, -1, 1e300, "", [], {}, {"a": {"b": {"c": {"d": 1}}}}, "x" * 9]
    names = ("id", "text", "title", "url", "published", "author", "engagement", "brands", "reposts", "truncated")
    rows = [{"id": f"a:{n}", "text": "好"} | {name: value} for name in names for n, value in enumerate(odd)]
    tally, aside = brought_in(store, json_file(tmp_path / "f.jsonl", rows))
    assert tally.new + tally.known + len(aside) == len(rows)
