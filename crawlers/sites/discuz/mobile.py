"""The mobile template (`mobile=2`), X3 and X3.5. Its times are relative, without the full one in a title.

Its lists say when a thread was opened (X3.5) or nothing at all (X3), but never when the last reply came.
"""

import re
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import tidy
from crawlers.sites.discuz.page import (
    TO_THE_MINUTE,
    Discussion,
    Listing,
    Post,
    Row,
    author_in,
    floor_in,
    number_in,
    opening_of,
    pages_in,
    raw_of,
    region_in,
    remarks_in,
    tid_in,
    time_in,
    words_in,
)

POST = re.compile(r"pid(\d+)")


def shown(tree: LexborHTMLParser, page: str, url: str, now: datetime) -> Discussion | Listing | None:  # noqa: ARG001
    """The thread or the list on a page; None where it is neither."""
    views, replies = _number_by(tree, "i.dm-eye + em"), _number_by(tree, "i.dm-chat-s + em")
    posts = tuple(
        post
        for node in tree.css('div.plc[id^="pid"]')
        if (match := POST.fullmatch(node.id or ""))
        for post in (_post(node, match[1], now), *remarks_in(node, match[1], now))
    )
    if posts:
        where = pages_in(tree)
        opening = opening_of(posts, where)
        return Discussion("mobile", _tid(tree, url), _subject(tree), posts, where, opening, views, replies)
    if tree.css_first(".threadlist") is not None:
        return Listing(
            tuple(row for node in tree.css(".threadlist li") if (row := _row(node, now))), pages_in(tree)
        )
    return None


def _row(node: LexborNode, now: datetime) -> Row | None:
    tid = next((tid for link in node.css("a") if (tid := tid_in(link.attributes.get("href")))), None)
    if tid is None:
        return None
    eye = node.css_first("i.dm-chat-s-fill, i.dm-chat-s")
    counted = eye.parent if eye is not None else node.css_first("span.num")
    replies = number_in(counted.text()) if counted is not None else None
    opened = time_in(node.css_first(".mtime"), now)
    # Without replies nothing can have come after the opening; otherwise the list does not say when it did.
    changed = opened + TO_THE_MINUTE if opened is not None and replies == 0 else None
    return Row(tid, node.css_first(".micon, .icon_top") is not None, changed, replies)


def _post(node: LexborNode, pid: str, now: datetime) -> Post:
    raw = raw_of(node)
    author_id, author = author_in(node, pid)
    return Post(
        pid,
        author_id,
        author,
        _published(node, now),
        words_in(node.css_first(".message")),
        floor_in(node.css_first(".authi .mtit .y") or node.css_first(".authi em")),
        region=region_in(node),
        raw=raw,
    )


def _published(node: LexborNode, now: datetime) -> datetime | None:
    """The line under the author's name; the counts of the thread may stand in it too."""
    line = node.css_first(".authi .mtime") or node.css_first(".authi .rela")
    if line is None:
        return None
    while (counts := line.css_first("span.y, em")) is not None:
        counts.decompose()
    return time_in(line, now)


def _tid(tree: LexborHTMLParser, url: str) -> str | None:
    link = tree.css_first('link[rel="canonical"], .postlist a[href*="tid="], .viewthread a[href*="tid="]')
    return tid_in(url) or (tid_in(link.attributes.get("href")) if link is not None else None)


def _subject(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first(".view_tit") or tree.css_first(".postlist > h2")
    if node is None:
        return None
    return tidy(" ".join(node.text(deep=False).split())) or tidy(node.text()) or None


def _number_by(tree: LexborHTMLParser, selector: str) -> int | None:
    node = tree.css_first(selector)
    return number_in(node.text()) if node is not None else None
