"""What a channel is to the delivery stage."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from alerts.message import Message
from alerts.privacy import Privacy

TOO_MANY, SERVER_ERROR = 429, 500
"""HTTP's answers to somebody who asks too often, and from a server that is broken itself."""
SECONDS = re.compile(r"[0-9]{1,9}")
HEADER_VALUE = re.compile(r"[\x20-\x7e]+")


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


def _fits_a_header(secret: SecretStr) -> SecretStr:
    """Refused here, without being quoted: an HTTP library would name the whole value in its error."""
    value = secret.get_secret_value().strip()
    if not HEADER_VALUE.fullmatch(value):
        raise ValueError("the secret is empty, or holds characters that no HTTP header can carry")
    return SecretStr(value)


HeaderSecret = Annotated[SecretStr, AfterValidator(_fits_a_header)]
"""A secret that is sent in a header; white space around it (the end of a line in a file) is not part of it."""


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The header Retry-After, in seconds or as a date; None where it is absent or makes no sense."""
    value = (value or "").strip()
    if SECONDS.fullmatch(value):
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - now, timedelta())
    except (ValueError, TypeError, OverflowError):
        return None


class Notifier(BaseModel, ABC):
    """One channel: the class is its block in config.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    privacy: Privacy = "full"

    @abstractmethod
    def send(self, message: Message) -> str | None:
        """Deliver, and return the receiver's receipt if it gives one; SendError otherwise."""
