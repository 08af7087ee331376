"""Sites that an operator describes by selectors."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.source import Answer, Fetch, Outcome, Page
from crawlers.spiders.generic import Generic
from mentions.brands import Brand
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import visit
from tingfeng.cli import main

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
HTML = {
    "platform": "coolapk",
    "urls": ["https://a.test/s?q={keyword}&p={page}"],
    "item": "div.post",
    "fields": {
        "id": "@data-id",
        "text": "p.body",
        "title": "h3",
        "url": "h3 a@href",
        "author": ".who",
        "author_id": ".who@data-uid",
        "published": "time",
        "reposts": ".r",
        "comments": ".c",
        "likes": ".l",
        "views": ".v",
    },
    "empty": ["div.none", "text=没有找到"],
    "wall": ["form#login", "text=请完成验证"],
}
POST = """<div class="post" data-id="77"><h3><a href="/feed/77">标题 &amp;lt;b&gt;</a></h3>
<p class="body">听风手机坏了<br>很失望<img alt="[怒]"></p>
<span class="who" data-uid="9">某人</span><time>昨天 12:25</time>
<i class="r">转发</i><i class="c">1.2万+</i><i class="l">3</i></div>"""
JSON = {
    "format": "json",
    "platform": "kuaishou",
    "urls": ["https://a.test/api?p={page}"],
    "item": "data.list",
    "fields": {
        "id": "id",
        "text": "content",
        "author": "user.name",
        "url": "links[0].href",
        "published": "at",
        "likes": "n.like",
    },
    "wall": ["data.need_login", "text=请登录"],
    "empty": ["data.none"],
}


def read(block: dict[str, Any], body: str, **more: Any) -> Page:
    source = Generic.model_validate(block)
    return source.read(Answer(body.encode(), NOW, url="https://a.test/s?q=x", **more), "cool")


@pytest.mark.parametrize(
    ("beside", "outcome"),
    [
        ("<div class=none>没有结果，看看别的</div>", Outcome.EMPTY),
        ("<p>没有找到相关内容</p>", Outcome.EMPTY),
        ('<div class=none style="display:none"></div><script>"没有找到"</script>', Outcome.MENTIONS),
        ('<div class="post"><p class="body">没有找到客服</p></div>', Outcome.MENTIONS),
        ("<style>.a, .none{color:red;display: none}</style><div class=none>没有找到</div>", Outcome.MENTIONS),
        ("<style>@media print{.none{display:none}}</style><div class=none>没有</div>", Outcome.EMPTY),
        ("<style>a[{display:none}</style><div class=none>没有</div>", Outcome.EMPTY),
        ('<input placeholder="没有找到?"><!-- 没有找到 --><b title="没有找到"></b>', Outcome.MENTIONS),
        ("<title>没有找到</title>", Outcome.MENTIONS),
        ("<style>body{display:none}</style><div class=none>没有</div>", Outcome.EMPTY),
        ("<div hidden><div class=none hidden>没有<script></script></div></div>", Outcome.MENTIONS),
    ],
)
def test_posts_below_the_words_that_none_was_found_are_recommended_ones(beside: str, outcome: Outcome) -> None:
    assert read(HTML, f"<html><body>{beside}{POST}</body></html>").outcome == outcome


@pytest.mark.parametrize("behind", ["<div id=foot>没有找到想要的内容？</div>", "<div class=none></div>"])
def test_such_words_behind_the_first_post_belong_to_the_page(behind: str) -> None:
    page = read(HTML, f"<html><body><ul><li>{POST}</li><li>{behind}</li></ul>{POST}{behind}</body></html>")
    assert (page.outcome, len(page.observations)) == (Outcome.MENTIONS, 2)


def test_a_visit_says_that_posts_were_left_out(site: Site, tmp_path: Path) -> None:
    site.pages["/new"] = Reply(f"<div class=none></div>{POST}{POST.replace('77', '78')}")
    block = HTML | {"urls": [site.url + "/new"], "delay": timedelta()}
    with SqliteStore(tmp_path / "x.db") as store:
        run = visit(store, Generic.model_validate(block))
    assert (run.pages, run.new, run.error) == (1, 0, None)
    assert run.note == "posts below what `empty` names (div.none) were left out as recommended ones"


def test_a_mark_of_json_beside_the_list_says_that_its_posts_are_recommended_ones() -> None:
    data = {"none": True, "list": [{"id": 1, "content": "猜你喜欢"}]}
    assert read(JSON, json.dumps({"data": data})).outcome is Outcome.EMPTY
    assert read(JSON, json.dumps({"data": data | {"none": False}})).outcome is Outcome.MENTIONS


def test_a_post_of_html_has_all_that_the_selectors_find() -> None:
    (seen,) = read(HTML, f"<html><body>{POST}</body></html>").observations
    m, e = seen.mention, seen.engagement
    assert (m.id, m.platform, m.source, m.url) == ("coolapk:77", "coolapk", "cool", "https://a.test/feed/77")
    assert (m.title, m.text) == ("标题 &lt;b>", "听风手机坏了\n很失望[怒]")
    assert m.author is not None
    assert (m.author.platform, m.author.id, m.author.name) == ("coolapk:a.test", "9", "某人")
    assert m.published == datetime(2026, 3, 4, 4, 25, tzinfo=UTC)
    assert e is not None
    assert (e.reposts, e.comments, e.likes, e.views, e.at_least) == (0, 12_000, 3, None, frozenset({"comments"}))
    assert seen.raw is not None
    assert seen.raw.decode().startswith('<div class="post" data-id="77">')


def test_a_post_of_json_has_all_that_the_paths_lead_to() -> None:
    item = {
        "id": 5,
        "content": "听风<br>好",
        "user": {"name": "甲"},
        "links": [{"href": "/v/5"}],
        "at": 1_772_600_000,
    }
    item["n"] = {"like": "10万+"}
    (seen,) = read(JSON, json.dumps({"data": {"list": [item, 7, {"id": 6}]}})).observations
    assert (seen.mention.id, seen.mention.text, seen.mention.url) == (
        "kuaishou:5",
        "听风\n好",
        "https://a.test/v/5",
    )
    assert seen.engagement is not None
    assert (seen.engagement.likes, seen.engagement.at_least) == (100_000, frozenset({"likes"}))
    assert json.loads(seen.raw or b"") == item


def test_without_an_id_the_address_tells_posts_apart_and_without_one_the_words() -> None:
    fields = {"text": "p", "url": "a@href"}
    page = '<div class="post"><a href="https://v2ex.com/t/9">x</a><p>一</p></div><div class="post"><p>二</p></div>'
    first, second = read(HTML | {"fields": fields}, page).observations
    assert first.mention.id == "v2ex:9"
    assert second.mention.id.startswith("coolapk:text-")


@pytest.mark.parametrize(
    ("block", "body", "outcome"),
    [
        (HTML, "<p>很抱歉，没有找到</p>", Outcome.EMPTY),
        (HTML, "<div class=none></div>", Outcome.EMPTY),
        (HTML, f"<form id=login></form>{POST}", Outcome.LOGIN_WALL),
        (HTML, "<p>请完成验证</p>", Outcome.LOGIN_WALL),
        (HTML, "<p>another page</p>", Outcome.LAYOUT_CHANGED),
        (HTML, "<div class=post>new names</div>", Outcome.LAYOUT_CHANGED),
        (HTML, "<div class=post>没有找到</div>", Outcome.EMPTY),
        (HTML, "<script>none = '没有找到'</script><div class=new>names</div>", Outcome.LAYOUT_CHANGED),
        (HTML, "\x01\x02", Outcome.GARBAGE),
        (JSON, '{"data": {"none": true}}', Outcome.EMPTY),
        (JSON, '{"data": {"need_login": 1, "list": []}}', Outcome.LOGIN_WALL),
        (JSON, '{"data": {"list": []}}', Outcome.LAYOUT_CHANGED),
        (JSON, "<html>geetest</html>", Outcome.CAPTCHA),
        (JSON, "nothing", Outcome.GARBAGE),
    ],
)
def test_refusals_are_told_apart(block: dict[str, Any], body: str, outcome: Outcome) -> None:
    page = read(block, body)
    assert (page.outcome, page.observations) == (outcome, ())
    assert page.detail


def test_every_search_word_is_asked_for_in_every_address() -> None:
    source = Generic.model_validate(
        HTML | {"urls": ["https://a.test/s?q={keyword}&p={page}", "https://a.test/new"]}
    )
    asked = [f.url for f in source.start([Brand("听风", search=("听风 手机", "听"))])]
    assert asked == [
        "https://a.test/s?q=%E5%90%AC%E9%A3%8E%20%E6%89%8B%E6%9C%BA&p=1",
        "https://a.test/s?q=%E5%90%AC&p=1",
        "https://a.test/new",
    ]


def test_a_next_link_that_leads_elsewhere_is_not_followed() -> None:
    source = Generic.model_validate(HTML | {"next": "a.next@href"})
    fetch = Fetch("https://a.test/s", "list", context={"template": "https://a.test/s", "page": 1})
    for href, followed in (("/s?p=2", ["https://a.test/s?p=2"]), ("https://b.test/s", [])):
        body = f'{POST}<a class=next href="{href}">下一页</a>'.encode()
        page = source.read(Answer(body, NOW, url="https://a.test/s", fetch=fetch), "cool")
        assert [f.url for f in page.follow] == followed


def test_pages_are_followed_while_they_hold_news_up_to_the_cap(site: Site, tmp_path: Path) -> None:
    for n in range(1, 5):
        site.pages[f"/s?q=%E5%90%AC%E9%A3%8E&p={n}"] = Reply(POST.replace("77", str(n)))
    block = HTML | {"urls": [site.url + "/s?q={keyword}&p={page}"], "max_pages": 3, "delay": timedelta()}
    with SqliteStore(tmp_path / "x.db") as store:
        run = visit(store, Generic.model_validate(block))
        assert (run.pages, run.new, run.cap_hit) == (3, 3, True)
        again = visit(store, Generic.model_validate(block))
        assert (again.pages, again.new, again.cap_hit) == (1, 0, False)
        assert {f.mention.brands for f in store.posts.search(Search())} == {("听风",)}


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ({"item": "div..x"}, ("item",), "is no CSS selector"),
        ({"fields": {"text": "p", "title": "a["}}, ("fields", "title"), "'a\\[' is no CSS selector"),
        ({"fields": {"text": "p", "likes": "."}}, ("fields", "likes"), "finds nothing"),
        ({"fields": {"url": "a@href"}}, (), "neither text nor title"),
        ({"fields": {"text": "p", "heat": "p"}}, ("fields", "heat", "[key]"), "Input should be"),
        ({"format": "json", "fields": {"text": "a b"}}, ("fields", "text"), "no path into JSON"),
        ({"empty": ["text= "]}, ("empty", 0), "names no words"),
        ({"urls": []}, (), "urls is empty"),
        ({"urls": ["a.test"]}, ("urls", 0), "no http"),
        ({"item": None}, (), "item is missing"),
        ({"platform": "hot-weibo"}, (), "hot lists"),
    ],
)
def test_mistakes_are_named_where_they_stand(more: dict[str, Any], place: tuple[Any, ...], said: str) -> None:
    block = HTML | more
    if more.get("format") == "json":
        block |= {"item": "list", "empty": [], "wall": []}
    with pytest.raises(ValidationError, match=said) as raised:
        Generic.model_validate(block)
    assert [error["loc"] for error in raised.value.errors()] == [place]


CONFIG = """
brands: {听风: {}}
sources:
  cool:
    type: generic
    urls: ["https://a.test/"]
    item: div.post
    fields:
      text: p.body
      title: SELECTOR
channels: {console: {type: console}}
rules: {any: {type: post, title: 有人说了, severity: blue}}
"""


def test_a_saved_page_is_read_with_the_selectors_of_config_yaml(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, page = tmp_path / "config.yaml", tmp_path / "page.html"
    config.write_text(CONFIG.replace("SELECTOR", "h3"), encoding="utf-8")
    page.write_text(POST, encoding="utf-8")
    assert main(["parse", "cool", str(page), "-c", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "听风手机坏了\n很失望[怒]"
    assert main(["parse", "generic", str(page)]) == 2
    assert "selectors stand in config.yaml" in capsys.readouterr().err
    assert main(["parse", "nobody", str(page), "-c", str(config)]) == 2
    assert "there is no source 'nobody'" in capsys.readouterr().err


def test_a_bad_selector_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace("SELECTOR", "'a['"), encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 2
    assert f"{config}:10:7: sources.cool.fields.title: 'a['" in capsys.readouterr().err
