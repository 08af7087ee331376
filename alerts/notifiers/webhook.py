"""Any program that takes JSON by HTTP POST."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx
from pydantic import Field, HttpUrl, SecretStr

from alerts.message import Message
from alerts.notifiers.base import Notifier, SendError

TOO_MANY, SERVER_ERROR, REDIRECT, BAD_REQUEST = 429, 500, 300, 400
WORTH_RETRYING = frozenset({408, 425, 429})


class Webhook(Notifier):
    """Posts {"incident", "severity", "headline", "text", "link"}; any 2xx answer means that it arrived.

    `authorization` is sent as the header of that name. Redirects are not followed: the address that was
    configured is the only one that gets the message.
    """

    type: Literal["webhook"]
    url: HttpUrl
    authorization: SecretStr | None = None
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    def send(self, message: Message) -> str | None:
        """See Notifier.send; a webhook gives no receipt."""
        headers = {"Authorization": self.authorization.get_secret_value()} if self.authorization else {}
        body = {
            "incident": message.incident,
            "severity": message.severity,
            "headline": message.headline,
            "text": message.text(),
            "link": message.link,
        }
        try:
            answer = httpx.post(str(self.url), json=body, headers=headers, timeout=self.timeout_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise SendError(f"The webhook cannot be reached: {error}") from error
        except httpx.HTTPError as error:
            raise SendError(f"The webhook gave no answer: {error}", unclear=True) from error
        status = answer.status_code
        if status >= SERVER_ERROR:
            raise SendError(f"The webhook answered {status}", unclear=True)
        if status >= REDIRECT:
            raise SendError(
                f"The webhook answered {status}",
                permanent=status not in WORTH_RETRYING,
                retry_after=retry_after(answer.headers.get("retry-after"), datetime.now(UTC)),
            )
        return None


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The header Retry-After, in seconds or as a date; None where it is absent or makes no sense."""
    if not value:
        return None
    if value.strip().isdigit():
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - now, timedelta())
    except (ValueError, TypeError):
        return None
