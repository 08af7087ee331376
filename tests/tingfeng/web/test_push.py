"""Vendors push mentions: who may, what is taken, what is said of the rest."""

import asyncio
import gzip
import json
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from alerts.health import watch_health
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.store import StoreError
from mentions.tasks import SCORE
from tingfeng.cli import main
from tingfeng.config import BadConfig, load_config
from tingfeng.desk import Desk, open_desk
from tingfeng.web import doors, push, serving

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKEN = "0123456789abcdef-vendor-a"
CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules:
  any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}
  silent:
    {type: source, title: 读不到了, severity: red, when: source.minutes_since_success >= 30, sources: [douyin]}
push:
  listen: 127.0.0.1:PORT
  max_body: 20KB
  feeds:
    douyin: {token: "${VENDOR_A}"}
    vendor-b: {token: "${VENDOR_B}", mapping: own.yaml, brands: [星河], platform: kuaishou}
store: store.db
"""
MAPPING = """
name: vendor
title: 某舆情平台
recognised_by: [[内容, 链接]]
columns: {text: [内容], url: [链接], published: [时间]}
otherwise: wechat
"""
ROW = {"id": "douyin:7301", "platform": "douyin", "text": "星河手机鼓包", "published": "2026-11-21T11:58:00Z"}


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"VENDOR_A": TOKEN, "VENDOR_B": "0123456789abcdef-vendor-b", "SHORT": "short"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(MAPPING, encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace("PORT", "8787"), encoding="utf-8")
    return path


@pytest.fixture
def desk(config: Path, clock: Clock) -> Iterator[Desk]:
    with open_desk(load_config(config), clock) as opened:
        yield opened


Send = Callable[..., Any]


@pytest.fixture
def send(desk: Desk) -> Send:
    client = TestClient(serving.app_of(desk))

    def post(body: Any, token: str | None = TOKEN, **headers: str) -> Any:
        content = json.dumps(body) if isinstance(body, list | dict) else body
        given = {"authorization": f"Bearer {token}"} if token else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content-type": "application/json"} | given | more
        return client.post("/api/mentions", content=content, headers=sent)

    return post


def runs(desk: Desk, feed: str = "douyin") -> list[CrawlRun]:
    return desk.store.runs.recent(feed)


def test_a_mention_is_stored_with_its_feed_as_source_and_waits_for_a_score(desk: Desk, send: Send) -> None:
    answer = send([ROW, ROW | {"id": "douyin:7302", "text": "今天下雪"}])
    assert (answer.status_code, answer.json()) == (
        200,
        {"feed": "douyin", "new": 2, "seen": 0, "counted": 0, "refused": 0, "rejected": []},
    )
    found = desk.store.posts.get(["douyin:7301"])["douyin:7301"].mention
    assert (found.source, found.brands, found.first_seen) == ("douyin", ("星河",), NOW)
    assert desk.store.tasks.backlog(SCORE).waiting == 1


def test_twice_is_once(desk: Desk, send: Send) -> None:
    send([ROW])
    assert send([ROW]).json() | {"feed": ""} == {
        "feed": "",
        "new": 0,
        "seen": 1,
        "counted": 0,
        "refused": 0,
        "rejected": [],
    }
    assert desk.store.posts.count(Search()) == 1


@pytest.mark.parametrize(
    "body",
    [json.dumps(ROW), json.dumps([ROW]), json.dumps(ROW) + "\n\n" + json.dumps(ROW | {"id": "a:2"}), [ROW]],
)
def test_one_object_an_array_and_lines_are_read(send: Send, body: Any) -> None:
    assert send(body, content_type="application/x-ndjson; charset=UTF-8").json()["new"] >= 1


def test_bad_rows_are_named_by_their_number_and_cost_themselves_only(desk: Desk, send: Send) -> None:
    answer = send([ROW, {"id": "douyin:1", "platform": "douyin"}, 7, ROW | {"id": "x:2", "published": "morgen"}])
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert [row["row"] for row in answer.json()["rejected"]] == [2, 3, 4]
    assert answer.json()["rejected"][0]["reason"] == "there is neither text nor title"
    assert runs(desk)[0].note == "3 of 4 rows rejected"


def test_a_body_of_which_no_row_can_be_read_is_a_422_and_a_failed_run(desk: Desk, send: Send) -> None:
    answer = send([ROW | {"published": "morgen"}])
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("None of 1 rows could be read: ")
    assert answer.json()["rejected"][0]["row"] == 1
    (run,) = runs(desk)
    assert (run.pages, run.error) == (0, answer.json()["error"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[1, 2", "begins like a JSON array and is none"),
        ("hello", "holds no row that can be read: row 1: it is no JSON"),
        ('[{"a": 1}]', "in no shape that is known. Its columns are: a"),
    ],
)
def test_a_body_in_no_known_shape_is_a_422(desk: Desk, send: Send, body: str, said: str) -> None:
    answer = send(body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert runs(desk)[0].error == answer.json()["error"]


def test_nothing_new_is_a_sign_of_life(desk: Desk, send: Send) -> None:
    assert send([]).json()["new"] == 0
    (fresh,) = desk.store.runs.freshness(["douyin"])
    assert fresh.last_success == NOW


@pytest.mark.parametrize(
    "headers",
    [
        {"token": None},
        {"token": "0123456789abcdef-vendor-c"},
        {"token": ""},
        {"token": None, "authorization": f"Basic {TOKEN}"},
        {"token": None, "authorization": TOKEN},
    ],
)
def test_without_a_feed_s_token_nothing_is_read(desk: Desk, send: Send, headers: dict[str, Any]) -> None:
    answer = send([ROW], **headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer TOKEN" in answer.json()["error"]
    assert desk.store.posts.count(Search()) == 0
    assert desk.store.runs.recent() == []


def test_every_token_is_compared_in_constant_time(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return a == b

    monkeypatch.setattr(doors, "compare_digest", compare)
    send([ROW])
    assert compared == [(32, 32)] * 2


@pytest.mark.parametrize("announced", [True, False])
def test_too_large_a_body_is_a_413(desk: Desk, send: Send, announced: bool) -> None:  # noqa: FBT001
    body = json.dumps([ROW | {"text": "长" * 20_000}]).encode()
    answer = send(body) if announced else send(iter([body]))
    assert answer.status_code == 413
    assert "20KB" in answer.json()["error"]
    assert desk.store.posts.count(Search()) == 0


def test_too_many_rows_are_a_413(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "MOST_ROWS", 1)
    assert send([ROW, ROW]).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/csv"},
        {"content_type": "application/json; charset=gbk"},
        {"content_encoding": "gzip"},
    ],
)
def test_another_kind_of_body_is_a_415(send: Send, headers: dict[str, str]) -> None:
    answer = send(gzip.compress(b"[]"), **headers)
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.json()["error"]


def test_a_vendor_s_own_shape_is_read_by_his_mapping(desk: Desk, send: Send) -> None:
    row = {"内容": "客服不理人", "链接": "https://mp.weixin.qq.com/s/abc", "时间": "2026-11-21 19:50"}
    assert send([row], token="0123456789abcdef-vendor-b").json()["new"] == 1
    (found,) = desk.store.posts.search(Search())
    assert (found.mention.platform, found.mention.brands) == ("wechat", ("星河",))
    assert found.mention.published == NOW - timedelta(minutes=10)


def test_a_feed_says_where_its_posts_are_from_where_nothing_else_does(desk: Desk, send: Send) -> None:
    send([{"内容": "星河", "链接": "https://a.test/1"}], token="0123456789abcdef-vendor-b")
    (found,) = desk.store.posts.search(Search())
    assert found.mention.platform == "kuaishou"
    assert not {"kuaishou", "douyin"} & set(desk.settings.unwatched)
    assert "wechat" in desk.settings.unwatched


def test_the_example_of_the_documents_is_answered_as_they_say(desk: Desk, send: Send) -> None:
    page = (Path(__file__).parents[3] / "docs" / "push.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```sh\n(curl .*?)^```", page, re.DOTALL | re.MULTILINE)
    (answer,) = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    command = shlex.split(example.replace("\\\n", " ").replace("$VENDOR_A_TOKEN", TOKEN))
    headers = dict(command[i + 1].split(": ", 1) for i, word in enumerate(command) if word == "-H")
    assert command[2] == f"http://{desk.config.push.listen}/api/mentions"
    said = send(command[command.index("--data") + 1], None, **headers)
    assert said.json() == json.loads(answer) | {"feed": "douyin"}
    assert desk.store.posts.get(["douyin:7301"])["douyin:7301"].mention.text == "小米汽车充电时冒烟"


def test_a_store_that_cannot_be_written_is_a_503_that_may_be_tried_again(
    desk: Desk, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(desk.store.posts, "record", fails)
    answer = send([ROW])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "the disk is gone" not in answer.text


def test_a_feed_that_falls_silent_is_an_incident_and_is_over_when_it_pushes_again(
    desk: Desk, send: Send, clock: Clock
) -> None:
    assert watch_health(desk.store, desk.settings, now=clock) == []  # it never pushed: nobody waits for it
    send([ROW])
    clock.now = NOW + timedelta(minutes=31)
    watch_health(desk.store, desk.settings, now=clock)
    assert [i.key for i in desk.store.incidents.recent()] == ["silent:douyin"]
    send([])
    watch_health(desk.store, desk.settings, now=clock)
    assert desk.store.incidents.recent() == []


def test_doctor_knows_feeds(config: Path, send: Send, capsys: pytest.CaptureFixture[str]) -> None:
    send([ROW])
    main(["doctor", "--no-model", "-c", str(config)])
    said = capsys.readouterr().out
    assert "数据源 vendor-b: 至今没有推送过" in said
    assert "数据源 douyin: " in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '    douyin: {token: "${VENDOR_A}"}',
            '    feed: {token: "${VENDOR_A}"}',
            "a source 'feed' too",
        ),
        ("VENDOR_B", "VENDOR_A", "two feeds have the same token"),
        ("VENDOR_A", "SHORT", "push.feeds.douyin.token: what ${SHORT} holds does not fit here"),
        ("own.yaml", "not.yaml", "not.yaml cannot be read"),
        ("own.yaml", "nobody", "There is no mapping 'nobody'"),
        ("brands: [星河],", "brands: [银河],", "there is no '银河' under brands"),
        ("127.0.0.1:8787", "8787", "is no address to listen on"),
        (
            "sources: [douyin]",
            "sources: [kuaishou]",
            "there is no 'kuaishou' under sources (there is: feed, douyin",
        ),
    ],
)
def test_mistakes_in_the_block_are_named(config: Path, old: str, new: str, said: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadConfig, match=re.escape(said)):
        load_config(config)


def test_the_service_listens_and_lets_go_when_it_is_stopped(config: Path) -> None:
    with serving._bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    config.write_text(CONFIG.replace("PORT", str(port)), encoding="utf-8")

    async def serve_one() -> int:
        with open_desk(load_config(config), Clock()) as desk:
            listening = asyncio.ensure_future(serving.listen(desk))
            async with httpx.AsyncClient(trust_env=False) as client:
                for _ in range(200):
                    try:
                        answer = await client.post(f"http://127.0.0.1:{port}/api/mentions", content=b"[]")
                        break
                    except httpx.ConnectError:
                        await asyncio.sleep(0.01)
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
            again = serving._bind("127.0.0.1", port)
            again.close()
            return answer.status_code

    assert asyncio.run(serve_one()) == 401


def test_nobody_listens_where_no_feed_is_named(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    head, _, _ = text.partition("push:")
    config.write_text(head.replace(", sources: [douyin]", "") + "store: store.db\n", encoding="utf-8")
    with open_desk(load_config(config), Clock()) as desk:
        asyncio.run(asyncio.wait_for(serving.listen(desk), 5))
