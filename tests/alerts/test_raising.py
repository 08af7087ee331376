"""From findings to incidents and messages, through the store."""

from typing import Any, Never

import pytest

from alerts.incidents import Change
from alerts.raising import raise_finding
from alerts.response import AlreadyResolved, NoSuchIncident, acknowledge, resolve
from mentions.incidents import Finding, IncidentState
from mentions.store import Store
from mentions.types import Severity
from tests.alerts.arranging import (
    LATER,
    REPOSTS,
    judge,
    messages,
    settings,
    show,
    the_incident,
)
from tests.making import NOW, mention

BRAND_RULE: dict[str, Any] = {"group": "brand", "words": ["鼓包"], "severity": "blue"}


def told(store: Store) -> list[tuple[str, str]]:
    return [(message.reason, message.severity.label) for message in messages(store)]


def test_a_post_alerts_once_and_again_only_when_its_level_rises(store: Store) -> None:
    for n, reposts in enumerate([5, 20, 21, 300, 499, 500, 700]):
        show(store, mention(), NOW + n * LATER, reposts=reposts)
        judge(store, at=NOW + n * LATER)
    assert told(store) == [("opened", "yellow"), ("rose", "red")]


def test_counts_that_fall_and_rise_again_say_nothing_new(store: Store) -> None:
    for n, reposts in enumerate([25, 3, 25]):
        show(store, mention(), NOW + n * LATER, reposts=reposts)
        judge(store, at=NOW + n * LATER)
    assert told(store) == [("opened", "yellow")]


def test_two_rules_of_one_post_open_one_incident_at_the_gravest_level(store: Store) -> None:
    show(store, mention())
    judge(store, settings({"a": {"severity": "blue"}, "b": {"severity": "red"}, "c": {"severity": "blue"}}))
    assert told(store) == [("opened", "red")]
    assert [f.rule for f in store.incidents.findings(the_incident(store).id)] == ["b", "a", "c"]


def test_a_reposts_finding_joins_its_origins_incident(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    show(store, mention("weibo:2", "转发微博", repost_of="weibo:1"), reposts=20)
    assert judge(store).changes == {Change.JOINED: 1}
    assert store.incidents.mentions(the_incident(store).id) == ["weibo:1", "weibo:2"]


def test_an_origin_joins_the_incident_that_its_repost_opened(store: Store) -> None:
    show(store, mention("weibo:2", "转发微博", repost_of="weibo:1"), reposts=20)
    judge(store)
    show(store, mention(), reposts=20)
    judge(store, settings({"words": BRAND_RULE}))
    assert told(store) == [("opened", "yellow")]


def test_echoes_of_a_brands_matter_join_one_incident(store: Store) -> None:
    rules = settings({"words": BRAND_RULE})
    for post in (mention(), mention("v2ex:7"), mention("discuz:9")):
        show(store, post)
        judge(store, rules)
    show(store, mention("weibo:5", "云岭电池鼓包", brands=("云岭",)))
    judge(store, rules)
    held = [store.incidents.mentions(i.id) for i in store.incidents.recent()]
    assert sorted(held) == [["weibo:1", "v2ex:7", "discuz:9"], ["weibo:5"]]


def test_an_echo_joins_the_incident_that_another_rule_opened(store: Store) -> None:
    rules = settings({"words": BRAND_RULE, "viral": {"when": "engagement.reposts >= 20", "severity": "orange"}})
    show(store, mention(), reposts=20)
    judge(store, rules)
    show(store, mention("v2ex:7"))
    judge(store, rules)
    assert store.incidents.mentions(the_incident(store).id) == ["weibo:1", "v2ex:7"]


def test_a_matter_that_an_echo_opened_takes_in_the_post_that_goes_viral(store: Store) -> None:
    rules = settings({"words": BRAND_RULE, "viral": {"when": "engagement.reposts >= 20", "severity": "orange"}})
    show(store, mention("v2ex:7"))
    judge(store, rules)
    show(store, mention(), reposts=20)
    judge(store, rules)
    assert told(store) == [("opened", "blue"), ("rose", "orange")]
    assert store.incidents.mentions(the_incident(store).id) == ["v2ex:7", "weibo:1"]


def test_a_second_crisis_does_not_hide_behind_the_first(store: Store) -> None:
    """Both posts match the brand's own rule, so they are one incident; each is heard of when its level rises."""
    levels = {"yellow": "engagement.reposts >= 20", "red": "engagement.reposts >= 500"}
    rules = settings({"words": BRAND_RULE, "viral": {"levels": levels}})
    show(store, mention(), reposts=600)
    judge(store, rules)
    for later, reposts in enumerate((0, 60, 80, 5000, 6000), 1):
        at = NOW + later * LATER
        show(store, mention("weibo:2", "又一台星河电池鼓包"), at, reposts=reposts)
        judge(store, rules, at=at)
    assert told(store) == [("opened", "red"), ("another", "yellow"), ("another", "red")]


def test_a_resolved_matter_stays_settled_at_its_level_also_for_reposts(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    resolve(store, the_incident(store).id, who="李四", reason="误报", at=NOW)
    show(store, mention(), NOW + LATER, reposts=30)
    show(store, mention("weibo:2", "转发微博", repost_of="weibo:1"), NOW + LATER, reposts=30)
    assert judge(store, at=NOW + LATER).changes == {Change.SETTLED: 2}
    assert told(store) == [("opened", "yellow")]


def test_a_resolved_matter_opens_again_at_a_higher_level(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    resolve(store, the_incident(store).id, who="李四", reason="误报", at=NOW)
    show(store, mention(), NOW + LATER, reposts=500)
    assert judge(store, at=NOW + LATER).changes == {Change.OPENED: 1}
    assert [i.severity for i in store.incidents.recent(unresolved=True)] == [Severity.RED]


def test_another_post_after_a_resolved_matter_is_a_new_one(store: Store) -> None:
    rules = settings({"words": BRAND_RULE})
    show(store, mention())
    judge(store, rules)
    resolve(store, the_incident(store).id, who="李四", reason="误报", at=NOW)
    show(store, mention("v2ex:7"))
    assert judge(store, rules).changes == {Change.OPENED: 1}


def test_an_acknowledged_matter_fires_again_when_it_rises(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    acknowledge(store, the_incident(store).id, who="李四", at=NOW)
    show(store, mention(), NOW + LATER, reposts=25)
    judge(store, at=NOW + LATER)
    assert the_incident(store).state is IncidentState.ACKNOWLEDGED
    show(store, mention(), NOW + 2 * LATER, reposts=500)
    judge(store, at=NOW + 2 * LATER)
    assert (the_incident(store).state, the_incident(store).owner) == (IncidentState.FIRING, "李四")


def test_a_rule_tells_only_the_channels_that_it_names(store: Store) -> None:
    rules = {"a": {"severity": "blue", "notify": ["pr"]}, "b": {"severity": "red", "notify": []}}
    show(store, mention(brands=("云岭",)))
    judge(store, settings({"a": rules["a"]}, channels=("desk", "pr")))
    show(store, mention("weibo:2"))
    judge(store, settings({"b": rules["b"]}, channels=("desk", "pr")))
    assert [(m.channel, m.severity) for m in messages(store)] == [("pr", Severity.BLUE)]


def test_every_change_is_an_event_with_who_when_and_why(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    acknowledge(store, 1, who="李四", at=NOW + LATER)
    resolve(store, 1, who="王五", reason="已答复", at=NOW + 2 * LATER)
    events = [(e.at, e.actor, e.kind, e.reason) for e in store.incidents.events(1)]
    assert events == [
        (NOW, "tingfeng", "opened", "reposts"),
        (NOW + LATER, "李四", "acknowledged", "by hand"),
        (NOW + 2 * LATER, "王五", "resolved", "已答复"),
    ]


class Killed(BaseException):
    """The process died here."""


def die(*_given: object, **_named: object) -> Never:
    raise Killed


FINDING = Finding("viral", "post:weibo:1:星河", Severity.RED, NOW, "weibo:1", "星河")


def test_a_death_while_raising_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(Killed):
        raise_finding(store, FINDING, title="负面", related=["weibo:1"], channels=["desk"], payload=die)
    assert store.incidents.recent(unresolved=False) == []
    assert (store.incidents.findings(1), store.incidents.events(1), store.outbox.unsent()) == ([], [], [])


def test_a_death_while_rising_leaves_what_was_before(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store)
    before = (the_incident(store), store.incidents.findings(1), store.incidents.events(1), messages(store))
    with pytest.raises(Killed):
        raise_finding(store, FINDING, title="负面", related=["weibo:1"], channels=["desk"], payload=die)
    after = (the_incident(store), store.incidents.findings(1), store.incidents.events(1), messages(store))
    assert after == before


def test_a_death_while_judging_gives_the_task_back_with_its_finding(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(store, mention(), reposts=20)
    with monkeypatch.context() as patched:
        patched.setattr(store.tasks, "done", die)
        with pytest.raises(Killed):
            judge(store)
    assert store.incidents.recent() == []
    assert judge(store, at=NOW + 5 * LATER).changes == {Change.OPENED: 1}


def test_acknowledging_or_resolving_what_cannot_be_is_a_sentence(store: Store) -> None:
    with pytest.raises(NoSuchIncident, match=r"There is no incident #7\."):
        acknowledge(store, 7, who="李四", at=NOW)
    show(store, mention(), reposts=20)
    judge(store)
    resolve(store, 1, who="李四", reason="误报", at=NOW)
    said = "Incident #1 is resolved already; nothing was changed"
    with pytest.raises(AlreadyResolved, match=said):
        acknowledge(store, 1, who="李四", at=NOW)
    with pytest.raises(AlreadyResolved, match=said):
        resolve(store, 1, who="李四", reason="again", at=NOW)
    assert [e.kind for e in store.incidents.events(1)] == ["opened", "resolved"]


def test_channels_by_default_are_all(store: Store) -> None:
    show(store, mention(), reposts=20)
    judge(store, settings({"a": {"severity": "red"}}, channels=("desk", "pr")))
    assert [m.channel for m in messages(store)] == ["desk", "pr"]
    assert REPOSTS.notified("reposts") == ("desk",)
