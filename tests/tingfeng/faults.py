"""What sites do to whoever reads them, and what is to become of it. docs/sources.md shows the same as a table."""

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tingfeng.sandbox import Answer, Kind

FIXTURES = Path(__file__).parents[1] / "crawlers" / "fixtures"
HTML = {"content-type": "text/html; charset=utf-8"}
JSON = {"content-type": "application/json; charset=utf-8"}
POST_TIME = "Sat Nov 21 20:00:00 +0800 2026"


@dataclass(frozen=True)
class Fault:
    """`outcome` is the reason under which it is counted, or what was read; `cools` are minutes."""

    name: str
    source: str
    answers: tuple[Answer, ...]
    outcome: str
    cools: int = 0
    told: bool = True
    run: Mapping[str, Any] = field(default_factory=dict)
    """More that the row of the visit says."""

    @property
    def row(self) -> str:
        """Its line in the table."""
        cools = f"{self.cools} min" if self.cools else "–"
        return f"| {self.name} | `{self.source}` | `{self.outcome}` | {cools} | {TOLD[self.told]} |"


TOLD = {True: "at once by `crawl` and `doctor`; by `source-silent` after 30 min", False: "–"}


def html(body: str, status: int = 200, **headers: str) -> Answer:
    return Answer(status=status, body=body, headers=HTML | headers)


def raw(body: bytes, **headers: str) -> Answer:
    return Answer(base64=b64encode(body), headers=HTML | headers)


def posts(*cards: dict[str, Any], page: int | None = None) -> Answer:
    return Answer(json_body={"ok": 1, "data": {"cardlistInfo": {"page": page}, "cards": cards}})


def card(number: int, text: str) -> dict[str, Any]:
    user = {"id": 7, "screen_name": "某人", "followers_count": 10}
    post = {"id": str(number), "created_at": POST_TIME, "text": text, "user": user, "reposts_count": 1}
    return {"card_type": 9, "mblog": post}


NOT_FOUND = {"card_type": 58, "desc": "抱歉，未找到相关结果"}
ELSEWHERE = "https://passport.weibo.com/visitor/visitor"
SEARCH_FORM = {
    "location": "/api/container/getIndex?containerid=100103type%3D61%26q%3Dx&page_type=searchall&page=1"
}
CUT = gzip.compress(json.dumps({"ok": 1, "data": {"cards": [card(1, "星河手机" * 999)]}}).encode())[:-40]

FAULTS = (
    Fault("HTTP 432", "weibo", (Answer(status=432),), "login_wall", 5),
    Fault("`ok: -100`", "weibo", (Answer(json_body={"ok": -100, "url": ELSEWHERE}),), "login_wall", 5),
    Fault("HTTP 302 to the sign-in page", "weibo", (html("", 302, location=ELSEWHERE),), "login_wall", 5),
    Fault("HTTP 418", "weibo", (Answer(status=418),), "throttled", 5),
    Fault("HTTP 429 with `Retry-After: 1200`", "v2ex", (Answer.too_many("1200"),), "throttled", 20),
    Fault(
        "HTTP 503 with `Retry-After: 600`",
        "news",
        (html("", 503, **{"Retry-After": "600"}),) * 2,
        "error_page",
        10,
    ),
    Fault(
        "a captcha with HTTP 200",
        "weibo",
        (html("<html><div id=captcha>请完成安全验证</div></html>"),),
        "captcha",
        5,
    ),
    Fault("an answer of no bytes with HTTP 200", "forum", (html(""),), "garbage"),
    Fault(
        '"nothing here" with HTTP 200',
        "weibo",
        (Answer(json_body={"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}),),
        "empty",
        told=False,
    ),
    Fault(
        "recommendations under 「未找到」",
        "weibo",
        (posts(NOT_FOUND, card(900, "今天天气真好")),),
        "empty",
        told=False,
        run={"new": 0, "pages": 1},
    ),
    Fault("gzip that breaks off", "weibo", (raw(CUT, **{"content-encoding": "gzip"}),), "garbage"),
    Fault(
        "GBK that calls itself UTF-8",
        "forum",
        (raw((FIXTURES / "discuz" / "gbk_called_utf8" / "input.html").read_bytes()),),
        "mentions",
        told=False,
    ),
    Fault("10,000 nested `<div>`", "forum", (html("<div>" * 10_000 + "星河"),), "layout_changed"),
    Fault("a page of 10 MB", "forum", (html("<html><body>" + "<p>星河手机</p>" * 550_000),), "layout_changed"),
    Fault("no answer at all", "news", (Answer(kind=Kind.HANG),) * 2, "timeout"),
    Fault(
        "an answer byte by byte", "news", (Answer(kind=Kind.TRICKLE, body="x" * 999, seconds=0.1),) * 2, "timeout"
    ),
    Fault("a connection that breaks", "news", (Answer(kind=Kind.DROP_AFTER),) * 2, "connection lost"),
    Fault("redirects in a circle", "weibo", (Answer(status=302, headers=SEARCH_FORM),) * 9, "too many redirects"),
    Fault("a web page in the place of data", "v2ex", (Answer.html(),) * 2, "error_page"),
    Fault(
        "the same page again and again",
        "weibo",
        tuple(posts(card(901, "星河手机还行"), page=n + 1) for n in range(1, 9)),
        "mentions",
        told=False,
        run={"new": 1, "pages": 2, "cap_hit": False},
    ),
    Fault(
        "more than the 50 pages that a site shows",
        "weibo",
        tuple(posts(card(1000 + n, "星河手机还行"), page=n + 1) for n in range(1, 51)),
        "mentions",
        told=False,
        run={"new": 50, "pages": 50, "cap_hit": True},
    ),
)
