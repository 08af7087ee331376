"""Rules of type hot: an entry of a hot list that names a brand is a finding, whatever its sentiment."""

from typing import Any

import pytest
from pydantic import ValidationError

from alerts.language import Language
from alerts.message import Message, render
from alerts.settings import Settings
from mentions.store import Store
from mentions.tasks import reread
from tests.alerts.arranging import ANY_RULE, judge, messages, settings, the_incident
from tests.making import NOW, minutes
from tests.mentions.test_hot import entry

FIRE = ("星河",)


def hot_rule(**more: Any) -> Settings:
    return settings({"on-list": {"type": "hot", "title": "品牌上热搜", "severity": "yellow"} | more})


CLIMBS = hot_rule(
    severity=None, when="not hot.is_ad", levels={"blue": "true", "orange": "hot.rank <= 3 and hot.rank >= 1"}
)


def changes(store: Store, told: Settings = CLIMBS, minute: float = 0) -> list[str]:
    return sorted(change.value for change in judge(store, told, NOW + minutes(minute)).changes)


def test_an_entry_is_found_before_any_model_has_judged_it(store: Store) -> None:
    store.posts.record([entry("星河发布会", 30, brands=FIRE)])
    assert changes(store) == ["opened"]
    incident = the_incident(store)
    assert (incident.key, incident.brand) == ("post:hot-weibo:星河发布会:星河", "星河")


def test_it_speaks_again_when_it_climbs_and_only_then(store: Store) -> None:
    said = []
    for minute, rank in enumerate([30, 20, 2, 9]):
        store.posts.record([entry("星河起火", rank, NOW + minutes(minute), brands=FIRE)])
        said.append(changes(store, minute=minute))
    assert said == [["opened"], ["known"], ["rose"], ["known"]]


def test_what_is_paid_for_and_what_has_left_the_list_are_no_findings(store: Store) -> None:
    store.posts.record([entry("星河新品", 0, brands=FIRE, tag="商"), entry("星河起火", 9, brands=FIRE)])
    store.posts.record([entry("某地降雪", 1, NOW + minutes(1))])
    assert changes(store, minute=2) == []


def test_a_rule_may_ask_how_long_how_high_and_how_hot(store: Store) -> None:
    told = hot_rule(
        when='hot.list == "weibo" and hot.minutes_on_list >= 10 and hot.best_rank == 2 and hot.rank == 8 '
        'and hot.best_heat == 900 and hot.heat == 700 and hot.tag == "沸" and brand == "星河"'
    )
    for minute, rank, heat in ((0, 2, 900), (4, 8, 700), (10, 8, 700)):
        store.posts.record([entry("星河起火", rank, NOW + minutes(minute), brands=FIRE, heat=heat, tag="沸")])
        assert changes(store, told, minute) == (["opened"] if minute == 10 else [])


def test_rules_of_one_brand_and_of_posts_leave_it_alone(store: Store) -> None:
    store.posts.record([entry("星河起火", 9, brands=FIRE)])
    assert changes(store, hot_rule(brands=["云岭"])) == []


def test_a_post_is_no_entry(store: Store) -> None:
    from tests.alerts.arranging import show  # noqa: PLC0415 - beside the fact it serves
    from tests.making import mention  # noqa: PLC0415

    show(store, mention())
    assert changes(store, hot_rule()) == []


def test_watched_words_find_an_entry_as_they_find_a_post_and_both_are_one_matter(store: Store) -> None:
    told = settings(
        {
            "on-list": {"type": "hot", "severity": "blue"},
            "fire": {"type": "post", "severity": "orange", "words": ["起火"], "group": "brand"},
        }
    )
    store.posts.record([entry("星河起火", 9, brands=FIRE)])
    assert changes(store, told) == ["joined", "opened"]
    assert len(store.incidents.recent()) == 1


def test_one_incident_may_hold_all_entries_of_a_brand(store: Store) -> None:
    store.posts.record([entry("星河起火", 9, brands=FIRE), entry("星河致歉", 12, brands=FIRE)])
    assert changes(store, hot_rule(group="brand")) == ["joined", "opened"]


def test_an_entry_is_not_looked_at_again_by_itself(store: Store) -> None:
    store.posts.record([entry("星河起火", 9, brands=FIRE)])
    changes(store)
    assert store.tasks.backlog(reread("hot")).waiting == 0


def message(store: Store, tag: str = "zh_CN") -> Message:
    return render(messages(store)[0].payload, language=Language(tag), privacy="minimal", now=NOW + minutes(50))


def test_the_message_says_list_rank_tag_heat_and_minutes(store: Store) -> None:
    for minute, rank in ((0, 2), (42, 3)):
        more: dict[str, Any] = {"heat": 2_841_003, "tag": "爆"}
        store.posts.record([entry("星河起火", rank, NOW + minutes(minute), brands=FIRE, **more)])
    changes(store, hot_rule(when="hot.minutes_on_list >= 10"), 42)
    said = message(store).text()
    assert "【黄】星河：品牌上热搜" in said
    assert "「星河起火」" in said
    assert "微博热搜 · 第 3 位 · 最高第 2 位 · 标签「爆」 · 热度 284.1万 · 在榜 42 分钟" in said
    assert "在榜时长（分钟） 42 ≥ 10" in said
    assert "谁说的" not in said
    assert "Weibo hot list · No. 3 · at best No. 2" in message(store, "en").text()


def test_an_entry_without_a_rank_says_so(store: Store) -> None:
    store.posts.record([entry("星河新品", 0, brands=FIRE, tag="商")])
    changes(store, hot_rule())
    assert "微博热搜 · 不排位（置顶或推广） · 标签「商」 · 在榜 0.0 秒" in message(store).text()


def test_a_list_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="never 'weixin'"):
        ANY_RULE.validate_python({"type": "hot", "title": "x", "severity": "red", "when": 'hot.list == "weixin"'})
