"""What a channel is to the delivery stage."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from alerts.message import Message, Privacy


@dataclass(frozen=True)
class SendError(Exception):
    """A message was not delivered, or nobody can say whether it was.

    `permanent`: trying again cannot help until somebody repairs the channel. `unclear`: it may have arrived, so
    the next attempt says that it may be a repeat. `retry_after`: how long the receiver asked to be left alone.
    """

    reason: str
    permanent: bool = False
    unclear: bool = False
    retry_after: timedelta | None = None

    def __str__(self) -> str:
        return self.reason


class Notifier(BaseModel, ABC):
    """One channel: the class is its block in config.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    privacy: Privacy = "full"

    @abstractmethod
    def send(self, message: Message) -> str | None:
        """Deliver, and return the receiver's receipt if it gives one; SendError otherwise."""
