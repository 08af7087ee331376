"""Slack: what is sent, and what each of its answers means."""

import http.client
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientConfigurationError, SlackRequestError

from alerts.message import Message, Section
from alerts.notifiers import SendError, Slack
from alerts.notifiers.slack import PERMANENT, blocks, escape
from tingfeng.sandbox import Answer, Kind, Sandbox
from tingfeng.sandbox.receiver import Received, Receiver

TOKEN = "xoxb-sandbox"


def channel(url: str, **more: Any) -> Slack:
    return Slack.model_validate(
        {"type": "slack", "token": TOKEN, "channel": "#pr", "base_url": url, "timeout_seconds": 1} | more
    )


@pytest.fixture
def slack(sandbox: Sandbox) -> Slack:
    return channel(sandbox.urls.slack)


def refused(slack: Slack, message: Message) -> SendError:
    with pytest.raises(SendError) as caught:
        slack.send(message)
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def delivered(slack: Slack, message: Message, receiver: Receiver) -> Received:
    slack.send(message)
    return receiver.log.entries[-1]


def texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "text" in value and isinstance(value["text"], str):
            yield value
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_a_message_arrives_and_its_receipt_is_slacks_ts(
    slack: Slack, message: Message, receiver: Receiver
) -> None:
    receipt = slack.send(message)
    entry = receiver.log.entries[-1]
    assert (entry.shown, entry.problems, entry.ts) == (True, (), receipt)
    assert entry.payload is not None
    assert entry.payload["channel"] == "#pr"
    shown = [text["text"] for text in texts(entry.payload["blocks"])]
    assert shown == [
        message.headline,
        f"「{message.quote}」",
        "▍Who\n数码老炮 (big V)",
        "▍Spread so far\n120 reposts\n▁▃█",
        "Original post",
        message.footer,
    ]


@pytest.mark.parametrize(
    "crawled",
    ["<!channel>", "<!here> & <@U123>", "<!subteam^S1|x>", "<https://evil.test|点我>", "&lt;!channel&gt;"],
)
def test_crawled_markup_never_reaches_slack_as_markup(
    slack: Slack, message: Message, receiver: Receiver, crawled: str
) -> None:
    evil = replace(
        message, headline=crawled, quote=crawled, footer=crawled, sections=(Section(crawled, (crawled,)),)
    )
    entry = delivered(slack, evil, receiver)
    assert entry.problems == ()
    assert entry.payload is not None
    assert {text["type"] for text in texts(entry.payload["blocks"])} == {"plain_text"}
    assert entry.payload["text"] == escape(crawled)


def test_escaping_is_slacks() -> None:
    assert escape("<!channel> & 1 > 0") == "&lt;!channel&gt; &amp; 1 &gt; 0"


def test_texts_are_cut_to_what_slack_takes(slack: Slack, message: Message, receiver: Receiver) -> None:
    long = "长" * 50_000
    section = Section(long, (long,))
    entry = delivered(
        slack,
        replace(message, headline=long, quote=long, footer=long, link_label=long, sections=(section,)),
        receiver,
    )
    assert (entry.shown, entry.problems) == (True, ())


@pytest.mark.parametrize("link", [None, "", "javascript:alert(1)", "ftp://x.test", "https://x.test/" + "a" * 3000])
def test_a_link_that_slack_would_refuse_is_left_out(message: Message, link: str | None) -> None:
    assert [b["type"] for b in blocks(replace(message, link=link))] == [
        "header",
        "section",
        "section",
        "section",
        "context",
    ]


def test_a_message_without_a_quote_has_no_empty_block(slack: Slack, message: Message, receiver: Receiver) -> None:
    assert delivered(slack, replace(message, quote="", link=None), receiver).problems == ()


@pytest.mark.parametrize("error", sorted(PERMANENT))
def test_what_only_a_repair_can_change_is_permanent(
    slack: Slack, message: Message, receiver: Receiver, error: str
) -> None:
    receiver.plan.add(Answer.slack_error(error))
    assert refused(slack, message) == SendError(f"Slack refused: {error}", permanent=True)


def test_another_error_of_slacks_is_tried_again(slack: Slack, message: Message, receiver: Receiver) -> None:
    receiver.plan.add(Answer.slack_error("team_added_to_org"))
    assert refused(slack, message) == SendError("Slack refused: team_added_to_org")


def test_an_error_after_which_a_part_may_be_done_is_unclear(
    slack: Slack, message: Message, receiver: Receiver
) -> None:
    receiver.plan.add(Answer.slack_error("fatal_error"))
    assert refused(slack, message) == SendError("Slack refused: fatal_error", unclear=True)


def test_a_wrong_token_is_permanent(sandbox: Sandbox, message: Message, receiver: Receiver) -> None:
    assert receiver.log.total >= 0
    found = refused(channel(sandbox.urls.slack, token="xoxb-other"), message)
    assert found == SendError("Slack refused: invalid_auth", permanent=True)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("1", timedelta(seconds=1)),
        ("3600", timedelta(hours=1)),
        (None, None),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("9" * 400, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta()),
    ],
)
def test_too_often_says_how_long_to_wait(
    slack: Slack, message: Message, receiver: Receiver, header: str | None, wait: timedelta | None
) -> None:
    headers = {} if header is None else {"Retry-After": header.encode().decode("latin-1")}
    receiver.plan.add(Answer(status=429, json_body={"ok": False, "error": "ratelimited"}, headers=headers))
    assert refused(slack, message) == SendError("Slack asks to wait: ratelimited", retry_after=wait)


def test_too_often_with_status_200_is_no_refusal(slack: Slack, message: Message, receiver: Receiver) -> None:
    receiver.plan.add(Answer.slack_error("ratelimited"))
    assert refused(slack, message) == SendError("Slack asks to wait: ratelimited")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer.server_error(), "Slack answered 500"),
        (Answer(status=503, body="", headers={}), "Slack answered 503"),
        (Answer.html(), "Slack answered 200: Received a response in a non-JSON format"),
        (Answer(body='["ok"]'), "Slack gave no answer"),
        (Answer(body="5"), "Slack gave no answer"),
        (Answer(body="null"), "Slack answered 200: no JSON"),
        (Answer(body="{}", headers={"content-type": "application/json; charset=klingon"}), "Slack gave no answer"),
        (Answer(kind=Kind.DROP_BEFORE), "Slack gave no answer"),
        (Answer(kind=Kind.DROP_AFTER), "Slack gave no answer"),
        (Answer(kind=Kind.HANG), "Slack gave no answer: timed out"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value),
)
def test_an_answer_that_says_nothing_is_unclear(
    slack: Slack, message: Message, receiver: Receiver, answer: Answer, said: str
) -> None:
    receiver.plan.add(answer)
    found = refused(slack, message)
    assert str(found).startswith(said)
    assert (found.permanent, found.unclear, found.retry_after) == (False, True, None)


def test_a_refusal_by_a_page_between_us_and_slack_is_clear(
    slack: Slack, message: Message, receiver: Receiver
) -> None:
    receiver.plan.add(Answer(status=403, body="<h1>proxy</h1>", headers={"content-type": "text/html"}))
    found = refused(slack, message)
    assert (found.permanent, found.unclear) == (False, False)


def test_nobody_listening_means_that_nothing_arrived(nobody: str, message: Message) -> None:
    found = refused(channel(nobody), message)
    assert (found.permanent, found.unclear) == (False, False)
    assert str(found).startswith("Slack gave no answer: ")


@contextmanager
def sdk_raises(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    def raising(*_given: object, **_named: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(WebClient, "chat_postMessage", raising)
        yield


@pytest.mark.parametrize(
    "error",
    [
        http.client.RemoteDisconnected("closed"),
        http.client.IncompleteRead(b"x"),
        http.client.BadStatusLine("\x00"),
        urllib.error.URLError("no host given"),
        SlackRequestError("proxy"),
        SlackClientConfigurationError("config"),
        ValueError(f"Invalid header value b'Bearer {TOKEN}'"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        LookupError("unknown encoding"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_the_sdk_lets_through_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, message: Message, error: Exception
) -> None:
    with sdk_raises(monkeypatch, error):
        found = refused(channel("http://x.test"), message)
    assert found.unclear
    assert str(found).removeprefix("Slack gave no answer: ")


def test_a_name_that_does_not_resolve_means_that_nothing_arrived(message: Message) -> None:
    assert not refused(channel("http://nowhere.invalid"), message).unclear


@pytest.mark.parametrize("token", ["", " ", "xoxb-a\nb", "xoxb-口令", "xoxb\x7f"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_quoted(token: str) -> None:
    with pytest.raises(ValidationError, match="no HTTP header can carry") as caught:
        channel("http://x.test", token=token)
    assert "xoxb" not in "".join(error["msg"] for error in caught.value.errors())


def test_the_end_of_a_line_is_no_part_of_a_token(sandbox: Sandbox, message: Message, receiver: Receiver) -> None:
    assert delivered(channel(sandbox.urls.slack, token=f"{TOKEN}\n"), message, receiver).shown


def test_the_token_is_not_shown_with_the_channel() -> None:
    assert TOKEN not in repr(channel("http://x.test"))


def test_slack_gets_little_about_ordinary_people_by_default() -> None:
    build: Callable[..., Slack] = channel
    assert build("http://x.test").privacy == "minimal"
