"""The stage between the outbox and the phones: lease, send, mark; at least once, each channel by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from tenacity import RetryCallState, Retrying, wait_random_exponential

from alerts.language import Language
from alerts.message import render
from alerts.notifiers import Notifier, SendError
from mentions.outbox import Notification
from mentions.store import Store

LEASE = timedelta(minutes=2)
"""Longer than any notifier takes; a message held for longer belongs to a process that died."""
LONGEST_WAIT = timedelta(minutes=5)
ASKED_WAIT = (timedelta(seconds=1), timedelta(hours=1))
"""What a receiver's Retry-After can make us wait, at least and at most: a year would silence the channel."""
REPAIR_WAIT = timedelta(minutes=15)
"""After an answer that only a repair can change, the channel is still asked now and then."""
GIVE_UP_AFTER = timedelta(days=1)
"""A message that nobody took for so long is marked as failed, stays in the outbox, and `doctor` names it."""

log = structlog.get_logger()
_backoff = wait_random_exponential(multiplier=1, max=LONGEST_WAIT.total_seconds())


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass did: messages sent, put back, and given up."""

    sent: int = 0
    retried: int = 0
    given_up: int = 0


def deliver_due(
    store: Store, channels: Mapping[str, Notifier], *, language: Language, now: Callable[[], datetime]
) -> Delivered:
    """Send at most one due message on each channel."""
    sent = retried = given_up = 0
    for notification in store.outbox.claim(now=now(), lease=LEASE, channels=list(channels)):
        try:
            receipt = channels[notification.channel].send(
                render(
                    notification.payload,
                    language=language,
                    privacy=channels[notification.channel].privacy,
                    now=now(),
                    repeat_of=notification.id if notification.possible_repeat else None,
                )
            )
        except Exception as raised:  # noqa: BLE001 - whatever breaks in a channel, its messages stay in the outbox
            error = raised if isinstance(raised, SendError) else _fault(raised)
            retry_at = next_attempt(notification, error, now())
            store.outbox.failed(notification, error=error.reason, retry_at=retry_at, possible_repeat=error.unclear)
            if error.retry_after is not None and retry_at is not None:
                store.outbox.hold(notification.channel, retry_at)
            log.warning(
                "not delivered",
                channel=notification.channel,
                notification=notification.id,
                why=error.reason,
                next=None if retry_at is None else retry_at.isoformat(timespec="seconds"),
            )
            retried, given_up = retried + (retry_at is not None), given_up + (retry_at is None)
        else:
            store.outbox.sent(notification, at=now(), receipt=receipt)
            sent += 1
    return Delivered(sent, retried, given_up)


def _fault(raised: Exception) -> SendError:
    """What a channel did not foresee: nobody can say whether the message went out."""
    return SendError(f"The channel broke: {type(raised).__name__}", unclear=True)


def next_attempt(notification: Notification, error: SendError, now: datetime) -> datetime | None:
    """When to try again: when the receiver said, else after a growing random wait; None to give up."""
    if now - notification.created > GIVE_UP_AFTER:
        return None
    if error.retry_after is not None:
        least, most = ASKED_WAIT
        return now + min(max(error.retry_after, least), most)
    if error.permanent:
        return now + REPAIR_WAIT
    attempt = RetryCallState(Retrying(), None, (), {})
    attempt.attempt_number = notification.attempts
    return now + timedelta(seconds=_backoff(attempt))
