"""Webhooks: what is sent, and what each answer means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.message import Message
from alerts.notifiers import SendError, Webhook
from alerts.notifiers.base import retry_after
from tests.making import NOW
from tingfeng.sandbox import Answer, Kind, Sandbox
from tingfeng.sandbox.receiver import Receiver

SECRET = "Bearer geheim-42"


def channel(url: str, **more: Any) -> Webhook:
    return Webhook.model_validate(
        {"type": "webhook", "url": url, "authorization": SECRET, "timeout_seconds": 0.5} | more
    )


@pytest.fixture
def hook(sandbox: Sandbox) -> Webhook:
    return channel(sandbox.urls.hook)


def refused(hook: Webhook, message: Message) -> SendError:
    with pytest.raises(SendError) as caught:
        hook.send(message)
    assert "geheim" not in str(caught.value)
    return caught.value


def test_a_message_arrives_as_json(hook: Webhook, message: Message, receiver: Receiver) -> None:
    assert hook.send(message) is None
    entry = receiver.log.entries[-1]
    assert entry.shown
    assert entry.payload == {
        "incident": 7,
        "severity": "red",
        "headline": message.headline,
        "text": message.text(),
        "link": "https://weibo.test/1",
    }


def test_a_message_without_a_link_says_so(hook: Webhook, message: Message, receiver: Receiver) -> None:
    hook.send(replace(message, link=None))
    payload = receiver.log.entries[-1].payload
    assert payload is not None
    assert payload["link"] is None


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_means_that_it_arrived(hook: Webhook, message: Message, receiver: Receiver, status: int) -> None:
    receiver.hook_plan.add(Answer(status=status))
    hook.send(message)


def test_a_page_with_200_means_that_it_arrived(hook: Webhook, message: Message, receiver: Receiver) -> None:
    receiver.hook_plan.add(Answer.html())
    hook.send(message)


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 410, 413])
def test_a_refusal_is_permanent_and_clear(
    hook: Webhook, message: Message, receiver: Receiver, status: int
) -> None:
    receiver.hook_plan.add(Answer(status=status))
    assert refused(hook, message) == SendError(f"The webhook answered {status}", permanent=True)


@pytest.mark.parametrize("status", [408, 425, 429])
def test_not_now_is_neither_permanent_nor_unclear(
    hook: Webhook, message: Message, receiver: Receiver, status: int
) -> None:
    receiver.hook_plan.add(Answer(status=status))
    assert refused(hook, message) == SendError(f"The webhook answered {status}")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_server_may_have_taken_it(
    hook: Webhook, message: Message, receiver: Receiver, status: int
) -> None:
    receiver.hook_plan.add(Answer(status=status, headers={"Retry-After": "7"}))
    wait = timedelta(seconds=7)
    assert refused(hook, message) == SendError(f"The webhook answered {status}", unclear=True, retry_after=wait)


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.HANG])
def test_no_answer_is_unclear(hook: Webhook, message: Message, receiver: Receiver, kind: Kind) -> None:
    receiver.hook_plan.add(Answer(kind=kind))
    found = refused(hook, message)
    assert (found.permanent, found.unclear) == (False, True)
    assert str(found).removeprefix("The webhook gave no answer: ")


def test_nobody_listening_means_that_nothing_arrived(nobody: str, message: Message) -> None:
    found = refused(channel(nobody), message)
    assert (found.permanent, found.unclear) == (False, False)
    assert str(found).startswith("The webhook cannot be reached: ")


def test_a_redirect_is_not_followed(hook: Webhook, message: Message, receiver: Receiver, sandbox: Sandbox) -> None:
    before = receiver.log.total
    receiver.hook_plan.add(Answer(status=307, headers={"Location": f"{sandbox.urls.hook}/elsewhere"}))
    assert refused(hook, message) == SendError("The webhook answered 307", permanent=True)
    assert receiver.log.total == before + 1


def test_text_that_cannot_be_sent_is_a_sentence(hook: Webhook, message: Message) -> None:
    assert refused(hook, replace(message, quote="\ud800")).permanent


@pytest.mark.parametrize("secret", ["", "a\nb", "口令", "geheim\x00"])
def test_a_secret_that_no_header_can_carry_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(ValidationError, match="no HTTP header can carry") as caught:
        channel("http://x.test", authorization=secret)
    assert "geheim" not in "".join(error["msg"] for error in caught.value.errors())


def test_the_secret_is_not_shown_with_the_channel() -> None:
    assert "geheim" not in repr(channel("http://x.test"))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta()),
        ("Sat, 21 Nov 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("Sat, 21 Nov 2026 20:02:00 +0800", timedelta(minutes=2)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOW),
        ("Sat, 21 Nov 2026 12:02:00 -0000", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("²", None),
        ("9" * 5000, None),
        ("Sat, 99 Nov 2026", None),
        ("tomorrow", None),
        ("\x00", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header: str | None, wait: timedelta | None) -> None:
    assert retry_after(header, NOW) == wait
