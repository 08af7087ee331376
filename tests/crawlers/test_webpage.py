"""A page that a person named: its words are kept, and never those that stand in the place of them."""

from datetime import UTC, datetime

import pytest

from crawlers.source import Answer, Outcome
from crawlers.webpage import WebPage

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
ARTICLE = "昨天新买的云雀手机充电时冒烟，客服让我自己处理，太让人失望了。" * 8


def outcome(body: str | bytes) -> Outcome:
    content = body.encode() if isinstance(body, str) else body
    return WebPage().read(Answer(content, NOW, "https://a.test/x"), "web").outcome


def page(title: str, words: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><div>{words}</div></body></html>"


@pytest.mark.parametrize(
    ("title", "words", "said"),
    [
        ("Sina Visitor System", "", Outcome.LOGIN_WALL),
        ("提示", "请先登录", Outcome.LOGIN_WALL),
        ("Just a moment...", "", Outcome.CAPTCHA),
        ("", "当前环境异常，完成验证后即可继续访问。 去验证", Outcome.CAPTCHA),
        ("", "您的访问过于频繁，请稍后再试", Outcome.THROTTLED),
        ("", "该内容已被发布者删除", Outcome.NOT_FOUND),
        ("404", "您访问的页面不存在", Outcome.NOT_FOUND),
        ("", "此内容因违规无法查看", Outcome.NOT_FOUND),
        ("Access Denied", "", Outcome.NO_PERMISSION),
        ("云雀冒烟", ARTICLE, Outcome.MENTIONS),
        ("云雀冒烟", f"{ARTICLE}请先登录，再输入验证码。", Outcome.MENTIONS),
        ("云雀手机", "客服不理人", Outcome.MENTIONS),
    ],
)
def test_what_stands_in_the_place_of_a_page_is_no_mention(title: str, words: str, said: Outcome) -> None:
    """An article may speak of a login as it likes."""
    assert outcome(page(title, words)) is said


@pytest.mark.parametrize(
    "body",
    [b"\x89PNG\r\n\x1a\n\x00\x00<p>", b"%PDF-1.7 <</Type /Page>>", b"PK\x03\x04<html>", b'{"a": "<b>"}', b"a < b"],
)
def test_bytes_that_are_no_page_are_no_mention(body: bytes) -> None:
    assert outcome(body) is Outcome.GARBAGE
