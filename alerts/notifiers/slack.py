"""Slack, through its Web API and Block Kit."""

import re
from datetime import UTC, datetime
from http.client import HTTPException
from socket import gaierror
from typing import Any, Literal

from pydantic import Field, HttpUrl
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from alerts.message import Message
from alerts.notifiers.base import SERVER_ERROR, TOO_MANY, HeaderSecret, Notifier, SendError, retry_after
from alerts.privacy import Privacy

PERMANENT = frozenset(
    {
        "account_inactive",
        "channel_not_found",
        "ekm_access_denied",
        "invalid_auth",
        "invalid_blocks",
        "invalid_blocks_format",
        "is_archived",
        "missing_scope",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_permission",
        "no_text",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "token_expired",
        "token_revoked",
    }
)
"""Errors of chat.postMessage that another attempt cannot cure."""
BUSY = frozenset({"rate_limited", "ratelimited"})
UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Errors after which, as Slack says, a part of the work may have been done."""
SLACK_WORD = re.compile(r"[a-z][a-z0-9_]*")
SENTENCE = 200
"""Characters of somebody else's error that are kept."""
REDIRECT = 300
HEADER, TEXT, URL = 150, 3000, 3000
"""Characters that Slack takes in a header, in a section, and in a button's address."""
BROKEN = (
    SlackClientError,
    OSError,
    HTTPException,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
)
"""What slack-sdk lets through: its own errors, urllib's, and those of reading an answer that is not Slack's (a
character set that nobody knows, JSON that is a list)."""


class Slack(Notifier):
    """`channel` is an id (C0123) or #name that the token's app was invited to."""

    type: Literal["slack"]
    token: HeaderSecret
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
                text=escape(_cut(message.headline, TEXT)),
                blocks=blocks(message),
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise _refusal(error) from error
        except BROKEN as error:
            cause = getattr(error, "reason", error)
            never_left = isinstance(cause, ConnectionRefusedError | gaierror)
            raise SendError(f"Slack gave no answer: {_sentence(cause)}", unclear=not never_left) from error
        return str(answer.get("ts") or "") or None


def _refusal(error: SlackApiError) -> SendError:
    answer = error.response
    status, said, slack_said = answer.status_code, *_said(answer)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    wait = retry_after(headers.get("retry-after"), datetime.now(UTC))
    if status == TOO_MANY or said in BUSY:
        return SendError(f"Slack asks to wait: {said}", retry_after=wait)
    if status >= SERVER_ERROR:
        return SendError(f"Slack answered {status}: {said}", unclear=True, retry_after=wait)
    if not slack_said:
        return SendError(f"Slack answered {status}: {said}", unclear=status < REDIRECT)
    return SendError(f"Slack refused: {said}", permanent=said in PERMANENT, unclear=said in UNCLEAR)


def _said(answer: Any) -> tuple[str, bool]:
    """The error in one line, and whether it is a word of Slack's (slack-sdk puts sentences of its own there)."""
    data = answer.data
    said = str(data.get("error") or "no reason given") if isinstance(data, dict) else "no JSON"
    return " ".join(said.split())[:SENTENCE], SLACK_WORD.fullmatch(said) is not None


def _sentence(error: BaseException | str) -> str:
    """What broke, in one line. What broke on a value says only its kind: the value may be the token."""
    if isinstance(error, BaseException) and not isinstance(error, OSError | HTTPException):
        return type(error).__name__
    return " ".join(str(error).split())[:SENTENCE] or type(error).__name__


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
    if message.link and message.link.startswith(("http://", "https://")) and len(message.link) <= URL:
        made.append(
            {
                "type": "actions",
                "elements": [{"type": "button", "text": _plain(message.link_label, 75), "url": message.link}],
            }
        )
    made.append({"type": "context", "elements": [_plain(message.footer, TEXT)]})
    return made


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text, limit), "emoji": True}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
