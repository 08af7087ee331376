"""What a source's block in config.yaml may say, and what it asks a site for."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from crawlers.source import Source
from crawlers.sources import SOURCE_TYPES, AnySource
from mentions.brands import Brand
from tests.making import mention

APPROVED = {"approved_by": "法务王", "approval_reason": "只读公开微博"}
BLOCKS: TypeAdapter[Any] = TypeAdapter(AnySource)


def source(kind: str, **block: Any) -> Source:
    made = BLOCKS.validate_python({"type": kind, **block})
    assert isinstance(made, Source)
    return made


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"type": "weibo", "schedule": "often"}, "is no schedule: write a duration"),
        ({"type": "weibo", "schedule": "0s"}, "there has to be some time"),
        ({"type": "weibo", "cookie": "SUB=x"}, "a signed-in source is off until"),
        ({"type": "weibo", "cookie": "SUB=x", "collection": "public"}, "write collection: signed-in"),
        ({"type": "weibo", "base_url": "m.weibo.cn"}, "is no http"),
        ({"type": "weibo", "obey_robots": False}, "needs robots_reason"),
        ({"type": "discuz", "base_url": "http://bbs.example"}, "forums is empty"),
        ({"type": "discuz", "forums": [2]}, "is no http"),
        ({"type": "rss"}, "feeds is empty"),
        ({"type": "rss", "feeds": ["file:///etc/passwd"]}, "is no http"),
        ({"type": "v2ex", "dealy": "2s"}, "Extra inputs"),
        ({"type": "v2ex", "headers": {"bad name": "x"}}, "the name of header 1 is none"),
        ({"type": "v2ex", "headers": {"A": "x", "X-Key: s3": ""}}, "the name of header 2 is none"),
        ({"type": "v2ex", "headers": {"X-Key": "s3\r\nB: c"}}, "the value of header X-Key holds a line break"),
        ({"type": "v2ex", "headers": {"X-Key": "s3\x7f"}}, "or another control character"),
        ({"type": "myspace"}, "does not match any of the expected tags"),
    ],
)
def test_a_wrong_block_is_refused_with_a_sentence(block: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        BLOCKS.validate_python(block)


def test_a_header_that_cannot_be_sent_is_refused_without_its_value() -> None:
    for name, value in (("X-Key: s3", ""), ("X-Key", "s3\n")):
        with pytest.raises(ValidationError) as refused:
            source("v2ex", headers={name: value})
        assert "s3" not in refused.value.errors()[0]["msg"]


def test_a_header_may_hold_a_tab_and_words_that_are_not_latin() -> None:
    headers = {"X-Who_2": "听风\tops"}
    assert source("v2ex", headers=headers).headers == headers


@pytest.mark.parametrize("schedule", ["90s", "1h30m", "*/5 * * * *", "0 8-22 * * mon-fri"])
def test_a_schedule_is_a_duration_or_a_cron_line(schedule: str) -> None:
    assert source("v2ex", schedule=schedule).schedule == schedule


def test_a_cookie_makes_weibo_signed_in_and_is_never_shown() -> None:
    made = source("weibo", cookie="SUB=secret", **APPROVED)
    assert made.collection == "signed-in"
    assert "secret" not in repr(made)
    assert "secret" not in made.model_dump_json()
    assert made.lawful_note == "signed in, approved by 法务王: 只读公开微博"


def test_a_signed_in_source_that_is_off_needs_no_approval() -> None:
    assert not source("weibo", cookie="SUB=x", enabled=False).enabled


def test_weibo_searches_every_word_once_newest_first() -> None:
    brands = [Brand("小米", search=("小米手机", "雷军")), Brand("红米", search=("小米手机",))]
    fetches = list(source("weibo", cookie="SUB=x", **APPROVED).start(brands))
    assert [f.url for f in fetches] == [
        "https://m.weibo.cn/api/container/getIndex?containerid=100103type%3D61%26q%3D"
        f"{word}&page_type=searchall&page=1"
        for word in ("%E5%B0%8F%E7%B1%B3%E6%89%8B%E6%9C%BA", "%E9%9B%B7%E5%86%9B")
    ]
    assert {f.headers["Cookie"] for f in fetches} == {"SUB=x"}


@pytest.mark.parametrize(
    ("kind", "block", "post", "url"),
    [
        ("weibo", {}, {"mention_id": "weibo:5"}, "https://m.weibo.cn/statuses/show?id=5"),
        ("v2ex", {}, {"mention_id": "v2ex:5"}, "https://www.v2ex.com/api/topics/show.json?id=5"),
        (
            "v2ex",
            {},
            {"mention_id": "v2ex:reply:9", "thread": "v2ex:5"},
            "https://www.v2ex.com/api/replies/show.json?topic_id=5",
        ),
        (
            "discuz",
            {"base_url": "http://b.cn", "forums": [2]},
            {"url": "http://b.cn/forum.php?mod=viewthread&tid=3&page=2#pid24"},
            "http://b.cn/forum.php?mod=viewthread&tid=3&page=2",
        ),
        ("rss", {"feeds": ["http://b.cn/feed"]}, {"mention_id": "rss:abc"}, None),
    ],
)
def test_where_a_post_is_looked_at_again(
    kind: str, block: dict[str, Any], post: dict[str, Any], url: str | None
) -> None:
    fetch = source(kind, **block).reread(mention(**post))
    assert (fetch.url if fetch else None) == url


def test_every_type_reads_files_without_a_configuration() -> None:
    assert {kind: made.reader().model_dump()["type"] for kind, made in SOURCE_TYPES.items()} == {
        kind: kind for kind in SOURCE_TYPES
    }


def test_reading_a_saved_page_needs_neither_scrapy_nor_twisted() -> None:
    code = "import crawlers.sources, sys; assert not {'scrapy', 'twisted'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
