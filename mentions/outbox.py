"""Messages on their way to a phone."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from mentions.types import Severity


class NotificationState(StrEnum):
    """Where a message stands on its way to a phone."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Nobody is to receive it any more: what it was about was erased."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in the outbox for one channel. `payload` holds the facts; the notifier makes the words.

    `possible_repeat`: an earlier attempt may have arrived although no answer said so.
    """

    id: int
    incident_id: int
    channel: str
    reason: str
    severity: Severity
    payload: dict[str, Any]
    state: NotificationState
    created: datetime
    next_attempt: datetime
    attempts: int = 0
    possible_repeat: bool = False
    sent: datetime | None = None
    receipt: str | None = None
    last_error: str | None = None


class Outbox(ABC):
    """Messages on their way: written with the incident's change, sent at least once."""

    @abstractmethod
    def put(
        self,
        incident_id: int,
        channels: Iterable[str],
        *,
        reason: str,
        severity: Severity,
        payload: dict[str, Any],
        at: datetime,
    ) -> None:
        """Queue one message a channel."""

    @abstractmethod
    def claim(self, *, now: datetime, lease: timedelta, channels: Collection[str]) -> Iterator[Notification]:
        """Lease the oldest due message of each channel, one by one as the iterator is advanced.

        A message whose lease ran out before it was marked comes back with `possible_repeat`.
        """

    @abstractmethod
    def sent(self, notification: Notification, *, at: datetime, receipt: str | None) -> None:
        """Mark as sent."""

    @abstractmethod
    def failed(
        self, notification: Notification, *, error: str, retry_at: datetime | None, possible_repeat: bool
    ) -> None:
        """Put back to be tried at `retry_at`, or mark as failed for good where that is None.

        Nothing happens to a message that somebody else has leased or sent since.
        """

    @abstractmethod
    def due(self, channel: str, now: datetime) -> bool:
        """Whether `claim` would find a message for the channel."""

    @abstractmethod
    def take_over(self, channel: str) -> None:
        """End all leases on a channel's messages now: only for who knows that their holders are dead."""

    @abstractmethod
    def hold(self, channel: str, until: datetime) -> None:
        """Leave a channel alone until then: what waits for it is due no sooner."""

    @abstractmethod
    def retry_failed(self, channels: Collection[str], at: datetime) -> int:
        """Make failed messages due again (their channel was repaired); returns how many."""

    @abstractmethod
    def of_incident(self, incident_id: int) -> list[Notification]:
        """All messages of one incident, oldest first."""

    @abstractmethod
    def unsent(self) -> list[Notification]:
        """Messages that nobody has received, oldest first."""
