"""The desktop template, X2 to X3.5."""

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
    opening_of,
    pages_in,
    raw_of,
    region_in,
    remarks_in,
    tid_in,
    time_in,
    words_in,
)
from mentions.counts import parse_count

TID_IN_SCRIPT = re.compile(r"\btid = parseInt\('(\d+)'\)")
POST = re.compile(r"post_(\d+)")
THREAD_ROW = re.compile(r"(normal|stick)thread_(\d+)")


def shown(tree: LexborHTMLParser, page: str, url: str, now: datetime) -> Discussion | Listing | None:
    """The thread or the list on a page; None where it is neither."""
    posts = tuple(
        post
        for node in tree.css('div[id^="post_"]')
        if (match := POST.fullmatch(node.id or ""))
        for post in (_post(node, match[1], now), *remarks_in(node, match[1], now))
    )  # post_new is where an answer will be typed
    if posts:
        where = pages_in(tree)
        views, replies = _views_and_replies(tree)
        opening = opening_of(posts, where)
        return Discussion("desktop", _tid(tree, page, url), _subject(tree), posts, where, opening, views, replies)
    rows = _rows(tree, now)
    if rows or tree.css_first("#threadlisttableid, #threadlist.tl") is not None:
        return Listing(rows, pages_in(tree))
    return None


def found_by_search(tree: LexborHTMLParser) -> tuple[Row, ...]:
    """The threads that a search result lists."""
    return tuple(
        Row(row.id)
        for row in tree.css("li.pbw[id]")
        if row.id and row.id.isdecimal() and row.css_first("h3 a") is not None
    )


def _rows(tree: LexborHTMLParser, now: datetime) -> tuple[Row, ...]:
    rows = []
    for body in tree.css("tbody[id]"):
        match = THREAD_ROW.fullmatch(body.id or "")
        if match is None or body.css_first("a.xst") is None:
            continue
        cells = body.css("td.by")
        last = time_in(cells[-1].css_first("em"), now) if cells else None
        rows.append(Row(match[2], match[1] == "stick", last + TO_THE_MINUTE if last is not None else None))
    return tuple(rows)


def _post(node: LexborNode, pid: str, now: datetime) -> Post:
    raw = raw_of(node)
    author_id, author = author_in(node, pid)
    floor = floor_in(node.css_first(f"#postnum{pid}"))
    likes = (
        _count(node.css_first(f"#review_support_{pid}"))
        if floor != 1
        else _count(node.css_first("#recommendv_add"))
    )
    return Post(
        pid,
        author_id,
        author,
        time_in(node.css_first(f"#authorposton{pid}"), now),
        words_in(node.css_first(f"#postmessage_{pid}")),
        floor,
        likes,
        region_in(node),
        raw,
    )


def _tid(tree: LexborHTMLParser, page: str, url: str) -> str | None:
    if tid := tid_in(url):
        return tid
    if match := TID_IN_SCRIPT.search(page):
        return match[1]
    link = tree.css_first('a[id^="postnum"]')
    return tid_in(link.attributes.get("href")) if link is not None else None


def _subject(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("#thread_subject")
    return (tidy(node.text()) or None) if node is not None else None


def _views_and_replies(tree: LexborHTMLParser) -> tuple[int | None, int | None]:
    """What stands over the first post: 查看, 回复."""
    views, replies, *_ = (*map(_count, tree.css("#postlist .hm span.xi1")), None, None)
    return views, replies


def _count(node: LexborNode | None) -> int | None:
    count = parse_count(tidy(node.text())) if node is not None else None
    return count.value if count else None
