"""What every view of a forum shows: lists of threads, threads of posts, or a notice in their place."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import tidy, to_text
from crawlers.reading.threads import Pages
from crawlers.reading.times import parse_time
from crawlers.sites.discuz.addresses import View

NUMBER = re.compile(r"(\d+)")
UID = re.compile(r"[?&]uid=(\d+)|space-uid-(\d+)")
TID = re.compile(r"[?&;]p?tid=(\d+)|thread-(\d+)-|\btid-(\d+)\.html")
REGION = re.compile(r"IP\s*(?:属地|归属地)\s*[:：]?\s*([\u4e00-\u9fff]{2,8})")
NOT_THE_AUTHORS = (
    ".quote, .locked, .pstatus, .jammer, ignore_js_op, .tip, .rate, .sign, .attnm, .attach_nopermission, "
    ".modact, .a_pr, .blockcode em, .atips, .guestviewthumb, .showhide > h4, .pstl, .cm, "
    '[style*="display:none"], [style*="display: none"]'
)
"""Inside a body: others' words, the forum's notices, and the noise that it hides there against copying."""
TO_THE_MINUTE = timedelta(seconds=59)
"""A list shows when a thread last changed without seconds."""
ANONYMOUS = "匿名"
ALONE = Pages(1, 1)
OPENING = "楼主"
"""What themed forums call the first floor."""


@dataclass(frozen=True, slots=True)
class Row:
    """A thread in a list. `changed` is None where the view does not say when the last reply came.

    `opening` is the id of its opening post, where the view's ids come from the thread's number.
    """

    tid: str
    sticky: bool = False
    changed: datetime | None = None
    replies: int | None = None
    opening: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    rows: tuple[Row, ...]
    pages: Pages = ALONE


@dataclass(frozen=True, slots=True)
class Post:
    """One floor of a thread. `text` is None where the forum hides it (a banned post)."""

    pid: str
    author_id: str
    author: str
    published: datetime | None
    text: str | None
    floor: int | None = None
    likes: int | None = None
    region: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    """One page of a thread. `opening` is the id of its opening post, None where the page does not show it."""

    view: View
    tid: str | None
    subject: str | None
    posts: tuple[Post, ...]
    pages: Pages
    opening: str | None = None
    views: int | None = None
    replies: int | None = None


def opening_of(posts: tuple[Post, ...], where: Pages) -> str | None:
    """The first floor; where it has a name instead of a number, the first page begins with it."""
    for post in posts:
        if post.floor == 1:
            return post.pid
    return posts[0].pid if where.current == 1 and posts and posts[0].floor is None else None


def time_in(node: LexborNode | None, now: datetime) -> datetime | None:
    """A time. Recent ones are written 「2 小时前」, on the desktop with the full time in a title."""
    if node is None:
        return None
    exact = node.css_first("span[title]")
    titled = parse_time(exact.attributes.get("title") or "", now) if exact is not None else None
    return titled or parse_time(node.text(), now)


def author_in(node: LexborNode, pid: str) -> tuple[str, str]:
    """Id and name of a floor's author; nobody knows who is who among the anonymous."""
    link = node.css_first(".authi a.xw1") or node.css_first('.authi a[href*="uid"]')
    if link is not None and (uid := UID.search(link.attributes.get("href") or "")):
        return uid[1] or uid[2], tidy(link.text())
    places = (".favatar .pi", ".authi .mtit .z", ".authi b", ".authi")
    plain = next((found for place in places if (found := node.css_first(place)) is not None), None)
    return named(tidy(plain.text(deep=False) or plain.text()) if plain is not None else "", pid)


def named(name: str, pid: str) -> tuple[str, str]:
    """Id and name of an author whose number is not shown."""
    return (f"name:{name}", name) if name and not name.startswith(ANONYMOUS) else (f"anonymous:{pid}", ANONYMOUS)


def region_in(node: LexborNode) -> str | None:
    """Where the post came from, if the forum shows it."""
    head = node.css_first(".authi .mtime, .pti .authi, .authi")
    match = REGION.search(head.text()) if head is not None else None
    return match[1] if match else None


def floor_in(node: LexborNode | None) -> int | None:
    """The number of a floor."""
    said = tidy(node.text()) if node is not None else ""
    return 1 if said.startswith(OPENING) else number_in(said)


def words_in(body: LexborNode | None) -> str | None:
    """The author's own words; None where nothing but the forum's notice stands in their place."""
    if body is None:
        return None
    notice = body.css_first(".locked, .atips") is not None or any(
        quote.css_first("blockquote") is None for quote in body.css(".quote")
    )
    while (foreign := body.css_first(NOT_THE_AUTHORS)) is not None:  # one at a time: they stand in one another
        foreign.decompose()
    text = to_text(body.inner_html or "")
    return text if text or not notice else None


def remarks_in(node: LexborNode, pid: str, now: datetime) -> Iterator[Post]:
    """The short comments (点评) under a floor. They have no numbers, and are told apart by author and words."""
    for remark in node.css(".pstl"):
        said, link = (
            remark.css_first(".psti"),
            remark.css_first(".psta a.xw1") or remark.css_first('a[href*="uid"]'),
        )
        if said is None:
            continue
        raw, at = raw_of(remark), said.css_first(".xg1")
        published = time_in(at, now) if at is not None else None
        for foreign in said.css("span.xg1, a.xg1, .xi1"):
            foreign.decompose()
        text = to_text(said.inner_html or "")
        uid = UID.search(link.attributes.get("href") or "") if link is not None else None
        name = tidy(link.text()) if link is not None else ""
        if text:
            digest = hashlib.sha256(f"{name}\n{text}".encode("utf-8", "replace")).hexdigest()[:12]
            number = f"{pid}-{digest}"
            author = (uid[1] or uid[2], name) if uid else named(name, number)
            yield Post(number, *author, published, text, raw=raw)


def raw_of(node: LexborNode) -> bytes:
    """A post's element as it stood on the page."""
    return (node.html or "").encode("utf-8", "replace")


def pages_in(tree: LexborHTMLParser) -> Pages:
    """The pager; a page without one is the only one. In a mobile page that a browser saved it is a drop-down."""
    chooser = tree.css_first(".page select#dumppage")
    if chooser is not None:
        options = [n for option in chooser.css("option") if (n := number_in(option.text()))]
        chosen = chooser.css_first("option[selected]")
        return Pages(number_in(chosen.text() if chosen is not None else "") or 1, max([1, *options]))
    pager = tree.css_first("div.pg")
    if pager is None:
        return ALONE
    strong = pager.css_first("strong")
    current = number_in(strong.text() if strong is not None else "") or 1
    label = pager.css_first("label span[title]")
    said = number_in(label.attributes.get("title") or "") if label is not None else None
    listed = [n for link in pager.css("a") if (n := number_in(link.text()))]
    return Pages(current, max([current, said or 1, *listed]))


def number_in(text: str) -> int | None:
    """The first number of a text, unless it is absurd."""
    match = NUMBER.search(text)
    return int(match[1]) if match and len(match[1]) < 8 else None  # noqa: PLR2004 - no thread has 10 million pages


def tid_in(text: str | None) -> str | None:
    """The number of the thread that an address names."""
    match = TID.search(text or "")
    return next(str(group) for group in match.groups() if group) if match else None
