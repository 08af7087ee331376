"""From the outbox to the phones: at least once, each channel by itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, Field

from alerts.delivery import (
    ASKED_WAIT,
    GIVE_UP_AFTER,
    LEASE,
    LONGEST_WAIT,
    REPAIR_WAIT,
    Delivered,
    deliver_due,
    next_attempt,
)
from alerts.language import Language
from alerts.message import Message
from alerts.notifiers import Notifier, SendError
from mentions.outbox import Notification, NotificationState
from mentions.store import Store
from mentions.types import Severity
from tests.making import NOW, minutes

SECOND = timedelta(seconds=1)
REFUSED = SendError("refused")
UNCLEAR = SendError("no answer", unclear=True)


class Killed(BaseException):
    """The process died here."""


class Phone(Notifier):
    """Shows messages; `trouble` is what happens to the first ones, None being a delivery."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    shown: list[Message] = Field(default_factory=list)
    trouble: list[BaseException | None] = Field(default_factory=list)

    def send(self, message: Message) -> str | None:
        what = self.trouble.pop(0) if self.trouble else None
        if what is None or isinstance(what, Killed) or getattr(what, "unclear", False):
            self.shown.append(message)
        if what is not None:
            raise what
        return "receipt"


def payload(incident: int) -> dict[str, Any]:
    facts = {"kind": "recovery", "incident": incident, "severity": "red", "brand": None, "rule": "r", "title": "t"}
    times = {"alerted": NOW.isoformat(), "opened": NOW.isoformat()}
    return facts | times | {"change": "resolved", "subject": "weibo", "sources": []}


def queue(store: Store, *channels: str, incident: int = 1, at: datetime = NOW) -> None:
    store.outbox.put(
        incident, channels or ("desk",), reason="opened", severity=Severity.RED, payload=payload(incident), at=at
    )


def deliver(store: Store, at: datetime = NOW, **channels: Phone) -> Delivered:
    return deliver_due(store, channels, language=Language("en"), now=lambda: at)


def only(store: Store) -> Notification:
    (notification,) = store.outbox.of_incident(1)
    return notification


def repeats(phone: Phone) -> list[bool]:
    return ["possibly a repeat of #1" in message.footer for message in phone.shown]


def test_a_message_is_sent_once_and_marked_with_its_receipt(store: Store) -> None:
    queue(store)
    phone = Phone()
    assert [deliver(store, desk=phone) for _ in range(2)] == [Delivered(sent=1), Delivered()]
    sent = only(store)
    assert (sent.state, sent.sent, sent.receipt) == (NotificationState.SENT, NOW, "receipt")
    assert (repeats(phone), store.outbox.unsent()) == ([False], [])


def test_messages_of_a_channel_go_out_in_order_one_a_pass(store: Store) -> None:
    for n in (1, 2, 3):
        queue(store, incident=n)
    phone = Phone()
    assert [deliver(store, desk=phone).sent for _ in range(4)] == [1, 1, 1, 0]
    assert [message.incident for message in phone.shown] == [1, 2, 3]


def test_a_death_after_sending_brings_the_message_once_more_marked_as_a_repeat(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[Killed()])
    with pytest.raises(Killed):
        deliver(store, desk=phone)
    assert deliver(store, NOW + LEASE - SECOND, desk=phone) == Delivered()
    assert deliver(store, NOW + LEASE, desk=phone) == Delivered(sent=1)
    assert deliver(store, NOW + 3 * LEASE, desk=phone) == Delivered()
    assert repeats(phone) == [False, True]


def test_a_death_before_sending_loses_nothing(store: Store) -> None:
    queue(store)
    claim = store.outbox.claim(now=NOW, lease=LEASE, channels=["desk"])
    next(claim)
    phone = Phone()
    assert deliver(store, NOW + LEASE, desk=phone).sent == 1
    assert repeats(phone) == [True]


def test_who_knows_that_the_sender_is_dead_need_not_wait_for_its_lease(store: Store) -> None:
    queue(store)
    next(store.outbox.claim(now=NOW, lease=LEASE, channels=["desk"]))
    store.outbox.take_over("desk")
    phone = Phone()
    assert deliver(store, NOW + SECOND, desk=phone).sent == 1
    assert repeats(phone) == [True]


def test_after_an_unclear_answer_the_next_attempt_says_that_it_may_be_a_repeat(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[UNCLEAR, REFUSED])
    results = [deliver(store, NOW + n * minutes(10), desk=phone) for n in range(3)]
    assert results == [Delivered(retried=1), Delivered(retried=1), Delivered(sent=1)]
    assert repeats(phone) == [False, True]


def test_after_a_clear_refusal_it_does_not(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[REFUSED])
    deliver(store, desk=phone)
    assert only(store).last_error == "refused"
    assert deliver(store, NOW + minutes(1), desk=phone).sent == 1
    assert repeats(phone) == [False]
    assert only(store).last_error is None


def test_the_receiver_says_when_to_come_again(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[SendError("slow down", retry_after=timedelta(seconds=90))])
    deliver(store, desk=phone)
    assert deliver(store, NOW + timedelta(seconds=89), desk=phone) == Delivered()
    assert deliver(store, NOW + timedelta(seconds=90), desk=phone).sent == 1


def test_a_receiver_that_asked_to_be_left_alone_gets_nothing_else_meanwhile(store: Store) -> None:
    queue(store, "desk", "pr")
    queue(store, "desk", "pr", incident=2)
    phone, other = Phone(trouble=[SendError("slow down", retry_after=timedelta(seconds=90))]), Phone()
    deliver(store, desk=phone, pr=other)
    assert deliver(store, NOW + timedelta(seconds=89), desk=phone, pr=other) == Delivered(sent=1)
    assert [m.incident for m in other.shown] == [1, 2]
    for _ in range(2):
        deliver(store, NOW + timedelta(seconds=90), desk=phone)
    assert [m.incident for m in phone.shown] == [1, 2]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(timedelta(), SECOND), (timedelta(days=-1), SECOND), (timedelta(days=9999), timedelta(hours=1))],
)
def test_a_receiver_can_make_us_wait_neither_for_nothing_nor_for_ever(
    store: Store, asked: timedelta, waits: timedelta
) -> None:
    queue(store)
    assert next_attempt(only(store), SendError("x", retry_after=asked), NOW) == NOW + waits
    assert waits in ASKED_WAIT


def test_what_only_a_repair_can_change_is_tried_seldom(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[SendError("not_in_channel", permanent=True)])
    deliver(store, desk=phone)
    assert deliver(store, NOW + REPAIR_WAIT - SECOND, desk=phone) == Delivered()
    assert deliver(store, NOW + REPAIR_WAIT, desk=phone).sent == 1


def test_after_a_day_a_message_is_given_up_and_still_listed(store: Store) -> None:
    queue(store)
    phone = Phone(trouble=[REFUSED] * 3)
    late = NOW + GIVE_UP_AFTER + SECOND
    assert deliver(store, desk=phone) == Delivered(retried=1)
    assert deliver(store, late, desk=phone) == Delivered(given_up=1)
    assert deliver(store, late + GIVE_UP_AFTER, desk=phone) == Delivered()
    assert [(n.state, n.last_error) for n in store.outbox.unsent()] == [(NotificationState.FAILED, "refused")]


def test_what_was_given_up_goes_out_when_its_channel_is_repaired(store: Store) -> None:
    queue(store)
    late = NOW + GIVE_UP_AFTER + SECOND
    deliver(store, late, desk=Phone(trouble=[REFUSED]))
    assert store.outbox.retry_failed(["desk"], late) == 1
    assert deliver(store, late, desk=Phone()).sent == 1


def test_a_dead_channel_does_not_hold_back_another(store: Store) -> None:
    queue(store, "desk", "pr")
    dead, alive = Phone(trouble=[UNCLEAR]), Phone()
    assert deliver(store, desk=dead, pr=alive) == Delivered(sent=1, retried=1)
    assert len(alive.shown) == 1


def test_a_message_that_fails_does_not_hold_back_those_behind_it(store: Store) -> None:
    queue(store)
    queue(store, incident=2)
    phone = Phone(trouble=[SendError("invalid_blocks", permanent=True)])
    deliver(store, desk=phone)
    deliver(store, desk=phone)
    assert [m.incident for m in phone.shown] == [2]


def test_a_slow_sender_cannot_take_back_what_another_has_sent(store: Store) -> None:
    queue(store)
    slow = next(store.outbox.claim(now=NOW, lease=LEASE, channels=["desk"]))
    deliver(store, NOW + LEASE, desk=Phone())
    store.outbox.failed(slow, error="timed out", retry_at=NOW, possible_repeat=True)
    assert only(store).state is NotificationState.SENT


def test_messages_of_channels_that_nobody_serves_wait(store: Store) -> None:
    queue(store, "gone")
    assert deliver(store, desk=Phone()) == Delivered()
    assert [n.channel for n in store.outbox.unsent()] == ["gone"]


ATTEMPTS = st.integers(1, 5000)


@given(ATTEMPTS)
def test_without_a_word_from_the_receiver_the_wait_grows_to_a_limit(attempts: int) -> None:
    notification = Notification(
        1, 1, "desk", "opened", Severity.RED, {}, NotificationState.SENDING, NOW, NOW, attempts=attempts
    )
    due = next_attempt(notification, REFUSED, NOW)
    assert due is not None
    assert timedelta() <= due - NOW <= min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts - 1, 20)))
