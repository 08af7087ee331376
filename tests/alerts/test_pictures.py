"""When a picture of a post's page is asked for, and of whom."""

from dataclasses import replace

import pytest

from alerts.settings import Settings
from mentions.evidence import Kind
from mentions.store import Store
from mentions.tasks import screenshot
from tests.alerts.arranging import LATER, REPOSTS, judge, show
from tests.making import NOW, mention, minutes

PICTURED = replace(REPOSTS, pictured=frozenset({"weibo"}))


def asked(store: Store, source: str | None = "weibo") -> bool:
    return store.tasks.due(screenshot(source), NOW + minutes(60))


def take_it(store: Store) -> None:
    store.evidence.keep("weibo:1", b"\x89PNG", Kind.SCREENSHOT, NOW, url="https://weibo.com/1")
    queue = screenshot("weibo")
    tasks = store.tasks.claim(queue, owner="t", now=NOW + minutes(60), lease=minutes(1), limit=9)
    store.tasks.done(tasks, owner="t")


def alerted(store: Store, told: Settings = PICTURED) -> None:
    show(store, mention(), reposts=30)
    judge(store, told)


def test_the_first_finding_on_a_post_asks_for_a_picture(store: Store) -> None:
    alerted(store)
    assert asked(store)


def test_nothing_is_asked_for_where_none_are_taken_or_no_rule_is_met(store: Store) -> None:
    alerted(store, REPOSTS)
    show(store, mention("weibo:2"), reposts=1)
    judge(store, PICTURED)
    assert not asked(store)


def test_a_level_that_rises_asks_for_no_second_picture_and_an_edit_does(store: Store) -> None:
    alerted(store)
    take_it(store)
    show(store, mention(), NOW + minutes(2), reposts=900)
    judge(store, PICTURED, NOW + minutes(2))
    assert not asked(store)
    show(store, mention(text="星河手机没有问题", first_seen=NOW + LATER), NOW + LATER, reposts=901)
    judge(store, PICTURED, NOW + LATER)
    assert asked(store)


def test_a_post_that_is_gone_is_pictured_once_more(store: Store) -> None:
    alerted(store)
    take_it(store)
    for after in (7, 8):
        store.fates.missed(["weibo:1"], NOW + minutes(after))
    judge(store, PICTURED, NOW + minutes(8))
    assert asked(store)


def test_a_post_that_no_source_reads_is_left_to_the_reader_of_any_page(store: Store) -> None:
    alerted(store, replace(PICTURED, pictured=frozenset({"forum"})))
    assert (asked(store), asked(store, None)) == (False, True)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd"])
def test_what_has_no_page_is_not_pictured(store: Store, url: str) -> None:
    show(store, replace(mention(), url=url), reposts=30)
    judge(store, PICTURED)
    assert not asked(store)
