"""Any program that takes JSON by HTTP POST."""

from datetime import UTC, datetime
from typing import Literal

import httpx
from pydantic import Field, HttpUrl

from alerts.message import Message
from alerts.notifiers.base import SERVER_ERROR, TOO_MANY, HeaderSecret, Notifier, SendError, retry_after

REDIRECT = 300
WORTH_RETRYING = frozenset({408, 425, TOO_MANY})


class Webhook(Notifier):
    """Posts {"incident", "severity", "headline", "text", "link"}; any 2xx answer means that it arrived.

    `authorization` is sent as the header of that name. Redirects are not followed: the address that was
    configured is the only one that gets the message.
    """

    type: Literal["webhook"]
    url: HttpUrl
    authorization: HeaderSecret | None = None
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
            why = str(error) or type(error).__name__
            raise SendError(f"The webhook gave no answer: {why}", unclear=True) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise SendError(f"The webhook cannot be asked: {type(error).__name__}", permanent=True) from error
        status = answer.status_code
        if status >= REDIRECT:
            raise SendError(
                f"The webhook answered {status}",
                permanent=status < SERVER_ERROR and status not in WORTH_RETRYING,
                unclear=status >= SERVER_ERROR,
                retry_after=retry_after(answer.headers.get("retry-after"), datetime.now(UTC)),
            )
        return None
