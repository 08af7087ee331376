"""What sites do to whoever reads them, and what is to become of it. docs/sources.md shows the same as a table."""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
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
    """A fault that lasts: the site does the same at every visit, of which there is one each ten minutes.

    `outcome` is the reason under which it is counted, or what was read; `cools` are the minutes for which the site
    is left alone after the first one. `rules` are those that tell of it, with the minute at which they do.
    """

    name: str
    source: str
    answers: tuple[Answer, ...]
    outcome: str
    cools: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    """More that the row of the first visit says."""
    more: Callable[[int], tuple[Answer, ...]] | None = None
    """What it answers at a minute, where it does not say the same at every visit."""
    in_gbk: bool = False
    """The site's own first page, in GBK that calls itself UTF-8."""

    def at(self, minute: int) -> tuple[Answer, ...]:
        """What it answers at the visit of a minute."""
        return self.answers if self.more is None else self.more(minute)

    @property
    def note(self) -> str:
        """What `crawl` and `doctor` say of the visit, in English; nothing where all was well."""
        if self.outcome not in READ:
            return self.outcome
        return "page cap hit" if self.run.get("cap_hit") else ""

    @property
    def row(self) -> str:
        """Its line in the table."""
        cools = f"{self.cools} min" if self.cools else "–"
        said = [f"`{rule}` {f'after {at} min' if at else 'at once'}" for rule, at in self.rules.items()]
        told = ", ".join([*(["`crawl`, `doctor` at once"] if self.note else []), *said]) or "–"
        return f"| {self.name} | `{self.source}` | `{self.outcome}` | {cools} | {told} |"


READ = {"mentions", "empty"}
SILENT = {"source-silent": 30}
WALLED = {"cookie-dying": 0, "source-silent": 30}
WALLED_LATER = WALLED | {"cookie-dying": 20}
"""Where a visit reads many pages, one wall among them is not yet a share that tells."""
CHANGED = {"layout-changed": 0, "source-silent": 30}


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


def fifty(minute: int) -> tuple[Answer, ...]:
    """Fifty pages of news, and always one page more."""
    return tuple(posts(card(1000 * (minute + 1) + n, "星河手机还行"), page=n + 1) for n in range(1, 51))


CAPTCHA = html("<html><div id=captcha>请完成安全验证</div></html>")
SIGN_INS = {
    "weibo-search": ELSEWHERE,
    "tieba": "https://passport.baidu.com/v2/?login",
}
FAULTS = (
    Fault("HTTP 432", "weibo", (Answer(status=432),), "login_wall", 5, WALLED),
    Fault("`ok: -100`", "weibo", (Answer(json_body={"ok": -100, "url": ELSEWHERE}),), "login_wall", 5, WALLED),
    Fault("HTTP 302 to the sign-in page", "weibo", (html("", 302, location=ELSEWHERE),), "login_wall", 5, WALLED),
    *(
        Fault(
            "HTTP 302 to the sign-in page",
            source,
            (html("", 302, location=url),) * 9,
            "login_wall",
            5,
            WALLED_LATER,
        )
        for source, url in SIGN_INS.items()
    ),
    Fault("HTTP 418", "weibo", (Answer(status=418),), "throttled", 5, SILENT),
    Fault("HTTP 429 with `Retry-After: 1200`", "v2ex", (Answer.too_many("1200"),), "throttled", 20, SILENT),
    Fault(
        "HTTP 503 with `Retry-After: 600`",
        "news",
        (html("", 503, **{"Retry-After": "600"}),) * 2,
        "error_page",
        10,
        SILENT,
    ),
    *(
        Fault("a captcha with HTTP 200", source, (CAPTCHA,) * 9, "captcha", 5, rules)
        for source, rules in (
            ("weibo", WALLED),
            ("weibo-search", WALLED_LATER),
            ("tieba", WALLED_LATER),
            ("forum", WALLED_LATER),
        )
    ),
    Fault("an answer of no bytes with HTTP 200", "forum", (html(""),), "garbage", 0, SILENT),
    Fault(
        '"nothing here" with HTTP 200',
        "weibo",
        (Answer(json_body={"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}),),
        "empty",
    ),
    Fault(
        "recommendations under 「未找到」",
        "weibo",
        (posts(NOT_FOUND, card(900, "今天天气真好")),),
        "empty",
        run={"new": 0, "pages": 1},
    ),
    Fault("gzip that breaks off", "weibo", (raw(CUT, **{"content-encoding": "gzip"}),), "garbage", 0, SILENT),
    *(
        Fault("GBK that calls itself UTF-8", source, (), "mentions", in_gbk=True)
        for source in ("forum", "tieba", "weibo-search", "news")
    ),
    Fault(
        "one of two hot lists of another shape",
        "hot",
        (Answer(json_body={"ok": 1, "data": {"realtime": [{"title": "星河"}]}}),),
        "layout_changed",
        0,
        {"layout-changed": 0, "query-silent": 30},
        run={"pages": 1, "error": None},
    ),
    Fault("10,000 nested `<div>`", "forum", (html("<div>" * 10_000 + "星河"),), "layout_changed", 0, CHANGED),
    Fault(
        "a page of 10 MB",
        "forum",
        (html("<html><body>" + "<p>星河手机</p>" * 550_000),),
        "layout_changed",
        0,
        CHANGED,
    ),
    Fault("no answer at all", "news", (Answer(kind=Kind.HANG),) * 2, "timeout", 0, SILENT),
    Fault(
        "an answer byte by byte",
        "news",
        (Answer(kind=Kind.TRICKLE, body="x" * 999, seconds=0.1),) * 2,
        "timeout",
        0,
        SILENT,
    ),
    Fault("a connection that breaks", "news", (Answer(kind=Kind.DROP_AFTER),) * 2, "connection lost", 0, SILENT),
    Fault(
        "redirects in a circle",
        "weibo",
        (Answer(status=302, headers=SEARCH_FORM),) * 9,
        "too many redirects",
        0,
        SILENT,
    ),
    Fault("a web page in the place of data", "v2ex", (Answer.html(),) * 2, "error_page", 0, SILENT),
    Fault(
        "the same page again and again",
        "weibo",
        tuple(posts(card(901, "星河手机还行"), page=n + 1) for n in range(1, 9)),
        "mentions",
        run={"new": 1, "pages": 2, "cap_hit": False},
    ),
    Fault(
        "more than the 50 pages that a site shows",
        "weibo",
        (),
        "mentions",
        0,
        {"cap-hit": 20},
        run={"new": 50, "pages": 50, "cap_hit": True},
        more=fifty,
    ),
)
