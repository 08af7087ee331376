"""Pages of Discuz! X (X2 to X3.5, desktop template): lists, threads, and what stands in their place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.html import tidy, to_text
from crawlers.source import Outcome
from crawlers.times import parse_time
from mentions.counts import parse_count

NUMBER = re.compile(r"(\d+)")
UID = re.compile(r"[?&]uid=(\d+)|space-uid-(\d+)")
TID = re.compile(r"[?&;]p?tid=(\d+)|thread-(\d+)-")
TID_IN_SCRIPT = re.compile(r"\btid = parseInt\('(\d+)'\)")
POST = re.compile(r"post_(\d+)")
THREAD_ROW = re.compile(r"(normal|stick)thread_(\d+)")
NOT_THE_AUTHORS = (
    ".quote, .locked, .pstatus, .jammer, ignore_js_op, .tip, .rate, .sign, .attnm, "
    '[style*="display:none"], [style*="display: none"]'
)
"""Inside a body: others' words, the forum's notices, and the noise that it hides there against copying."""
TO_THE_MINUTE = timedelta(seconds=59)
"""A list shows when a thread last changed without seconds."""
RELOAD_CHALLENGE = "页面重载开启"
ANONYMOUS = "匿名"


@dataclass(frozen=True, slots=True)
class Thread:
    """A row of a list."""

    tid: str
    title: str
    sticky: bool
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """One floor of a thread. `text` is None where the forum hides it (a banned post)."""

    pid: str
    author_id: str
    author: str
    published: datetime | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands in its row of pages."""

    current: int
    total: int


def thread_rows(tree: LexborHTMLParser, now: datetime) -> list[Thread]:
    """The threads of a list page, sticky ones included."""
    rows = []
    for body in tree.css("tbody[id]"):
        match = THREAD_ROW.fullmatch(body.id or "")
        title = body.css_first("a.xst")
        if match is None or title is None:
            continue
        cells = body.css("td.by")
        rows.append(Thread(match[2], tidy(title.text()), match[1] == "stick", _changed(cells, now)))
    return rows


def search_rows(tree: LexborHTMLParser) -> list[Thread]:
    """The threads that a search result lists."""
    return [
        Thread(row.id, tidy(title.text()), sticky=False, changed=None)
        for row in tree.css("li.pbw[id]")
        if row.id and row.id.isdigit() and (title := row.css_first("h3 a")) is not None
    ]


def _changed(cells: list[LexborNode], now: datetime) -> datetime | None:
    last = cells[-1].css_first("em") if cells else None
    found = _time(last, now)
    return found + TO_THE_MINUTE if found is not None else None


def _time(node: LexborNode | None, now: datetime) -> datetime | None:
    """A time: recent ones are written 「2 小时前」 with the full time in a title attribute."""
    if node is None:
        return None
    exact = node.css_first("span[title]")
    titled = parse_time(exact.attributes.get("title") or "", now) if exact is not None else None
    return titled or parse_time(node.text(), now)


def posts(tree: LexborHTMLParser, now: datetime) -> Iterator[Post]:
    """The posts of a thread's page in their order."""
    for node in tree.css('div[id^="post_"]'):
        match = POST.fullmatch(node.id or "")
        if match is None:
            continue  # post_new is where an answer will be typed
        pid = match[1]
        author_id, author = _author(node, pid)
        yield Post(pid, author_id, author, _time(node.css_first(f"#authorposton{pid}"), now), _text(node, pid))


def _author(node: LexborNode, pid: str) -> tuple[str, str]:
    link = node.css_first(".authi a.xw1") or node.css_first('.authi a[href*="uid"]')
    if link is not None and (uid := UID.search(link.attributes.get("href") or "")):
        return uid[1] or uid[2], tidy(link.text())
    plain = node.css_first(".favatar .pi") or node.css_first(".authi")
    name = tidy(plain.text(deep=False) or plain.text()) if plain is not None else ""
    if not name or name.startswith(ANONYMOUS):
        return f"anonymous:{pid}", ANONYMOUS  # a person of its own each time: nobody knows who is who
    return f"name:{name}", name


def _text(node: LexborNode, pid: str) -> str | None:
    body = node.css_first(f"#postmessage_{pid}")
    if body is None:
        return None
    for notice in body.css(NOT_THE_AUTHORS):
        notice.decompose()
    return to_text(body.inner_html or "")


def pages(tree: LexborHTMLParser) -> Pages:
    """The pager; a page without one is the only one."""
    pager = tree.css_first("div.pg")
    if pager is None:
        return Pages(1, 1)
    current = _number(pager.css_first("strong")) or 1
    label = pager.css_first("label span[title]")
    said = NUMBER.search(label.attributes.get("title") or "") if label is not None else None
    listed = [n for link in pager.css("a") if (n := _number(link))]
    return Pages(current, max([current, int(said[1]) if said else 1, *listed]))


def _number(node: LexborNode | None) -> int | None:
    match = NUMBER.search(node.text()) if node is not None else None
    return int(match[1]) if match and len(match[1]) < 8 else None  # noqa: PLR2004 - no thread has 10 million pages


def thread_id(tree: LexborHTMLParser, page: str, url: str) -> str | None:
    """The number of the thread that a page belongs to."""
    if match := TID.search(url) or TID_IN_SCRIPT.search(page):
        return _first(match)
    link = tree.css_first('a[id^="postnum"]')
    match = TID.search(link.attributes.get("href") or "") if link is not None else None
    return _first(match) if match else None


def _first(match: re.Match[str]) -> str:
    return next(str(group) for group in match.groups() if group)


def subject(tree: LexborHTMLParser) -> str | None:
    """The title of a thread."""
    node = tree.css_first("#thread_subject")
    return (tidy(node.text()) or None) if node is not None else None


def views_and_replies(tree: LexborHTMLParser) -> tuple[int | None, int | None]:
    """What stands over the first post: 查看, 回复."""
    numbers = [parse_count(tidy(node.text())) for node in tree.css("#postlist .hm span.xi1")][:2]
    found = [count.value if count else None for count in numbers] + [None, None]
    return found[0], found[1]


def notice(tree: LexborHTMLParser, page: str) -> tuple[Outcome, str] | None:
    """What a page says that stands in the place of the one asked for; HTTP often calls it 200."""
    node = tree.css_first("#messagetext")
    if node is None:
        if RELOAD_CHALLENGE in page:
            return (
                Outcome.CAPTCHA,
                "The forum answers with a script that only a browser can run (attackevasive).",
            )
        return None
    words = tidy((node.css_first("p") or node).text())
    return _meaning(words), f"The forum says: {words}"


def _meaning(words: str) -> Outcome:
    for marks, outcome in (
        (("先登录", "需要登录", "尚未登录", "没有登录", "登录后"), Outcome.LOGIN_WALL),
        (("没有权限", "无权", "权限高于", "不允许", "密码"), Outcome.NO_PERMISSION),
        (("不存在", "已被删除", "正在被审核", "已删除"), Outcome.NOT_FOUND),
        (("频繁", "过快", "秒内", "间隔"), Outcome.THROTTLED),
        (("没有找到", "没有帖子"), Outcome.EMPTY),
        (("验证码", "安全验证"), Outcome.CAPTCHA),
    ):
        if any(mark in words for mark in marks):
            return outcome
    return Outcome.ERROR_PAGE
