import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tingfeng.sandbox import Answer, Kind, Receiver
from tingfeng.sandbox.receiver import MAX_BODY
from tingfeng.sandbox.slack_checks import check

AUTH = {"Authorization": "Bearer xoxb-sandbox"}
GOOD = {"channel": "#pr", "text": "星河X9: 电池鼓包"}


def send(receiver: Receiver, payload: Any, **more: Any) -> Any:
    site = TestClient(receiver.app())
    return site.post("/api/chat.postMessage", json=payload, headers=AUTH, **more).json()


def section(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": "section", "text": {"type": kind, "text": text}}


def problems(**more: Any) -> list[str]:
    return check(GOOD | more).problems


def test_a_good_message_is_answered_as_slack_does_and_logged(start: datetime) -> None:
    receiver = Receiver(now=lambda: start)
    answer = send(receiver, GOOD | {"blocks": [section("*星河* <https://a.example/1|原文> &amp; 更多")]})
    entry = receiver.log.entries[0]
    assert answer["ok"] is True
    assert (answer["channel"], answer["ts"]) == ("#pr", entry.ts)
    assert (entry.at, entry.problems, entry.answer, entry.shown) == (start, (), "ok", True)
    assert entry.payload is not None
    assert entry.payload["text"] == GOOD["text"]


def test_a_form_is_read_like_json() -> None:
    receiver = Receiver()
    form = GOOD | {"blocks": json.dumps([section("<!channel>")])}
    answer = TestClient(receiver.app()).post("/api/chat.postMessage", data=form, headers=AUTH).json()
    assert answer["ok"] is True
    assert receiver.log.problems == ["blocks[0].text: <!channel> wakes people"]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer xoxb-other"}])
def test_without_the_token_nothing_is_shown(header: dict[str, str]) -> None:
    receiver = Receiver()
    site = TestClient(receiver.app())
    assert site.post("/api/chat.postMessage", json=GOOD, headers=header).json() == {
        "ok": False,
        "error": "invalid_auth",
    }
    assert receiver.log.shown == []
    assert site.post("/api/auth.test", headers=header).json()["ok"] is False


def test_the_token_is_never_in_the_log() -> None:
    receiver = Receiver()
    send(receiver, GOOD)
    assert "xoxb" not in json.dumps(receiver.log.as_json(), default=str)


def test_auth_test_knows_the_bot() -> None:
    site = TestClient(Receiver().app())
    assert site.post("/api/auth.test", headers=AUTH).json()["user"] == "tingfeng"
    assert site.post("/api/chat.unheard", headers=AUTH).json() == {"ok": False, "error": "unknown_method"}


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"text": "x"}, "channel_not_found"),
        ({"channel": "c"}, "no_text"),
        (GOOD | {"blocks": [section("x")] * 51}, "invalid_blocks"),
        (GOOD | {"blocks": [section("x" * 3001)]}, "invalid_blocks"),
        (
            GOOD | {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
            "invalid_blocks",
        ),
        (GOOD | {"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        (GOOD | {"blocks": [{"type": "section"}]}, "invalid_blocks"),
        (GOOD | {"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        (GOOD | {"blocks": [{"type": "context", "elements": []}]}, "invalid_blocks"),
        (GOOD | {"blocks": "{"}, "invalid_blocks_format"),
        (GOOD | {"blocks": {"type": "section"}}, "invalid_blocks_format"),
        (GOOD | {"text": "x" * 40_001}, "msg_too_long"),
    ],
)
def test_what_slack_refuses_is_refused_and_not_shown(payload: dict[str, Any], error: str) -> None:
    receiver = Receiver()
    assert send(receiver, payload) == {"ok": False, "error": error}
    assert receiver.log.entries[0].problems
    assert not receiver.log.entries[0].shown


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "section", "fields": [plain("x")] * 11}, "blocks[0]: 1 to 10 elements are allowed"),
        (
            {"type": "section", "fields": [plain("x" * 2001)]},
            "blocks[0].fields[0]: 2001 characters, 1 to 2000",
        ),
        ({"type": "section", "text": "x"}, "blocks[0].text: no text object"),
        ({"type": "context", "elements": [plain("x")] * 11}, "blocks[0]: 1 to 10 elements are allowed"),
        ({"type": "divider", "block_id": "x" * 256}, "blocks[0]: block_id has 256 characters, 255 are allowed"),
        (
            {"type": "actions", "elements": [{"type": "button", "text": plain("x" * 76)}]},
            "blocks[0].elements[0].text: 76 characters, 1 to 75 are",
        ),
        (
            section("x") | {"accessory": {"type": "button", "text": plain("x"), "url": "https://a.example" * 200}},
            "blocks[0].accessory: url has 3400 characters, 3000",
        ),
    ],
)
def test_each_limit_names_its_place(block: dict[str, Any], problem: str) -> None:
    found = problems(blocks=[block])
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_limits_are_inclusive() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}
    assert problems(blocks=[header, section("x" * 3000)] * 25) == []


@pytest.mark.parametrize(
    "text", ["<!channel>", "<!here|here>", "<@U123>", "<!subteam^S1>", "a < b", "a > b", "a & b", "<b>"]
)
def test_crawled_text_that_slack_would_read_is_a_problem(text: str) -> None:
    assert problems(blocks=[section(text)]) != []
    assert problems(text=text) != []
    assert problems(blocks=[section(text, "plain_text")]) == []


def test_escaped_text_links_and_dates_are_no_problem() -> None:
    fine = "&lt;!channel&gt; &amp; <https://a.example/?a=1&amp;b=2|原文> <!date^1700000000^{time}|12:00>"
    assert problems(text=fine) == []


def test_the_person_on_duty_may_be_woken() -> None:
    assert check(GOOD | {"text": "<@U0ONCALL>"}, frozenset({"<@U0ONCALL>"})).problems == []


def test_text_beside_blocks_is_asked_for() -> None:
    assert problems(text="", blocks=[section("x")]) == [
        "no text: notifications and screen readers have nothing to show"
    ]


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    receiver = Receiver()
    answer = TestClient(receiver.app()).post("/api/chat.postMessage", content=body, headers=AUTH).json()
    assert answer["error"] in {"invalid_json", "json_not_object"}
    assert receiver.log.entries[0].payload is None


def test_a_huge_body_is_refused() -> None:
    assert send(Receiver(), {"channel": "c", "text": "x" * MAX_BODY})["error"] == "request_too_large"


def test_planned_answers_are_given_in_turn_and_only_lost_answers_were_shown() -> None:
    receiver = Receiver()
    receiver.plan.add(
        Answer.server_error(),
        Answer.slack_error(),
        Answer.too_many("3"),
        Answer.html(),
        Answer(kind=Kind.DROP_AFTER),
    )
    site = TestClient(receiver.app())
    answers = [site.post("/api/chat.postMessage", json=GOOD, headers=AUTH) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 200, 429, 200]
    assert answers[1].json() == {"ok": False, "error": "channel_not_found"}
    assert answers[2].headers["Retry-After"] == "3"
    assert answers[3].text.startswith("<html>")
    with pytest.raises(ConnectionResetError):
        send(receiver, GOOD)
    assert send(receiver, GOOD)["ok"] is True
    assert [entry.answer for entry in receiver.log.shown] == ["drop-after", "ok"]


def test_before_the_body_is_read_nothing_is_known_of_it() -> None:
    receiver = Receiver()
    receiver.plan.add(Answer(kind=Kind.DROP_BEFORE))
    with pytest.raises(ConnectionResetError):
        send(receiver, GOOD)
    entry = receiver.log.entries[0]
    assert (entry.payload, entry.shown) == (None, False)


def test_a_webhook_takes_any_object_and_has_a_plan_of_its_own() -> None:
    receiver = Receiver()
    receiver.plan.add(Answer.server_error())
    site = TestClient(receiver.app())
    assert site.post("/hook/ding?sign=abc", json={"msgtype": "text"}).json()["errcode"] == 0
    entry = receiver.log.entries[0]
    assert (entry.path, entry.query, entry.shown) == ("/hook/ding", "sign=abc", True)
    receiver.hook_plan.add(Answer(json_body={"errcode": 310000, "errmsg": "sign not match"}))
    assert site.post("/hook", json={}).json()["errcode"] == 310000
    assert site.post("/hook", content=b"{").status_code == 400


def test_plans_are_made_and_cleared_over_http() -> None:
    receiver = Receiver()
    site = TestClient(receiver.app())
    assert site.post("/plan", json=[{"status": 503, "times": 2}, {"kind": "hang"}]).json() == {"waiting": 3}
    assert site.post("/api/chat.postMessage", json=GOOD, headers=AUTH).status_code == 503
    assert site.delete("/plan").json() == {"waiting": 0}
    assert site.post("/plan", json=[{"kind": "explode"}]).status_code == 422


def test_the_log_is_bounded_counts_all_and_is_readable_over_http() -> None:
    receiver = Receiver(max_entries=2)
    for text in "abc":
        send(receiver, {"channel": "c", "text": text})
    log = TestClient(receiver.app()).get("/log.json").json()
    assert (log["total"], log["dropped"]) == (3, 1)
    assert [entry["payload"]["text"] for entry in log["entries"]] == ["b", "c"]


def test_the_file_has_every_message_as_a_line(tmp_path: Path) -> None:
    path = tmp_path / "slack.jsonl"
    receiver = Receiver(max_entries=1, log_file=path)
    for text in "ab":
        send(receiver, {"channel": "c", "text": text})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["number"], line["payload"]["text"]) for line in lines] == [(1, "a"), (2, "b")]
