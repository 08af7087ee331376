"""Sources that see less than they should are incidents: told with what to do, and over by themselves."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import yaml

from alerts.health import watch_health
from alerts.incidents import Change
from alerts.language import Language
from alerts.message import Message, render
from alerts.seeing import percent
from alerts.sources import Standing
from mentions.looks import Look
from mentions.pages import Shape
from mentions.sites import Cooling
from mentions.store import Store
from tests.alerts.arranging import messages, settings
from tests.making import NOW, mention, minutes, seen
from tests.test_docs import ROOT

SHIPPED: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["rules"]


def watch(store: Store, rule: str, at: datetime = NOW, **more: Any) -> list[Change]:
    told = settings({rule: SHIPPED[rule]}, unwatched=("douyin", "wechat"), **more)
    return watch_health(store, told, now=lambda: at)


def visit(store: Store, at: datetime = NOW, **how: Any) -> None:
    run = store.runs.start("weibo", at)
    store.runs.finish(replace(run, finished=at, **({"pages": 1} | how)))


def last(store: Store, tag: str = "en") -> Message:
    return render(messages(store)[-1].payload, language=Language(tag), privacy="full", now=NOW)


def lines(message: Message, title: str) -> tuple[str, ...]:
    return next(section.lines for section in message.sections if section.title == title)


def looked(store: Store, at: float, **outcomes: str) -> None:
    """A visit that looked at each query, and read those that it says `mentions` of; it ends a little later."""
    began, ended = NOW + minutes(at), NOW + minutes(at) + timedelta(seconds=40)
    run = store.runs.start("weibo", began)
    read = sum(said == "mentions" for said in outcomes.values())
    walled = {said: 1 for said in outcomes.values() if said != "mentions"}
    error = None if read else "No page could be read."
    store.runs.finish(replace(run, finished=ended, pages=read, blocked=walled, error=error))
    store.looks.add(
        [Look("weibo", q, began, pages=int(said == "mentions"), outcome=said) for q, said in outcomes.items()]
    )


def looks(store: Store, hidden: float) -> None:
    """Two looks at 240 posts, of which each hides others, so large a share."""
    chance = Random(1)
    listed = [mention(f"weibo:{n}", published=NOW - timedelta(seconds=15 * n + 7)) for n in range(10, 250)]
    store.posts.record([seen(m) for m in listed])
    for number in (0, 1):
        shown = tuple(m.id for m in listed if chance.random() >= hidden)
        store.looks.add([Look("weibo", "星河", NOW + minutes(6 * number), pages=1, posts=shown)])


def test_a_wall_at_a_signed_in_source_is_a_dying_cookie(store: Store) -> None:
    visit(store, pages=9, blocked={"login_wall": 1})
    assert watch(store, "cookie-dying") == []
    assert watch(store, "cookie-dying", accounts={"weibo": None}) == [Change.OPENED]
    assert lines(last(store), "What to do")[0].startswith("Sign in again in a browser")
    assert any("登录墙" in line for line in lines(last(store, "zh_CN"), "为什么提醒你"))


def test_a_dying_cookie_is_over_after_three_visits_without_a_wall(store: Store) -> None:
    visit(store, blocked={"login_wall": 1})
    watch(store, "cookie-dying", accounts={"weibo": None})
    for number in (1, 2, 3):
        assert messages(store)[-1].reason == "opened"
        visit(store, NOW + minutes(number))
        watch(store, "cookie-dying", NOW + minutes(number), accounts={"weibo": None})
    assert messages(store)[-1].reason == "resolved"


@pytest.mark.parametrize(
    "blocked",
    [{"cooling": 1}, {"refused": 1}, {"timeout": 1}, {"throttled": 2}],
    ids=lambda reasons: next(iter(reasons)),
)
def test_visits_that_asked_nothing_or_got_no_answer_end_no_dying_cookie(
    store: Store, blocked: dict[str, int]
) -> None:
    visit(store, pages=0, blocked={"login_wall": 1})
    watch(store, "cookie-dying", accounts={"weibo": None})
    for number in range(1, 50):
        visit(store, NOW + minutes(number), pages=0, blocked=blocked)
        assert watch(store, "cookie-dying", NOW + minutes(number), accounts={"weibo": None}) == [Change.KNOWN]


def test_pages_of_one_site_say_nothing_of_the_wall_of_another(store: Store) -> None:
    visit(store, pages=3, blocked={"login_wall": 1})
    watch(store, "cookie-dying", accounts={"weibo": None})
    for number in range(1, 9):
        visit(store, NOW + minutes(number), pages=3, blocked={"cooling": 1})
        assert watch(store, "cookie-dying", NOW + minutes(number), accounts={"weibo": None}) == [Change.KNOWN]


@pytest.mark.parametrize("blocked", [{"timeout": 1}, {"cooling": 1}, {"connection lost": 2}], ids=str)
def test_a_changed_layout_is_over_only_when_a_page_was_read(store: Store, blocked: dict[str, int]) -> None:
    visit(store, pages=0, blocked={"layout_changed": 1})
    watch(store, "layout-changed")
    visit(store, NOW + minutes(1), pages=0, blocked=blocked)
    assert watch(store, "layout-changed", NOW + minutes(1)) == [Change.KNOWN]
    visit(store, NOW + minutes(2))
    watch(store, "layout-changed", NOW + minutes(2))
    assert messages(store)[-1].reason == "resolved"


def test_a_cookie_whose_end_is_near_is_told_before(store: Store) -> None:
    visit(store)
    for days, told in ((4, []), (3, [Change.OPENED])):
        assert watch(store, "cookie-dying", accounts={"weibo": NOW.date() + timedelta(days=days)}) == told
    assert f"the cookie ends on {date(2026, 11, 24)}" in lines(last(store), "Why you are told")


def test_walls_that_grow_at_a_public_source_are_told(store: Store) -> None:
    for number in range(10):
        visit(store, NOW + minutes(number))
    for number in range(10, 13):
        visit(store, NOW + minutes(number), blocked={"captcha": 1})
    assert watch(store, "cookie-dying", NOW + minutes(13)) == [Change.OPENED]


def test_pages_that_lost_a_part_are_told_with_its_name_until_they_have_it_again(store: Store) -> None:
    visit(store)
    shape = Shape("weibo", "search", NOW, 9, {"mblog.id": 9}, ("mblog.id",), ("mblog.id",), 0.0125)
    store.pages.put_shapes([shape])
    assert watch(store, "layout-changed") == [Change.OPENED]
    assert "pages of the kind search have lost: mblog.id" in lines(last(store), "Why you are told")
    assert "tingfeng source accept weibo" in lines(last(store), "What to do")[0]
    store.pages.put_shapes([replace(shape, drift=0.0, changed=())])
    watch(store, "layout-changed", NOW + minutes(1))
    assert messages(store)[-1].reason == "resolved"


def test_a_page_that_could_not_be_read_is_a_changed_layout(store: Store) -> None:
    visit(store, blocked={"layout_changed": 1})
    assert watch(store, "layout-changed") == [Change.OPENED]
    (advice,) = lines(last(store), "What to do")
    assert "tingfeng source page weibo layout_changed" in advice
    assert "accept changes nothing" in advice


def test_a_query_that_is_not_read_while_its_source_is_is_told_with_its_reason_until_it_is(store: Store) -> None:
    looked(store, 0, 星河="mentions", 云岭="mentions")
    told = []
    for at in (10, 20, 30, 40):
        looked(store, at, 星河="mentions", 云岭="login_wall")
        told.append(watch(store, "query-silent", NOW + minutes(at)))
    assert told == [[], [], [Change.OPENED], [Change.KNOWN]]
    said = "“云岭” not read for 30 min (login_wall)"
    assert said in lines(last(store), "Why you are told")
    assert said in lines(last(store), "How fresh the sources are")[0]
    assert "“云岭”已有 30 分钟读不到（要求登录）" in last(store, "zh_CN").text()
    looked(store, 50, 星河="mentions", 云岭="mentions")
    watch(store, "query-silent", NOW + minutes(50))
    assert messages(store)[-1].reason == "resolved"


def test_a_source_that_falls_silent_as_a_whole_ends_no_silence_of_a_query_and_begins_none(store: Store) -> None:
    looked(store, 0, 星河="mentions", 云岭="login_wall")
    looked(store, 30, 星河="mentions", 云岭="login_wall")
    watch(store, "query-silent", NOW + minutes(30))
    for at in range(40, 99, 10):
        run = store.runs.start("weibo", NOW + minutes(at))
        store.runs.finish(replace(run, finished=NOW + minutes(at), error="refused", blocked={"refused": 2}))
        store.looks.add([Look("weibo", q, NOW + minutes(at), outcome="refused") for q in ("星河", "云岭")])
        assert watch(store, "query-silent", NOW + minutes(at)) == [Change.KNOWN]


def test_a_query_that_was_taken_out_of_the_configuration_is_no_silent_one(store: Store) -> None:
    for at in (0, 1):
        looked(store, at, 星河="mentions", 云岭="login_wall")
    for at in (31, 62):
        looked(store, at, 星河="mentions")
        assert watch(store, "query-silent", NOW + minutes(at)) == [[Change.OPENED], []][at > 60]


@pytest.mark.parametrize("lasted", [1, 40])
def test_a_source_that_is_walled_as_a_whole_has_no_silent_query(store: Store, lasted: float) -> None:
    """However long its last good visit took: what that visit read it did not leave out."""
    run = store.runs.start("weibo", NOW - minutes(lasted))
    looks = [Look("weibo", q, NOW - minutes(lasted), pages=1, outcome="mentions") for q in ("星河", "云岭")]
    store.looks.add(looks)
    store.runs.finish(replace(run, finished=NOW, pages=2))
    for at in range(10, 90, 10):
        looked(store, at, 星河="timeout", 云岭="timeout")
        assert watch(store, "query-silent", NOW + minutes(at)) == []
    watch(store, "source-silent", NOW + minutes(90))
    assert "not read for" not in last(store).text()


def test_a_message_names_the_refused_queries_in_its_language_and_no_sentence_of_the_log(store: Store) -> None:
    run = store.runs.start("weibo", NOW)
    error = "No page could be read. http://m.weibo.cn/x?containerid=100103type%3D61: The site wants an account."
    store.runs.finish(replace(run, finished=NOW, error=error, blocked={"login_wall": 2}))
    store.looks.add([Look("weibo", q, NOW, outcome="login_wall") for q in ("星河", "云岭")])
    watch(store, "source-silent", NOW + minutes(40))
    (line, *_) = lines(last(store, "zh_CN"), "数据源新鲜度")
    assert line.startswith("weibo: 至今没有读到过 (要求登录 ×2 “云岭” “星河”;")
    assert "containerid" not in last(store, "zh_CN").text()


def test_a_message_says_in_the_readers_time_until_when_and_why_a_site_is_left_alone(store: Store) -> None:
    visit(store, pages=0, error="Left alone until 2026-11-21 13:00:00 UTC (captcha): …", blocked={"cooling": 1})
    store.sites.cool(Cooling("weibo", "m.weibo.cn", "captcha", "…", NOW, NOW + minutes(60)))
    watch(store, "source-silent", NOW + minutes(40))
    (line, *_) = lines(last(store, "zh_CN"), "数据源新鲜度")
    assert line == "weibo: 至今没有读到过 (冷却中 ×1; 冷却到 11-21 21:00:00: 要求验证码)"


def test_a_visit_that_failed_without_a_refusal_says_where_its_sentence_stands(store: Store) -> None:
    visit(store, pages=0, error="xiaohongshu needs a browser.")
    watch(store, "source-silent", NOW + minutes(40))
    (line, *_) = lines(last(store, "zh_CN"), "数据源新鲜度")
    assert line == "weibo: 至今没有读到过 (上次访问失败：tingfeng source show weibo)"


def test_one_page_that_failed_once_makes_no_silent_query(store: Store) -> None:
    """Also where the source is looked at once an hour only."""
    told = []
    for at, said in ((0, "mentions"), (60, "timeout"), (120, "timeout"), (180, "mentions")):
        looked(store, at, 星河="mentions", 云岭=said)
        told.append(watch(store, "query-silent", NOW + minutes(at + 1)))
    assert told == [[], [], [Change.OPENED], []]
    (opened, _) = messages(store)
    assert opened.payload["condition"]["unread"][0]["minutes"] == 121


def test_a_search_for_an_own_channel_belongs_to_its_brand(store: Store) -> None:
    visit(store)
    asked = [Look("weibo", "@河厂客服", NOW, pages=1, brand="星河"), Look("weibo", "云岭", NOW, pages=1)]
    store.looks.add(asked)
    (fresh,) = store.runs.freshness(["weibo"])
    standing = Standing(fresh, NOW, store.looks.covered(["weibo"], NOW)["weibo"], {"云岭": ("云岭",)})
    assert sorted(standing.brands) == ["云岭", "星河"]
    assert [one.query for one in standing.of("星河").covered] == ["@河厂客服"]


def test_a_query_with_a_changed_layout_is_not_mended_by_other_queries(store: Store) -> None:
    looked(store, 0, 星河="mentions", 云岭="layout_changed")
    for at, said, told in ((1, "timeout", [Change.OPENED]), (2, "cooling", [Change.KNOWN]), (3, "mentions", [])):
        looked(store, at, 星河="mentions", 云岭=said)
        assert watch(store, "layout-changed", NOW + minutes(at)) == told


SEARCHED = {"星河": ("星河",), "河厂": ("星河",), "云岭": ("云岭",)}


def test_a_source_rule_with_brands_is_asked_for_each_of_them(store: Store) -> None:
    rule = {"type": "source", "severity": "red", "when": "source.capped_in_a_row >= 1", "brands": ["星河", "云岭"]}
    visit(store)
    store.looks.add([Look("weibo", q, NOW, pages=1, cap_hit=q == "云岭") for q in ("星河", "河厂", "云岭")])
    told = settings({"capped": rule}, searched=SEARCHED)
    assert watch_health(store, told, now=lambda: NOW) == [Change.OPENED]
    (incident,) = store.incidents.recent()
    assert (incident.key, incident.brand) == ("capped:weibo:云岭", "云岭")
    assert last(store).headline == "🔴 [RED] 云岭 · weibo: 规则 capped"
    (source,) = lines(last(store), "How fresh the sources are")
    assert "云岭: page cap hit ×1" in source
    assert "星河:" not in source


def test_what_a_brand_is_blind_for_is_said_of_it_alone(store: Store) -> None:
    rule = {"type": "source", "severity": "red", "brands": ["星河", "云岭"]}
    rule["when"] = "source.minutes_since_success >= 30 or source.query_unread_minutes >= 40"
    for at in (0, 30):
        looked(store, at, 星河="mentions", 河厂="login_wall" if at else "mentions", 云岭="login_wall")
    watch_health(store, settings({"blind": rule}, searched=SEARCHED), now=lambda: NOW + minutes(30))
    assert [incident.brand for incident in store.incidents.recent()] == ["云岭"]
    assert "云岭: not read for 30 min" in last(store).text()


def test_a_list_that_nobody_searches_counts_for_every_brand(store: Store) -> None:
    fresh = store.runs.freshness(["hot"])[0]
    store.looks.add([Look("hot", "[weibo]", NOW, pages=1)])
    standing = Standing(fresh, NOW, store.looks.covered(["hot"], NOW)["hot"], SEARCHED)
    assert (standing.brands, standing.of("星河").last_read) == ([], NOW)


def test_three_capped_looks_in_a_row_are_told(store: Store) -> None:
    visit(store)
    told = []
    for number in range(4):
        store.looks.add([Look("weibo", "星河", NOW + minutes(number), pages=1, cap_hit=number < 3)])
        told.append(watch(store, "cap-hit", NOW + minutes(number)))
    assert told == [[], [], [Change.OPENED], []]
    assert messages(store)[-1].reason == "resolved"


def test_a_source_that_misses_much_is_told_with_its_share(store: Store) -> None:
    visit(store)
    looks(store, 0.5)
    assert watch(store, "missing", NOW + minutes(6)) == [Change.OPENED]
    (number, behind, *_) = lines(last(store), "Why you are told")
    assert number.startswith("share of posts missed, at least")
    assert "most of “星河”" in behind


def test_looks_that_agree_raise_no_alarm_and_are_said_to_prove_nothing(store: Store) -> None:
    visit(store, blocked={"layout_changed": 1})
    looks(store, 0)
    assert watch(store, "missing", NOW + minutes(6)) == []
    watch(store, "layout-changed", NOW + minutes(6))
    (source, _) = lines(last(store), "How fresh the sources are")
    assert "how much it misses cannot be known" in source
    assert "0%" not in last(store).text()


def test_an_all_clear_names_what_nobody_watches(store: Store) -> None:
    visit(store, blocked={"layout_changed": 1})
    watch(store, "layout-changed")
    visit(store, NOW + minutes(1))
    watch(store, "layout-changed", NOW + minutes(1))
    assert messages(store)[-1].reason == "resolved"
    assert lines(last(store), "How fresh the sources are")[-1] == "not watched at all: Douyin · WeChat"
    assert "完全没有监测：抖音 · 微信" in last(store, "zh_CN").text()


def test_a_share_that_was_estimated_is_never_nothing() -> None:
    assert [percent(share) for share in (0.0004, 0.05, 0.231)] == ["<1%", "5%", "23%"]
