"""Slack, through its Web API and Block Kit."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, HttpUrl, SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from alerts.message import Message, Privacy
from alerts.notifiers.base import Notifier, SendError

PERMANENT = frozenset(
    {
        "account_inactive",
        "channel_not_found",
        "ekm_access_denied",
        "invalid_auth",
        "invalid_blocks",
        "is_archived",
        "missing_scope",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "token_expired",
        "token_revoked",
    }
)
"""Errors of chat.postMessage that another attempt cannot cure."""
HEADER, TEXT = 150, 3000
"""Characters that Slack takes in a header and in a section."""
SERVER_ERROR = 500
TOO_MANY = 429


class Slack(Notifier):
    """`channel` is an id (C0123) or #name that the token's app was invited to."""

    type: Literal["slack"]
    token: SecretStr
    channel: str = Field(min_length=1)
    base_url: HttpUrl = HttpUrl("https://slack.com/api/")
    privacy: Privacy = "minimal"
    timeout_seconds: int = Field(default=10, ge=1, le=60)

    def send(self, message: Message) -> str | None:
        """See Notifier.send; the receipt is Slack's ts."""
        client = WebClient(
            self.token.get_secret_value(),
            base_url=str(self.base_url),
            timeout=self.timeout_seconds,
            retry_handlers=[],  # delivery retries; a second layer would hide repeats
        )
        try:
            answer = client.chat_postMessage(
                channel=self.channel,
                text=escape(message.headline),
                blocks=blocks(message),
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise _refusal(error) from error
        except (SlackClientError, OSError, ValueError) as error:
            refused = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
            raise SendError(f"Slack gave no answer: {error}", unclear=not refused) from error
        return str(answer.get("ts") or "") or None


def _refusal(error: SlackApiError) -> SendError:
    answer = error.response
    status, said = answer.status_code, _said(answer)
    if status == TOO_MANY:
        return SendError(f"Slack asks to wait: {said}", retry_after=_wait(answer.headers))
    if status >= SERVER_ERROR:
        return SendError(f"Slack answered {status}: {said}", unclear=True)
    return SendError(f"Slack refused: {said}", permanent=said in PERMANENT)


def _said(answer: Any) -> str:
    data = answer.data
    return str(data.get("error") or data)[:200] if isinstance(data, dict) else "no JSON"


def _wait(headers: Any) -> timedelta | None:
    """Retry-After in seconds; Slack sends no dates, and None leaves the wait to the delivery stage."""
    found = {name.lower(): value for name, value in dict(headers).items()}.get("retry-after", "")
    value = found[0] if isinstance(found, list) and found else found
    return timedelta(seconds=int(value)) if str(value).isdigit() else None


def escape(text: str) -> str:
    """As Slack wants it: a post that says <!channel> must not call the channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(message: Message) -> list[dict[str, Any]]:
    """Block Kit: what people wrote stands in plain_text, where Slack reads no markup at all."""
    made: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(message.headline, HEADER)},
    ]
    if message.quote:
        made.append({"type": "section", "text": _plain(f"「{message.quote}」", TEXT)})
    made += [
        {"type": "section", "text": _plain("\n".join((f"▍{section.title}", *section.lines)), TEXT)}
        for section in message.sections
    ]
    if message.link and message.link.startswith(("http://", "https://")):
        made.append(
            {
                "type": "actions",
                "elements": [{"type": "button", "text": _plain(message.link_label, 75), "url": message.link}],
            }
        )
    made.append({"type": "context", "elements": [_plain(message.footer, TEXT)]})
    return made


def _plain(text: str, limit: int) -> dict[str, Any]:
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": True}
