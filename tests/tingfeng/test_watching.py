"""Somebody sent this: an address, a picture or a text."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from alerts.incidents import Change
from alerts.judging import judge_pending
from alerts.watched import Sender
from crawlers.reactor import run_in_reactor
from mentions.brands import BrandMatcher
from mentions.evidence import Kind
from mentions.incidents import IncidentState
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.tasks import reread
from tests.crawlers.conftest import Reply, Site, serving
from tests.making import NOW, mention, minutes, negative, seen
from tingfeng.cli import main
from tingfeng.config import Config
from tingfeng.config.blocks import WatchBlock
from tingfeng.desk import Desk
from tingfeng.stages import crawl
from tingfeng.watching import BadWatch, Sent, Watched, watch

TEXT = "昨天新买的云雀手机充电时冒烟，客服让我自己处理，太让人失望了"
LONG_TEXT = f"{TEXT}，打了四个电话都说让我等通知，退款到现在也没有到账，后盖已经顶开，希望给一个说法"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
Watch = Callable[..., Watched]


def desk_of(store: Store, url: str) -> Desk:
    config = Config.model_validate(
        {
            "brands": {"云雀": {}, "山雀": {}},
            "sources": {"v2ex": {"type": "v2ex", "base_url": url, "delay": "0s"}},
            "channels": {"desk": {"type": "console"}},
            "rules": {"r": {"type": "post", "title": "负面", "severity": "blue", "when": "false"}},
            "watch": {"private_addresses": True},
        }
    )
    brands = config.watched()
    return Desk(
        config=config,
        store=store,
        brands=brands,
        matcher=BrandMatcher(brands),
        settings=config.alerting(),
        language=config.reader(),
        now=lambda: NOW,
        owner="test",
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


@pytest.fixture
def desk(store: Store, site: Site) -> Desk:
    return desk_of(store, site.url)


@pytest.fixture
def watched(desk: Desk) -> Watch:
    def sent(what: str, note: str = "", **more: Any) -> Watched:
        return run_in_reactor(lambda: watch(desk, Sent(what, Sender("张三", note), **more)))

    return sent


def topic(text: str = TEXT) -> Reply:
    member = {"id": 7, "username": "阿甲"}
    return Reply(json.dumps([{"id": 12, "title": "求助", "content": text, "replies": 0, "member": member}]))


def show_topic(site: Site, text: str = TEXT) -> str:
    site.pages["/api/topics/show.json?id=12"] = topic(text)
    return "https://www.v2ex.com/t/12#reply3"


def test_an_address_is_fetched_frozen_and_an_incident_with_its_sender(
    desk: Desk,
    watched: Watch,
    site: Site,
) -> None:
    told = watched(show_topic(site), "群里转的")
    assert (told.mention.id, told.source, told.change, told.unread) == ("v2ex:12", "v2ex", Change.OPENED, None)
    (copy,) = desk.store.evidence.copies(["v2ex:12"])["v2ex:12"]
    assert (copy.kind, copy.frozen) == (Kind.POST, NOW)
    events = desk.store.incidents.events(told.incident.id)
    assert [(e.kind, e.actor, e.reason) for e in events] == [
        ("opened", "tingfeng", "watched"),
        ("forwarded", "张三", "群里转的"),
    ]
    (message,) = desk.store.outbox.of_incident(told.incident.id)
    assert message.payload["sender"] == {"who": "张三", "note": "群里转的"}
    assert desk.store.runs.recent("v2ex")[0].kind == "watch"


def test_a_repost_is_watched_and_not_its_origin(store: Store, site: Site) -> None:
    """A page of Weibo shows the origin before the repost, and the address means the repost."""
    made = desk_of(store, site.url)
    weibo = {"type": "weibo", "base_url": site.url, "delay": "0s"}
    config = Config.model_validate(made.config.model_dump(exclude={"sources"}) | {"sources": {"w": weibo}})
    user = {"id": 7, "screen_name": "甲"}
    origin = {"id": "4646077034561612", "text": TEXT, "user": user, "created_at": "刚刚"}
    post = {"id": "4646077034561613", "text": "看看", "user": user, "retweeted_status": origin}
    site.pages["/statuses/show?id=4646077034561613"] = Reply(json.dumps({"ok": 1, "data": post}))
    sent = Sent("https://m.weibo.cn/status/4646077034561613", Sender("张三"), "云雀")
    told = run_in_reactor(lambda: watch(replace(made, config=config), sent))
    assert (told.mention.id, told.source) == ("weibo:4646077034561613", "w")


def test_the_same_address_again_is_a_note_and_no_second_incident(
    desk: Desk,
    watched: Watch,
    site: Site,
) -> None:
    first, again = watched(show_topic(site)), watched(show_topic(site), "还在传")
    assert again.incident.id == first.incident.id
    assert len(desk.store.incidents.recent(unresolved=False)) == 1
    assert [e.reason for e in desk.store.incidents.events(first.incident.id, ["forwarded"])] == [
        "by hand",
        "还在传",
    ]
    assert len(desk.store.outbox.of_incident(first.incident.id)) == 1


def test_a_watched_post_is_looked_at_each_minute_however_old_and_calm(
    desk: Desk,
    watched: Watch,
    site: Site,
) -> None:
    watched(show_topic(site))
    queue, at = reread("v2ex"), NOW + minutes(1)
    assert not desk.store.tasks.due(queue, NOW + minutes(0.9))
    assert desk.store.tasks.due(queue, at)
    for n in range(2):
        desk.store.tasks.drop(queue, ["v2ex:12"])
        desk.store.posts.record([seen(mention("v2ex:12", TEXT, source="v2ex"), at + minutes(n), comments=0)])
        desk.store.posts.add_scores([negative("v2ex:12", at + minutes(n))])
        judge_pending(desk.store, desk.settings, owner="t", now=lambda n=n: at + minutes(n))  # type: ignore[misc]
        assert desk.store.tasks.backlog(queue).oldest == at + minutes(n + 1)


def test_the_brand_that_was_named_counts_though_no_word_names_it(
    desk: Desk,
    watched: Watch,
    site: Site,
) -> None:
    told = watched(show_topic(site, "这家公司的手机起火了"), brand="山雀")
    assert (told.incident.brand, told.mention.brands) == ("山雀", ("山雀",))
    assert desk.store.tasks.backlog("score").waiting == 1


def test_words_that_name_no_brand_need_one(watched: Watch) -> None:
    with pytest.raises(BadWatch, match=r"say whose matter it is with --brand \(there is: 云雀, 山雀\)"):
        watched("这家公司的手机起火了")
    with pytest.raises(BadWatch, match="There is no brand '麻雀'"):
        watched(TEXT, brand="麻雀")


def test_a_page_of_no_known_source_is_read_as_any_page(watched: Watch, site: Site) -> None:
    article = f"<nav>首页</nav><article><p>{TEXT * 4}</p></article>"
    site.pages["/news"] = Reply(f"<html><head><title>云雀冒烟</title></head><body>{article}</body></html>")
    told = watched(f"{site.url}/news")
    assert (told.mention.platform, told.mention.title, told.source) == ("web", "云雀冒烟", None)
    assert told.mention.text == TEXT * 4


def test_a_page_that_refuses_is_kept_by_its_address_and_says_why(watched: Watch, site: Site) -> None:
    site.pages["/wall"] = Reply("no", 403)
    told = watched(f"{site.url}/wall", "云雀的爆料", brand="云雀")
    assert (told.mention.url, told.mention.text) == (f"{site.url}/wall", "云雀的爆料")
    assert "HTTP 403" in str(told.unread)
    assert told.evidence


@pytest.mark.parametrize("address", ["http://127.0.0.1:PORT/news", "http://localhost:PORT/news"])
def test_what_only_we_can_reach_is_not_fetched_for_a_stranger(desk: Desk, site: Site, address: str) -> None:
    asked = address.replace("PORT", site.url.rpartition(":")[2])
    guarded = desk.config.model_copy(update={"watch": WatchBlock()})
    sent = Sent(asked, Sender("张三"), "云雀")
    told = run_in_reactor(lambda: watch(replace(desk, config=guarded), sent))
    assert "is an address of this machine or its network: it is not asked" in str(told.unread)
    assert site.asked == []


def test_a_platform_whose_source_is_off_is_kept_by_its_address(watched: Watch) -> None:
    told = watched("https://weibo.com/2803301701/Ox1abcdef", brand="云雀")
    assert told.unread is not None
    assert "No source that is switched on in config.yaml reads weibo" in told.unread
    assert (told.mention.url, told.mention.platform) == ("https://weibo.com/2803301701/Ox1abcdef", "web")


def test_a_short_address_leads_to_the_source_that_knows_the_post(desk: Desk, site: Site) -> None:
    weibo = {"type": "weibo", "base_url": site.url, "delay": "0s"}
    config = Config.model_validate(desk.config.model_dump(exclude={"sources"}) | {"sources": {"w": weibo}})
    post = {"id": "4646077034561612", "text": TEXT, "user": {"id": 7, "screen_name": "甲"}, "created_at": "刚刚"}
    site.pages["/short"] = Reply(status=302, headers={"Location": f"{site.url}/status/4646077034561612"})
    site.pages["/status/4646077034561612"] = Reply("<html><title>Sina Visitor System</title></html>")
    site.pages["/statuses/show?id=4646077034561612"] = Reply(json.dumps({"ok": 1, "data": post}))
    sent = Sent(f"{site.url}/short", Sender("张三"), "云雀")
    told = run_in_reactor(lambda: watch(replace(desk, config=config), sent))
    assert (told.mention.id, told.source, told.unread) == ("weibo:4646077034561612", "w", None)


def test_a_picture_is_evidence_with_the_text_that_was_given(desk: Desk, watched: Watch, tmp_path: Path) -> None:
    picture = tmp_path / "shot.png"
    picture.write_bytes(PNG)
    told = watched(str(picture), text=TEXT)
    copies = {copy.kind: copy for copy in desk.store.evidence.copies([told.mention.id])[told.mention.id]}
    assert set(copies) == {Kind.IMAGE, Kind.ROW}
    assert (desk.store.evidence.body(copies[Kind.IMAGE]), told.unread) == (PNG, None)
    assert told.mention.text == TEXT


def test_a_picture_that_nobody_read_says_so(
    watched: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    (tmp_path / "a.png").write_bytes(PNG)
    assert "was not read: give it with --text" in str(watched(str(tmp_path / "a.png"), brand="云雀").unread)


def test_a_picture_is_read_where_the_extra_is_installed(
    watched: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = SimpleNamespace(txts=("云雀手机", "冒烟了", "?"), scores=(0.9, 0.8, 0.1))
    monkeypatch.setitem(sys.modules, "rapidocr", SimpleNamespace(RapidOCR=lambda: lambda _picture: read))
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff...")
    told = watched(str(tmp_path / "a.jpg"))
    assert (told.mention.text, told.unread) == ("云雀手机\n冒烟了", None)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nowhere.png", "cannot be read: No such file"),
        ("https://[bad", "is no address"),
        ("  …  ", "There is nothing to watch"),
    ],
)
def test_bad_input_is_one_sentence(watched: Watch, what: str, said: str) -> None:
    with pytest.raises(BadWatch, match=said):
        watched(what)


def test_a_file_that_only_is_called_a_picture_is_none(watched: Watch, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"GIF89a")
    with pytest.raises(BadWatch, match="is no picture: only png and jpg"):
        watched(str(tmp_path / "a.png"))


def posted(desk: Desk, number: int, text: str = LONG_TEXT, **more: Any) -> None:
    """A post that a source saw, judged as every post is."""
    found = mention(f"weibo:{number}", text, **({"brands": ("云雀",)} | more))
    desk.store.posts.record([seen(found)])
    judge(desk, found.id)


def judge(desk: Desk, mention_id: str) -> None:
    desk.store.posts.add_scores([negative(mention_id)])
    judge_pending(desk.store, desk.settings, owner="t", now=desk.now)


def test_copies_that_are_known_join_its_incident(desk: Desk, watched: Watch) -> None:
    for number, text in enumerate((LONG_TEXT.replace("昨天", "前天"), "云雀真好看" + TEXT, LONG_TEXT), 1):
        posted(desk, number, text)
    told = watched(LONG_TEXT)
    assert told.copies == ("weibo:1", "weibo:3")
    assert desk.store.incidents.mentions(told.incident.id) == [told.mention.id, "weibo:1", "weibo:3"]
    assert watched(LONG_TEXT).copies == told.copies
    assert len(desk.store.incidents.events(told.incident.id, ["joined"])) == 2


def test_a_copy_that_is_found_later_joins_when_it_is_judged(desk: Desk, watched: Watch) -> None:
    told = watched(LONG_TEXT)
    judge(desk, told.mention.id)
    posted(desk, 1)
    posted(desk, 2, TEXT)
    posted(desk, 3, "转发微博", repost_of="weibo:1")
    assert desk.store.incidents.mentions(told.incident.id) == [told.mention.id, "weibo:1"]
    assert [f.rule for f in desk.store.incidents.findings(told.incident.id)] == ["watched", "copy"]
    assert len(desk.store.outbox.of_incident(told.incident.id)) == 1


def test_a_copy_that_came_while_the_watched_post_waited_joins_with_it(desk: Desk, watched: Watch) -> None:
    told = watched(LONG_TEXT)
    posted(desk, 1)
    posted(desk, 2)
    judge(desk, told.mention.id)
    assert desk.store.incidents.mentions(told.incident.id) == [told.mention.id, "weibo:1", "weibo:2"]


def test_no_copy_joins_what_is_resolved(desk: Desk, watched: Watch) -> None:
    told = watched(LONG_TEXT)
    judge(desk, told.mention.id)
    desk.store.incidents.update(replace(told.incident, state=IncidentState.RESOLVED, resolved=NOW))
    posted(desk, 1)
    assert desk.store.incidents.mentions(told.incident.id) == [told.mention.id]


def test_sources_that_can_search_look_for_its_words(store: Store, site: Site) -> None:
    """The post names no brand, and stands where no search for a brand finds it."""
    made, text = desk_of(store, site.url), LONG_TEXT.replace("云雀", "这家")
    block = {"type": "heimao", "base_url": site.url, "delay": "0s"}
    config = made.config.model_dump(exclude={"sources"}) | {"sources": {"h": block}}
    desk = replace(made, config=Config.model_validate(config))
    told = run_in_reactor(lambda: watch(desk, Sent(text, Sender("张三"), "山雀")))
    assert (told.sought, told.searching) == (
        ("昨天新买的这家手机充电时冒烟", "打了四个电话都说让我等通知"),
        ("h",),
    )
    found = {"result": {"data": {"lists": [{"main": {"sn": 5, "title": "投诉", "summary": text}}]}}}
    site.pages[f"/api/index/s?keywords={quote(told.sought[1])}&page_size=10&page=1"] = Reply(json.dumps(found))
    run_in_reactor(lambda: crawl(desk, "h"))
    judge(desk, told.mention.id)
    judge(desk, "heimao:5")
    assert store.posts.get(["heimao:5"])["heimao:5"].mention.brands == ("山雀",)
    assert store.incidents.mentions(told.incident.id) == [told.mention.id, "heimao:5"]


def test_no_word_of_what_is_private_is_looked_for_any_more(desk: Desk, watched: Watch) -> None:
    assert watched(LONG_TEXT).sought
    assert len(desk.store.seeking.sought(NOW)) == 2
    assert watched(LONG_TEXT, private=True).sought == ()
    assert desk.store.seeking.sought(NOW) == []


def test_look_elsewhere_false_ends_also_what_is_looked_for_now(store: Store, site: Site) -> None:
    made = desk_of(store, site.url)
    block = {"type": "heimao", "base_url": site.url, "delay": "0s"}
    config = made.config.model_dump(exclude={"sources", "watch"}) | {"sources": {"h": block}}
    off, on = (
        replace(made, config=Config.model_validate(config | {"watch": {"look_elsewhere": look}}))
        for look in (False, True)
    )
    told = run_in_reactor(lambda: watch(on, Sent(LONG_TEXT, Sender("张三"))))
    assert (told.searching, run_in_reactor(lambda: watch(off, Sent(TEXT, Sender("张三")))).sought) == (("h",), ())
    clauses = [quote(words) for words in told.sought]
    for desk, asked in ((off, False), (on, True)):
        run_in_reactor(lambda desk=desk: crawl(desk, "h"))  # type: ignore[misc]
        assert any(clause in path for path in site.asked for clause in clauses) is asked


def test_the_command_says_that_no_word_is_sent(told_by_cron: Callable[..., tuple[int, str]]) -> None:
    assert "不会向任何网站发送其中的词句" in told_by_cron("watch", LONG_TEXT, "--private")[1]


def test_what_was_not_read_is_not_looked_for(watched: Watch, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    assert watched(str(tmp_path / "a.png"), brand="云雀").sought == ()


@pytest.fixture
def told_by_cron(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The commands over a config.yaml in a folder of its own: exit code and what was printed."""
    config = tmp_path / "config.yaml"
    config.write_text(
        "brands: {云雀: {}}\nsources: {v2ex: {type: v2ex}}\nchannels: {desk: {type: console}}\n"
        "rules: {r: {type: post, title: 负面, severity: blue}}\nstore: store.db\n",
        encoding="utf-8",
    )

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "-c", str(config)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_the_command_says_what_became_of_it(told_by_cron: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, said = told_by_cron("watch", TEXT, "--by", "张三", "--json")
    told = json.loads(said)
    assert (code, told["incident"], told["change"], told["brand"]) == (0, 1, "opened", "云雀")
    assert "属于事件 #1" in told_by_cron("watch", TEXT, "--by", "李四")[1]
    code, said = told_by_cron("watch", str(tmp_path / "none.png"))
    assert (code, said.count("\n")) == (2, 1)


def test_the_copies_are_written_out_with_a_manifest(
    told_by_cron: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    told_by_cron("watch", TEXT)
    assert told_by_cron("incident", "evidence", "1", "--out", str(tmp_path / "case"))[0] == 0
    manifest = json.loads((tmp_path / "case" / "manifest.json").read_text(encoding="utf-8"))
    for copy in manifest["copies"]:
        body = (tmp_path / "case" / copy["file"]).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (copy["sha256"], copy["bytes"])
    assert TEXT.encode() in [(tmp_path / "case" / c["file"]).read_bytes() for c in manifest["copies"]]
    assert told_by_cron("incident", "evidence", "7")[0] == 1


def test_verify_finds_a_copy_that_was_changed(
    told_by_cron: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    told_by_cron("watch", TEXT)
    assert told_by_cron("store", "verify")[0] == told_by_cron("incident", "verify", "1")[0] == 0
    with SqliteStore(tmp_path / "store.db") as opened, opened.database.transaction() as tx:
        tx.execute("UPDATE evidence SET body = x'00'")
    for command in (("store", "verify"), ("incident", "verify", "1")):
        code, said = told_by_cron(*command)
        assert (code, "内容与留存时不一致" in said) == (1, True)
