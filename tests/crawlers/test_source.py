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
NOTE = "67aa0000000000001b000001"
SHARED = f"https://www.xiaohongshu.com/explore/{NOTE}?xsec_token=AB%3D&xsec_source=pc_search"
COMPLAINT = "https://tousu.sina.com.cn/complaint/view/17390000001/"
NUMBER, BID = "4607741009594608", "K3fnuEfZK"
ON: dict[str, Any] = {"accounts": ["5"]}
OFF: dict[str, Any] = {"enabled": False}
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
        ({"type": "mi-community"}, "boards is empty"),
        ({"type": "mi-community", "boards": ["1"], "base_url": "vip.miui.com"}, "is no http"),
        ({"type": "bilibili"}, "nothing to read"),
        ({"type": "bilibili", "videos": ["BV1"]}, "is no BV name"),
        ({"type": "zhihu"}, "a signed-in source is off until"),
        ({"type": "xiaohongshu"}, "a signed-in source is off until"),
        ({"type": "weibo-ajax"}, "accounts and own are empty"),
        ({"type": "weibo-api", "accounts": ["5"]}, "token is missing"),
        ({"type": "weibo-api", "token": "x"}, "nothing to ask for"),
        ({"type": "weibo-search", "look_back": "0s"}, "look_back is more than nothing"),
        ({"type": "weibo-search", "look_back": "60d"}, "look_back is more than nothing"),
        ({"type": "weibo-search", "desktop_url": "weibo"}, "is no http"),
        ({"type": "weibo", "profiles": 51}, "less than or equal to 50"),
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
        (
            "mi-community",
            {"boards": ["5"]},
            {"mention_id": "mi-community:7"},
            "https://api.vip.miui.com/api/community/post/detail?postId=7",
        ),
        (
            "mi-community",
            {"boards": ["5"]},
            {"mention_id": "mi-community:comment:9", "thread": "mi-community:7"},
            "https://api.vip.miui.com/mtop/planet/vip/content/comments?postId=7&limit=10&after=",
        ),
        ("mi-community", {"boards": ["5"]}, {"mention_id": "mi-community:comment:9"}, None),
        ("zhihu", APPROVED, {"mention_id": "zhihu:article:5"}, "https://zhuanlan.zhihu.com/p/5"),
        (
            "zhihu",
            APPROVED,
            {"mention_id": "zhihu:comment:6", "thread": "zhihu:answer:5"},
            "https://www.zhihu.com/answer/5",
        ),
        ("zhihu", APPROVED, {"mention_id": "zhihu:url-abc"}, None),
        ("xiaohongshu", APPROVED, {"mention_id": f"xiaohongshu:{NOTE}", "url": SHARED}, SHARED),
        (
            "xiaohongshu",
            APPROVED,
            {"mention_id": "xiaohongshu:comment:1", "thread": f"xiaohongshu:{NOTE}"},
            f"https://www.xiaohongshu.com/explore/{NOTE}",
        ),
        ("xiaohongshu", APPROVED, {"mention_id": "xiaohongshu:comment:1"}, None),
        (
            "bilibili",
            {"accounts": ["7"]},
            {"mention_id": "bilibili:BV17x411w7KC"},
            "https://api.bilibili.com/x/web-interface/view?bvid=BV17x411w7KC",
        ),
        (
            "bilibili",
            {"accounts": ["7"]},
            {"mention_id": "bilibili:916751749918752793"},
            "https://api.bilibili.com/x/polymer/web-dynamic/v1/detail?id=916751749918752793",
        ),
        (
            "bilibili",
            {"accounts": ["7"]},
            {"mention_id": "bilibili:reply:8", "thread": "bilibili:BV17x411w7KC"},
            "https://api.bilibili.com/x/v2/reply/reply?type=1&oid=170001&root=8&ps=1&pn=1",
        ),
        ("heimao", {}, {"mention_id": "heimao:17390000001"}, COMPLAINT),
        ("heimao", {}, {"mention_id": "heimao:step:17390000001:ab", "thread": "heimao:17390000001"}, COMPLAINT),
        ("heimao", {}, {"mention_id": "heimao:text-abc"}, None),
        ("weibo-search", {}, {"mention_id": f"weibo:{NUMBER}"}, f"https://weibo.com/ajax/statuses/show?id={BID}"),
        ("weibo-ajax", ON, {"mention_id": f"weibo:{NUMBER}"}, f"https://weibo.com/ajax/statuses/show?id={BID}"),
        ("weibo-api", OFF, {"mention_id": "weibo:5"}, "https://api.weibo.com/2/statuses/show.json?id=5"),
        (
            "weibo",
            {},
            {"mention_id": "weibo:comment:9", "thread": "weibo:5"},
            "https://m.weibo.cn/comments/hotflow?id=5&mid=5&max_id_type=0",
        ),
        ("weibo", {}, {"mention_id": "weibo:comment:9"}, None),
        ("weibo", {}, {"mention_id": "weibo:text-abc"}, None),
    ],
)
def test_where_a_post_is_looked_at_again(
    kind: str, block: dict[str, Any], post: dict[str, Any], url: str | None
) -> None:
    fetch = source(kind, **block).reread(mention(**post))
    assert (fetch.url if fetch else None) == url


@pytest.mark.parametrize(
    ("kind", "pasted", "url"),
    [
        (
            "zhihu",
            "https://www.zhihu.com/question/1/answer/5?utm_psn=2",
            "https://www.zhihu.com/answer/5",
        ),
        ("zhihu", "https://zhuanlan.zhihu.com/p/5", "https://zhuanlan.zhihu.com/p/5"),
        ("zhihu", "https://www.zhihu.com/people/abc", None),
        ("zhihu", "https://weibo.com/1/2", None),
        ("xiaohongshu", f"{SHARED}&xsec_source=app_share", SHARED),
        ("xiaohongshu", "https://www.xiaohongshu.com/user/profile/5a", None),
        (
            "bilibili",
            "https://www.bilibili.com/video/av170001?p=1#reply5",
            "https://api.bilibili.com/x/web-interface/view?bvid=BV17x411w7KC",
        ),
        (
            "bilibili",
            "https://t.bilibili.com/916751749918752793",
            "https://api.bilibili.com/x/polymer/web-dynamic/v1/detail?id=916751749918752793",
        ),
        ("bilibili", "https://space.bilibili.com/7", None),
        (
            "mi-community",
            "https://web.vip.miui.com/page/info/mio/mio/detail?postId=7&fromPathname=x",
            "https://api.vip.miui.com/api/community/post/detail?postId=7",
        ),
        ("mi-community", "https://web.vip.miui.com/page/info/mio/mio/board?boardId=7", None),
        ("heimao", f"{COMPLAINT}?sld=c2ad", COMPLAINT),
        ("heimao", "https://tousu.sina.com.cn/company/view/?couid=17390000001", None),
    ],
)
def test_where_a_post_is_whose_address_was_pasted(kind: str, pasted: str, url: str | None) -> None:
    fetch = SOURCE_TYPES[kind].reader().page_of(pasted)
    assert (fetch.url if fetch else None) == url


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("zhihu", "https://www.zhihu.com/search?type=content&q=%E5%B0%8F%E7%B1%B3"),
        (
            "xiaohongshu",
            "https://www.xiaohongshu.com/search_result?keyword=%E5%B0%8F%E7%B1%B3&source=web_search_result_notes",
        ),
        ("bilibili", "https://search.bilibili.com/video?keyword=%E5%B0%8F%E7%B1%B3&order=pubdate"),
    ],
)
def test_a_signed_search_is_the_page_that_a_person_opens(kind: str, url: str) -> None:
    made = source(kind, **({"search": True} if kind == "bilibili" else APPROVED))
    (fetch,) = made.start([Brand("小米")])
    assert fetch.url == url
    assert made.in_browser(fetch)
    assert made.listens


POSTS_OF_WEIBO = [
    f"https://weibo.com/1645372340/{BID}?from=page_1005",
    f"weibo.com/1645372340/{BID}#comment",
    f"https://weibo.com/detail/{NUMBER}",
    f"https://m.weibo.cn/status/{NUMBER}?sudaref=x",
    f"https://m.weibo.cn/detail/{BID}",
    f"https://weibo.com/ajax/statuses/show?id={BID}&locale=zh-CN",
    f"https://m.weibo.cn/statuses/show?id={NUMBER}",
    f"https://m.weibo.cn/comments/hotflow?id={NUMBER}&mid={NUMBER}&max_id_type=0",
]


@pytest.mark.parametrize("url", POSTS_OF_WEIBO)
@pytest.mark.parametrize(
    ("kind", "block", "page"),
    [
        ("weibo", {}, f"https://m.weibo.cn/statuses/show?id={NUMBER}"),
        ("weibo-search", {}, f"https://weibo.com/ajax/statuses/show?id={BID}"),
        ("weibo-ajax", {"accounts": ["5"]}, f"https://weibo.com/ajax/statuses/show?id={BID}"),
        ("weibo-api", {"enabled": False}, f"https://api.weibo.com/2/statuses/show.json?id={NUMBER}"),
    ],
)
def test_every_weibo_source_knows_the_page_of_a_pasted_address(
    kind: str, block: dict[str, Any], page: str, url: str
) -> None:
    fetch = source(kind, **block).page_of(url)
    assert fetch is not None
    assert (fetch.url, fetch.kind) == (page, "post")


@pytest.mark.parametrize(
    "url",
    [
        "https://weibo.com/u/1645372340",
        "https://weibo.com/1645372340",
        "https://weibo.com/n/听风",
        f"https://weibo.example/1645372340/{BID}",
        "https://m.weibo.cn/statuses/show",
        "https://[",
        "",
    ],
)
def test_an_address_of_anything_else_is_none_of_weibo(url: str) -> None:
    assert source("weibo").page_of(url) is None


def test_a_token_is_sent_as_a_header_and_never_shown() -> None:
    made = source("weibo-api", token="s3cret", accounts=["5"])
    (fetch,) = made.start([])
    assert fetch.headers["Authorization"] == "OAuth2 s3cret"
    assert "s3cret" not in fetch.url + repr(made) + made.model_dump_json()
    assert made.collection == "official"


def test_the_desktop_site_gets_the_part_of_the_cookie_that_it_repeats() -> None:
    made = source("weibo-ajax", accounts=["5"], cookie="SUB=x; XSRF-TOKEN=abc; y=z", **APPROVED)
    (fetch,) = made.start([])
    assert fetch.headers["X-XSRF-TOKEN"] == "abc"


def test_a_search_by_scope_asks_the_plain_list_and_all_the_newest() -> None:
    urls = [
        next(source("weibo-search", scope=scope).start([Brand("听风")])).url
        for scope in ("all", "original", "hot", "verified")
    ]
    asked = "q=%E5%90%AC%E9%A3%8E"
    assert urls == [
        f"https://s.weibo.com/realtime?{asked}&rd=realtime&tw=realtime&page=1",
        f"https://s.weibo.com/weibo?{asked}&scope=ori&suball=1&page=1",
        f"https://s.weibo.com/weibo?{asked}&xsort=hot&suball=1&page=1",
        f"https://s.weibo.com/weibo?{asked}&vip=1&suball=1&page=1",
    ]


def test_every_type_reads_files_without_a_configuration() -> None:
    assert {kind: made.reader().model_dump()["type"] for kind, made in SOURCE_TYPES.items()} == {
        kind: kind for kind in SOURCE_TYPES
    }


def test_reading_a_saved_page_needs_neither_scrapy_nor_twisted() -> None:
    code = "import crawlers.sources, sys; assert not {'scrapy', 'twisted'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
