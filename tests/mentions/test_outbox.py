"""What the store promises of messages on their way."""

from datetime import datetime, timedelta

import pytest

from mentions.outbox import Notification, NotificationState
from mentions.store import Store
from mentions.types import Severity
from tests.making import NOW, minutes

LEASE = minutes(2)
FACTS = {"title": "负面", "counts": {"reposts": 500}}


@pytest.fixture(autouse=True)
def queued(store: Store) -> None:
    store.outbox.put(1, ["desk", "pr"], reason="opened", severity=Severity.RED, payload=FACTS, at=NOW)


def claim(store: Store, at: datetime = NOW, *channels: str) -> list[Notification]:
    return list(store.outbox.claim(now=at, lease=LEASE, channels=channels or ("desk",)))


def give_back(store: Store, notification: Notification, at: datetime | None, *, unclear: bool = False) -> None:
    store.outbox.failed(notification, error="HTTP 500", retry_at=at, possible_repeat=unclear)


def test_a_message_waits_for_each_channel(store: Store) -> None:
    waiting = store.outbox.of_incident(1)
    assert [(n.channel, n.state, n.attempts, n.payload) for n in waiting] == [
        ("desk", NotificationState.PENDING, 0, FACTS),
        ("pr", NotificationState.PENDING, 0, FACTS),
    ]
    assert store.outbox.unsent() == waiting


def test_nothing_is_due_before_its_time(store: Store) -> None:
    assert claim(store, NOW - minutes(1)) == []


def test_a_leased_message_is_nobody_elses(store: Store) -> None:
    (mine,) = claim(store)
    assert (mine.state, mine.attempts, mine.possible_repeat) == (NotificationState.SENDING, 1, False)
    assert claim(store, NOW + LEASE - timedelta(microseconds=1)) == []


def test_a_lease_that_ran_out_makes_a_possible_repeat(store: Store) -> None:
    claim(store)
    (again,) = claim(store, NOW + LEASE)
    assert (again.attempts, again.possible_repeat) == (2, True)


def test_each_channel_gives_its_oldest_as_the_claim_advances(store: Store) -> None:
    store.outbox.put(2, ["desk"], reason="opened", severity=Severity.RED, payload=FACTS, at=NOW)
    claims = store.outbox.claim(now=NOW, lease=LEASE, channels=["desk", "pr"])
    first = next(claims)
    assert (first.incident_id, first.channel) == (1, "desk")
    assert [n.channel for n in store.outbox.of_incident(1) if n.state is NotificationState.SENDING] == ["desk"]
    assert [n.channel for n in claims] == ["pr"]


def test_what_was_sent_is_never_claimed_again(store: Store) -> None:
    (mine,) = claim(store)
    store.outbox.sent(mine, at=NOW, receipt="1763.42")
    assert claim(store, NOW + 9 * LEASE) == []
    (sent, other) = store.outbox.of_incident(1)
    assert (sent.state, sent.sent, sent.receipt) == (NotificationState.SENT, NOW, "1763.42")
    assert store.outbox.unsent() == [other]


def test_what_failed_comes_again_at_its_time(store: Store) -> None:
    give_back(store, claim(store)[0], NOW + minutes(1))
    assert claim(store) == []
    (again,) = claim(store, NOW + minutes(1))
    assert (again.last_error, again.possible_repeat, again.attempts) == ("HTTP 500", False, 2)


def test_once_a_possible_repeat_always_one(store: Store) -> None:
    give_back(store, claim(store)[0], NOW, unclear=True)
    give_back(store, claim(store)[0], NOW)
    assert claim(store)[0].possible_repeat


def test_what_failed_for_good_waits_until_its_channel_is_repaired(store: Store) -> None:
    give_back(store, claim(store)[0], None)
    assert claim(store, NOW + minutes(9999)) == []
    assert [n.state for n in store.outbox.unsent()] == [NotificationState.FAILED, NotificationState.PENDING]
    assert store.outbox.retry_failed(["pr"], NOW) == 0
    assert store.outbox.retry_failed(["desk", "pr"], NOW + minutes(1)) == 1
    assert len(claim(store, NOW + minutes(1))) == 1


def test_whoever_lost_its_lease_cannot_change_what_another_does(store: Store) -> None:
    (slow,) = claim(store)
    (mine,) = claim(store, NOW + LEASE)
    give_back(store, slow, NOW)
    assert claim(store, NOW + LEASE) == []
    store.outbox.sent(mine, at=NOW, receipt=None)
    give_back(store, slow, NOW)
    assert store.outbox.of_incident(1)[0].state is NotificationState.SENT


def test_a_channel_that_is_held_is_due_no_sooner(store: Store) -> None:
    store.outbox.put(2, ["desk"], reason="opened", severity=Severity.RED, payload=FACTS, at=NOW + minutes(9))
    store.outbox.hold("desk", NOW + minutes(5))
    assert claim(store, NOW + minutes(5) - timedelta(seconds=1), "desk", "pr")[0].channel == "pr"
    assert [n.incident_id for n in claim(store, NOW + minutes(5))] == [1]
    assert claim(store, NOW + minutes(5)) == []


def test_leases_of_the_dead_end_when_their_work_is_taken_over(store: Store) -> None:
    claim(store)
    store.outbox.take_over("desk")
    assert claim(store)[0].possible_repeat


def test_a_receivers_poison_does_not_make_a_sent_message_unsent(store: Store) -> None:
    mine, other = claim(store, NOW, "desk", "pr")
    store.outbox.sent(mine, at=NOW, receipt="\ud800\0")
    store.outbox.failed(other, error="\udfff", retry_at=NOW, possible_repeat=False)
    assert [(n.receipt, n.last_error) for n in store.outbox.of_incident(1)] == [("\ufffd", None), (None, "\ufffd")]


def test_an_all_clear_waits_for_its_alarm_and_a_graver_alarm_waits_for_nothing(store: Store) -> None:
    (alarm,) = claim(store)
    give_back(store, alarm, NOW + minutes(5))
    store.outbox.put(1, ["desk"], reason="resolved", severity=Severity.RED, payload=FACTS, at=NOW)
    assert claim(store, NOW + minutes(1)) == []
    store.outbox.put(1, ["desk"], reason="rose", severity=Severity.RED, payload=FACTS, at=NOW)
    (rose,) = claim(store, NOW + minutes(1))
    assert rose.reason == "rose"
    store.outbox.sent(rose, at=NOW, receipt=None)
    (first,) = claim(store, NOW + minutes(5))
    store.outbox.sent(first, at=NOW, receipt=None)
    (last,) = claim(store, NOW + minutes(5))
    assert (first.reason, last.reason) == ("opened", "resolved")
