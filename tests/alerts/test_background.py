"""What judging knows of a post beside itself: its copies, and what speaks against it."""

from collections.abc import Mapping
from typing import Any

import pytest

from alerts.language import Language
from alerts.message import Message, render
from alerts.names import SIGNALS
from mentions.authenticity import Signal
from mentions.erasures import Erasure
from mentions.store import Store
from mentions.tasks import JUDGE
from mentions.types import Author, Mention
from tests.alerts.arranging import first_message, judge, messages, settings, show, the_incident
from tests.making import NOW, mention, minutes
from tests.mentions.test_copies import OTHER, POST

COPIES = {"copies": {"when": "score.label == 'negative'", "levels": {"red": "spread.copies >= 4", "blue": "true"}}}
DOUBT = {
    "doubt": {"when": "authenticity.value < 0.5 and 'copied_text' in authenticity.reasons", "severity": "blue"}
}
EVERY = {"every": {"severity": "blue"}}


def post(n: int, after: float, platform: str = "weibo", text: str = POST, **more: Any) -> Mention:
    author = Author(platform, f"{n}", f"用户77123{n:05}", followers=5)
    at = NOW + minutes(after)
    return mention(f"{platform}:{n}", text, **({"published": at, "first_seen": at, "author": author} | more))


def crowd(store: Store, size: int = 6) -> None:
    """One text by as many accounts on two platforms, nothing like a clock."""
    for n in range(size):
        show(store, post(n, n + n * n * 0.3, "v2ex" if n == 3 else "weibo"), NOW + minutes(20))


def told(facts: Mapping[str, Any], tag: str = "zh_CN") -> Message:
    return render(dict(facts), language=Language(tag), privacy="full", now=NOW + minutes(30))


def test_a_rule_can_ask_how_many_say_it_and_where(store: Store) -> None:
    crowd(store)
    facts = {
        "all": {
            "when": "spread.copies == 5 and spread.platforms == 2 and spread.reposts_stored == 0",
            "severity": "blue",
        }
    }
    judge(store, settings(facts), NOW + minutes(21))
    assert len(store.incidents.findings(the_incident(store).id)) == 6


def test_copies_are_one_incident_and_one_message(store: Store) -> None:
    crowd(store)
    judge(store, settings(EVERY), NOW + minutes(21))
    assert len(store.incidents.mentions(the_incident(store).id)) == 6
    assert len(messages(store)) == 1


def test_another_text_is_another_incident(store: Store) -> None:
    crowd(store, 2)
    show(store, post(9, 3, text=OTHER), NOW + minutes(20))
    judge(store, settings(EVERY), NOW + minutes(21))
    assert len(store.incidents.recent()) == 2


def test_an_origin_is_judged_again_when_its_copies_become_more(store: Store) -> None:
    show(store, post(0, 0), NOW + minutes(1))
    judge(store, settings(COPIES), NOW + minutes(1))
    assert the_incident(store).severity.label == "blue"
    for n in range(1, 5):
        show(store, post(n, n + n * n * 0.3), NOW + minutes(20))
    judge(store, settings(COPIES), NOW + minutes(21))
    assert store.tasks.due(JUDGE, NOW + minutes(22))
    judge(store, settings(COPIES), NOW + minutes(22))
    assert not store.tasks.due(JUDGE, NOW + minutes(30))
    last = store.incidents.findings(the_incident(store).id)[-1]
    assert the_incident(store).severity.label == "red"
    assert [m.reason for m in messages(store)] == ["opened", "rose"]
    assert {last.mention_id, "weibo:0"} <= {f.mention_id for f in store.incidents.findings(the_incident(store).id)}


def test_a_copy_by_a_later_wave_is_settled_with_its_origin(store: Store) -> None:
    show(store, post(0, 0), NOW + minutes(1))
    judge(store, settings(EVERY), NOW + minutes(1))
    incident = the_incident(store)
    from alerts.response import resolve  # noqa: PLC0415 - only here

    resolve(store, incident.id, who="张三", reason="已回复", at=NOW + minutes(2))
    show(store, post(1, 9), NOW + minutes(9))
    judge(store, settings(EVERY), NOW + minutes(9))
    assert len(messages(store)) == 1


def test_what_speaks_against_a_post_is_stored_and_a_rule_may_ask_for_it(store: Store) -> None:
    crowd(store)
    judge(store, settings(DOUBT), NOW + minutes(21))
    found = store.copies.authenticity(["weibo:0"])["weibo:0"]
    assert {reason.signal for reason in found.reasons} == {
        Signal.COPIED_TEXT,
        Signal.DEFAULT_NAME,
        Signal.FEW_FOLLOWERS,
    }
    assert the_incident(store).brand == "星河"


@pytest.mark.parametrize(
    ("tag", "copies", "doubt"),
    [
        (
            "zh_CN",
            "相同内容 5 条，出现在 2 个平台",
            "疑似水军或营销（真实度 0.28）：粉丝仅 5; 默认用户名; 6 个账号在",
        ),
        (
            "en",
            "5 copies on 2 platforms",
            "Perhaps not genuine (0.28 of 1): 5 followers; a name given by the site; 6 acc",
        ),
    ],
)
def test_a_message_says_how_many_copies_there_are_and_what_to_doubt(
    store: Store, tag: str, copies: str, doubt: str
) -> None:
    crowd(store)
    text = told(first_message(store, settings(EVERY), NOW + minutes(21)), tag).text()
    assert copies in text
    assert doubt in text


def test_of_an_ordinary_post_a_message_says_neither(store: Store) -> None:
    show(store, mention(), NOW)
    text = told(first_message(store, settings(EVERY))).text()
    assert "相同内容" not in text
    assert "真实度" not in text


def test_a_message_of_before_that_was_asked_can_still_be_read(store: Store) -> None:
    show(store, mention(), NOW)
    facts = first_message(store, settings(EVERY))
    old = {key: value for key, value in facts.items() if key not in {"kin", "authenticity"}}
    assert told(old) == told(facts)


def test_an_import_of_old_posts_is_linked_and_wakes_nobody(store: Store) -> None:
    for n in range(2):
        show(store, post(n, n, published=NOW - minutes(60 * 24 * 30 - n)), NOW)
    judge(store, settings(EVERY))
    assert messages(store) == []
    assert store.copies.kin(["weibo:1"])["weibo:1"].origin == "weibo:0"


def test_what_spoke_against_an_erased_author_is_taken_out_of_messages(store: Store) -> None:
    crowd(store)
    assert first_message(store, settings(EVERY), NOW + minutes(21))["authenticity"] is not None
    store.life.erase(Erasure("weibo", "0", NOW + minutes(60)), now=NOW + minutes(60))
    assert messages(store)[0].payload["authenticity"] is None


def test_every_sign_has_its_words() -> None:
    assert set(SIGNALS) == {signal.value for signal in Signal}
    assert all(Language("zh_CN")(text) != text for text in SIGNALS.values())
