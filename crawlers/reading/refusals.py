"""What a status, a redirect, or a page in the place of data means: much the same at every site."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawlers.reading.jsontext import NotJson, read_json
from crawlers.source import Answer, Outcome, Page, blocked

Meanings = Mapping[int, tuple[Outcome, str]]
"""By HTTP status what it means at a site, and in words that follow "HTTP 403: "."""
COMMON: Meanings = {
    401: (Outcome.LOGIN_WALL, "the site wants a signed-in visitor"),
    403: (Outcome.NO_PERMISSION, "the site refuses this address"),
    404: (Outcome.NOT_FOUND, "there is no such page"),
    410: (Outcome.NOT_FOUND, "the page is gone"),
    412: (Outcome.THROTTLED, "the site takes us for a machine and has shut this address out for a while"),
    418: (Outcome.THROTTLED, "asked too often"),
    429: (Outcome.THROTTLED, "asked too often"),
    461: (Outcome.CAPTCHA, "the site wants to see a person"),
    471: (Outcome.CAPTCHA, "the site wants to see a person"),
}
"""412 is Bilibili's, 461 and 471 are Xiaohongshu's."""
WALL_MARKS = ("passport.", "visitor system", "sina visitor", "请先登录", "登录后")
CAPTCHA_MARKS = ("captcha", "验证码", "安全验证", "geetest", "wappass")
LOOKED_AT = 20_000
"""Bytes of a page in which such a mark is looked for."""


def refused(answer: Answer, meanings: Meanings = COMMON, login_hosts: frozenset[str] = frozenset()) -> Page | None:
    """What the status, or where a redirect led, says already; None where the answer has to be read.

    A status that is in neither `meanings` nor `COMMON` is an error page.
    """
    if (urlsplit(answer.url).hostname or "") in login_hosts:
        return blocked(Outcome.LOGIN_WALL, "The site sent us to its sign-in page.")
    if 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses that mean success
        return None
    outcome, words = (
        meanings.get(answer.status)
        or COMMON.get(answer.status)
        or (Outcome.ERROR_PAGE, "the site answered with an error")
    )
    return blocked(outcome, f"HTTP {answer.status}: {words}.")


def json_of(answer: Answer) -> tuple[Any, Page | None]:
    """The JSON of an answer and None; or None and what stands in its place: a captcha, a wall, a page, bytes."""
    try:
        return read_json(answer.body), None
    except NotJson:
        return None, _in_its_place(answer.body)


def _in_its_place(body: bytes) -> Page:
    text = body[:LOOKED_AT].decode("utf-8", "replace").lower()
    if any(mark in text for mark in CAPTCHA_MARKS):
        return blocked(Outcome.CAPTCHA, "The site answered with a captcha instead of data.")
    if any(mark in text for mark in WALL_MARKS):
        return blocked(Outcome.LOGIN_WALL, "The site answered with its sign-in page instead of data.")
    if "<html" in text or text.lstrip().startswith("<"):
        return blocked(Outcome.ERROR_PAGE, "The site answered with a web page instead of data.")
    return blocked(Outcome.GARBAGE, f"The {len(body)} bytes of the answer are not JSON.")
