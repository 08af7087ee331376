"""What speaks against a post, and what must not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from mentions.authenticity import (
    BEATS,
    COPIERS,
    LOW,
    WEIGHTS,
    Authenticity,
    Peer,
    Reason,
    Signal,
    authenticity,
    equal_gap,
)
from mentions.types import Author
from tests.making import BIG_V, NOW, mention, minutes

ORDINARY = Author("weibo", "7", "夜航的拾荒人", followers=231, verified=False)


def judged(
    text: str = "星河手机电池鼓包，客服让我等通知", author: Author | None = ORDINARY, **more: Any
) -> Authenticity:
    return authenticity(mention(text=text, author=author, published=NOW), NOW, **more)


def signals(found: Authenticity) -> set[Signal]:
    return {reason.signal for reason in found.reasons}


def crowd(people: int, gap: timedelta, **more: Any) -> list[Peer]:
    return [
        Peer(("weibo", str(n)), NOW + n * gap + timedelta(seconds=n * n * 7 % 50), **more) for n in range(people)
    ]


def test_nothing_speaks_against_an_ordinary_complaint() -> None:
    assert judged() == Authenticity("weibo:1", NOW, 1.0)
    assert judged(author=None).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "【福利】关注@星河手机 并转发本微博，抽3位送出新机一台",
        "转发抽奖！周五开",
        "关注+转发，揪十个人送星河耳机，抽10位粉丝获得优惠券",
        "转赞评里抽一个宝",
    ],
)
def test_a_lottery_is_seen(text: str) -> None:
    assert signals(judged(text)) == {Signal.LOTTERY}


@pytest.mark.parametrize(
    "text",
    [
        "想换星河手机的加我微信",
        "星河全系低价，微信：xinghe8866",
        "在家手机兼职，日结，日赚300",
        "诚招刷单兼职，佣金当天返",
        "星河碎屏险私信我领取",
        "ＱＱ：１２３４５６７８９",
    ],
)
def test_advertising_is_seen(text: str) -> None:
    assert signals(judged(text)) == {Signal.ADVERTISING}


@pytest.mark.parametrize(
    "text",
    [
        "星河手机的抽奖是骗人的，我转发了一年什么也没有",
        "我被刷单骗了三万，星河客服还不管",
        "用星河手机登不上微信，微信支付也用不了",
        "加微信群聊里全是投诉星河的",
        "做兼职攒钱买的星河，用了两天就坏",
        "@wxf660709 你看看",
        "//@星河手机:转发抽奖，抽3位送新机",
    ],
)
def test_who_speaks_of_it_does_not_do_it(text: str) -> None:
    assert judged(text).value == 1.0


@pytest.mark.parametrize(
    "name", ["用户7712345678", "user_9912ab77", "bili_12345678901", "小红薯5F3A99C1", "手机用户123456789"]
)
def test_a_name_that_nobody_chose_is_seen(name: str) -> None:
    found = judged(author=Author("weibo", "7", name, followers=3))
    assert signals(found) == {Signal.DEFAULT_NAME, Signal.FEW_FOLLOWERS}
    assert not found.is_low


@pytest.mark.parametrize("name", ["用户体验师小王", "Username", "小红薯泥", "7712345678"])
def test_a_name_that_looks_like_it_is_a_name(name: str) -> None:
    assert judged(author=Author("weibo", "7", name)).value == 1.0


def test_unknown_or_capped_followers_are_not_few() -> None:
    assert judged(author=Author("v2ex", "7", "lin")).value == 1.0
    assert judged(author=Author("weibo", "7", "lin", followers=1, followers_at_least=True)).value == 1.0


def times(*seconds: float) -> list[datetime]:
    return [NOW + timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("at", "gap"),
    [
        (times(0, 300, 601, 900, 1200), 300),
        (times(0, 1800, 3600, 5400, 7200), 1800),
        (times(0, 60, 120, 180, 240), None),
        (times(0, 20, 40, 60, 80), None),
        (times(0, 300, 700, 900, 1200), None),
        (times(0, 300, 600, 900), None),
    ],
    ids=["every 5 minutes", "every half hour", "whole minutes", "too fast to tell", "a hand", "too few"],
)
def test_a_clock_is_told_from_a_hand(at: list[datetime], gap: float | None) -> None:
    assert equal_gap(at) == (None if gap is None else timedelta(seconds=gap))


def test_an_author_who_posts_like_a_clock_is_low() -> None:
    found = judged(earlier=times(0, 301, 600, 900, 1200))
    assert found.reasons == (Reason(Signal.EQUAL_GAPS, {"seconds": 300, "posts": BEATS}),)
    assert found.is_low


def test_many_accounts_with_one_text_are_seen_and_few_are_not() -> None:
    assert signals(judged(peers=crowd(COPIERS, minutes(2)))) == {Signal.COPIED_TEXT}
    assert judged(peers=crowd(COPIERS - 1, minutes(2))).value == 1.0
    assert judged(peers=crowd(COPIERS, minutes(70))).value == 1.0


def test_one_account_that_repeats_itself_is_no_crowd() -> None:
    assert judged(peers=[Peer(("weibo", "7"), NOW + minutes(n * 1.7)) for n in range(9)]).value == 1.0


def test_a_crowd_to_a_beat_is_seen() -> None:
    beat = [Peer(("weibo", str(n)), NOW + timedelta(seconds=120 * n + 1)) for n in range(6)]
    found = judged(peers=beat)
    assert signals(found) == {Signal.COPIED_TEXT, Signal.SYNCHRONISED}
    assert found.reasons[0].numbers == {"accounts": 6, "minutes": 10}


@pytest.mark.parametrize("peers", [crowd(20, minutes(1), vouched=True), ()])
def test_newspapers_with_one_press_release_are_no_crowd(peers: Sequence[Peer]) -> None:
    assert judged(peers=peers).value == 1.0


def test_whom_the_site_vouches_for_is_only_asked_what_he_sells() -> None:
    assert judged(author=BIG_V, earlier=times(0, 300, 600, 900, 1200), peers=crowd(9, minutes(2))).value == 1.0
    assert signals(judged("转发抽奖，抽3位送新机", author=BIG_V)) == {Signal.LOTTERY}


def test_each_sign_takes_its_share_of_what_is_left() -> None:
    found = judged("加我微信日赚300", author=Author("weibo", "7", "用户7712345678", followers=0))
    assert found.value == pytest.approx(0.8 * 0.7 * 0.4)
    assert all(0 < weight < 1 for weight in WEIGHTS.values())
    assert set(WEIGHTS) == set(Signal)


def test_what_ordinary_people_bear_too_is_not_low_by_itself() -> None:
    for signal in (Signal.FEW_FOLLOWERS, Signal.DEFAULT_NAME, Signal.COPIED_TEXT):
        assert 1 - WEIGHTS[signal] >= LOW
