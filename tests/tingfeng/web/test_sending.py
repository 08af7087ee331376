"""Another program sends in what it was sent."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crawlers.reactor import run_in_reactor
from mentions.store import StoreError
from tingfeng.config import load_config
from tingfeng.desk import Desk, open_desk
from tingfeng.watching import Sent, Watched, watch
from tingfeng.web import serving
from tingfeng.web.sending import PATH, Sending

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKEN = "0123456789abcdef-hotline"
TEXT = "昨天新买的星河手机充电时冒烟，客服让我自己处理"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
CONFIG = """
brands: {星河: {}, 云岭: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
push: {feeds: {vendor: {token: "${VENDOR}"}}}
watch: {senders: {hotline: {token: "${HOTLINE}"}}}
store: store.db
"""
Send = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    secrets = {"VENDOR": "0123456789abcdef-vendor", "HOTLINE": TOKEN}
    with open_desk(load_config(path, secrets), lambda: NOW) as opened:
        yield opened


@pytest.fixture
def send(desk: Desk) -> Send:
    client = TestClient(serving.app_of(desk))

    def post(body: Any = None, token: str = TOKEN, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"} | more.pop("headers", {})
        given = {"json": body} if isinstance(body, dict) else {"content": body}
        return client.post(PATH, headers=headers, **given, **more)

    return post


def test_a_text_is_watched_in_the_name_of_its_sender(desk: Desk, send: Send) -> None:
    told = send({"what": TEXT, "note": "来电"})
    assert (told.status_code, told.json()["kind"], told.json()["change"]) == (200, "text", "opened")
    (event,) = desk.store.incidents.events(told.json()["incident"], ["forwarded"])
    assert (event.actor, event.reason) == ("hotline", "来电")
    assert send({"what": TEXT, "by": "李四"}).json()["incident"] == told.json()["incident"]


def test_a_picture_is_sent_as_it_is_with_what_stands_in_it(desk: Desk, send: Send) -> None:
    told = send(PNG, headers={"content-type": "image/png"}, params={"text": TEXT, "by": "张三"})
    assert (told.status_code, told.json()["kind"], told.json()["unread"]) == (200, "picture", None)
    assert desk.store.posts.get([told.json()["mention"]])[told.json()["mention"]].mention.text == TEXT


def test_no_word_of_what_is_private_goes_to_a_site(send: Send) -> None:
    png, said = {"content-type": "image/png"}, {"text": TEXT}
    assert send({"what": TEXT}).json()["sought"]
    assert send({"what": TEXT, "private": True}).json()["sought"] == []
    assert send(PNG, headers=png, params=said).json()["sought"]
    assert send(PNG, headers=png, params=said | {"private": "1"}).json()["sought"] == []


def test_an_address_inside_is_not_fetched(desk: Desk) -> None:
    """Whoever has the token is not thereby in our network."""

    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(serving.app_of(desk))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            body = {"what": "http://127.0.0.1:9/admin", "brand": "星河"}
            return await client.post(PATH, json=body, headers={"authorization": f"Bearer {TOKEN}"})

    told = run_in_reactor(sent)
    assert told.status_code == 200
    assert "is an address of this machine or its network: it is not asked" in told.json()["unread"]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b'{"what": "/etc/secret.png"}', "application/json", "A picture is sent as the body itself"),
        (b'{"what": "\xe6\x98\x9f\xe6\xb2\xb3", "who": "x"}', "application/json", "who: Extra inputs"),
        (b"{}", "application/json", "what: Field required"),
        (b"[1", "application/json", "The body is no JSON."),
        ('{"what": "没有品牌"}'.encode(), "application/json", "name none of the brands"),
        ('{"what": "星河", "brand": "麻雀"}'.encode(), "application/json", "There is no brand"),
        (b"GIF89a", "image/png", "The body is no picture"),
    ],
)
def test_what_cannot_be_watched_is_one_sentence(send: Send, body: bytes, kind: str, said: str) -> None:
    told = send(body, headers={"content-type": kind})
    assert told.status_code == 422
    assert said in told.json()["error"]


@pytest.mark.parametrize("token", ["", "0123456789abcdef-vendor", "0123456789abcdef-hotlinf"])
def test_a_feed_s_token_or_none_opens_nothing(desk: Desk, send: Send, token: str) -> None:
    told = send({"what": TEXT}, token)
    assert (told.status_code, told.headers["www-authenticate"]) == (401, "Bearer")
    assert desk.store.incidents.recent() == []


def test_another_kind_of_body_is_a_415_and_one_that_is_too_large_a_413(send: Send) -> None:
    assert send(b"a", headers={"content-type": "text/plain"}).status_code == 415
    assert send(b"a" * 300_000, headers={"content-type": "application/json"}).status_code == 413


def test_a_store_that_cannot_be_written_is_a_503(desk: Desk) -> None:
    async def fails(_desk: Desk, _sent: Sent) -> Watched:
        raise StoreError("the disk is gone")

    client = TestClient(Starlette(routes=[Sending(desk, fails).route]))
    told = client.post(PATH, json={"what": TEXT}, headers={"authorization": f"Bearer {TOKEN}"})
    assert (told.status_code, told.headers["retry-after"]) == (503, "60")
    assert "the disk is gone" not in told.text


def test_it_is_what_the_command_does(desk: Desk) -> None:
    assert Sending(desk)._watching is watch
