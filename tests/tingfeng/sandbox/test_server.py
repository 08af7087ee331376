import json
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tingfeng.sandbox import Answer, Kind, Sandbox
from tingfeng.sandbox.__main__ import main
from tingfeng.sandbox.receiver import TOKEN

MESSAGE = {"channel": "c", "text": "x"}
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def test_all_sites_answer_on_loopback_and_stop_soon() -> None:
    with Sandbox() as sandbox:
        urls = sandbox.urls
        assert httpx.get(f"{urls.weibo}/api/container/getIndex?containerid=100103type=61&q=X9").json()["ok"] == 1
        assert "Discuz!" in httpx.get(f"{urls.forum}/forum.php?mod=forumdisplay&fid=2").text
        assert httpx.get(f"{urls.v2ex}/api/topics/latest.json").json()
        assert httpx.get(urls.rss).text.startswith("<?xml")
        assert httpx.post(urls.hook, json={}).json()["ok"] is True
        started = time.monotonic()
    assert time.monotonic() - started < 3
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls.rss)
    with pytest.raises(RuntimeError, match="not open"):
        _ = sandbox.urls


def test_slack_sdk_can_talk_to_it() -> None:
    client = pytest.importorskip("slack_sdk").WebClient
    with Sandbox() as sandbox:
        slack = client(token=TOKEN, base_url=sandbox.urls.slack)
        assert slack.auth_test()["ok"]
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*星河*"}}]
        assert (
            slack.chat_postMessage(channel="#pr", text="星河", blocks=blocks)["ts"]
            == sandbox.slack.log.shown[0].ts
        )
        assert sandbox.slack.log.problems == []


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER])
def test_a_dropped_connection_is_reset_without_an_answer(kind: Kind) -> None:
    with Sandbox() as sandbox:
        sandbox.slack.plan.add(Answer(kind=kind))
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            httpx.post(f"{sandbox.urls.slack}chat.postMessage", json=MESSAGE, headers=AUTH)
        assert [entry.shown for entry in sandbox.slack.log.entries] == [kind is Kind.DROP_AFTER]


def test_a_hanging_answer_does_not_keep_the_sandbox_open() -> None:
    with Sandbox() as sandbox:
        sandbox.slack.plan.add(Answer(kind=Kind.HANG))
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{sandbox.urls.slack}chat.postMessage", json=MESSAGE, headers=AUTH, timeout=0.2)
        started = time.monotonic()
    assert time.monotonic() - started < 3


def test_an_answer_can_trickle() -> None:
    with Sandbox() as sandbox:
        sandbox.slack.plan.add(Answer(kind=Kind.TRICKLE, seconds=0, json_body={"ok": True}))
        answer = httpx.post(f"{sandbox.urls.slack}chat.postMessage", json=MESSAGE, headers=AUTH)
        assert answer.json() == {"ok": True}


def test_ports_can_be_fixed_and_a_taken_one_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), Sandbox(ports={"rss": port}):
            pass
    with Sandbox(ports={"rss": port}) as sandbox:
        assert sandbox.ports["rss"] == port
    with pytest.raises(ValueError, match="no such site: tianya"):
        Sandbox(ports={"tianya": 1})


def test_as_a_process_it_tells_its_ports_and_stops_when_asked(tmp_path: Path, start: datetime) -> None:
    ports, log = tmp_path / "ports.json", tmp_path / "slack.jsonl"
    command = [sys.executable, "-m", "tingfeng.sandbox", "--start", start.isoformat()]
    command += ["--ports-file", str(ports), "--slack-log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said == json.loads(ports.read_text())
        assert (said["start"], said["speed"], said["pid"]) == (start.isoformat(), 60, process.pid)
        httpx.post(f"{said['urls']['slack']}chat.postMessage", json=MESSAGE, headers=AUTH)
        assert json.loads(log.read_text())["payload"] == MESSAGE
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_hang_can_end_by_itself() -> None:
    with Sandbox() as sandbox:
        sandbox.slack.plan.add(Answer(kind=Kind.HANG, seconds=0))
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            httpx.post(f"{sandbox.urls.slack}chat.postMessage", json=MESSAGE, headers=AUTH)


@pytest.mark.parametrize("port", ["tianya=1", "rss", "rss=x"])
def test_a_wrong_port_option_is_said(port: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--port", port])
