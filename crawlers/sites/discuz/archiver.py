"""The archiver (`/archiver/?tid-7.html`): bare text for machines. It shows no numbers of posts or authors.

An id is therefore made of the thread's number, and for a reply of its author and its time too. It agrees with no
other view.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import tidy
from crawlers.reading.threads import Pages
from crawlers.sites.discuz.page import (
    ALONE,
    Discussion,
    Listing,
    Post,
    Row,
    named,
    number_in,
    raw_of,
    tid_in,
    time_in,
    words_in,
)

REPLIES = re.compile(r"\((\d+)\s*篇回复\)")
A_CLOCK = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}")
AFTER_THE_POSTS = ("page", "end")


def shown(tree: LexborHTMLParser, page: str, url: str, now: datetime) -> Discussion | Listing | None:
    """The thread or the list on a page; None where it is neither."""
    content = tree.css_first("#content")
    if content is None or not is_archiver(tree, page):
        return None
    if content.css_first("p.author") is not None:
        return _discussion(content, tree, url, now)
    rows = tuple(_rows(content))
    return Listing(rows, _pages(content)) if rows or content.css_first("ul") is not None else None


def is_archiver(tree: LexborHTMLParser, page: str) -> bool:
    """Whether a page is the archiver's, whatever it shows."""
    return "Discuz! Archiver" in page[:2_000] or tree.css_first('base[href$="/archiver/"]') is not None


def _rows(content: LexborNode) -> Iterator[Row]:
    for item in content.css("li"):
        link = item.css_first('a[href*="tid-"]')
        tid = tid_in(link.attributes.get("href")) if link is not None else None
        if tid is not None:
            counted = REPLIES.search(item.text())
            yield Row(tid, replies=int(counted[1]) if counted else None, opening=_opening(tid))


def _discussion(content: LexborNode, tree: LexborHTMLParser, url: str, now: datetime) -> Discussion | None:
    full = tree.css_first('#end a[href*="tid="]')
    tid = tid_in(url) or (tid_in(full.attributes.get("href")) if full is not None else None)
    if tid is None:
        return None  # nothing here could be told from the posts of another thread
    where = _pages(content)
    heads = list(_heads_and_bodies(content))
    opening = _opening(tid) if where.current == 1 else None
    subject = next((tidy(title.text()) for title in content.css("h3")), None) if opening else None
    posts = tuple(_posts(heads, tid, subject, where, now))
    return Discussion("archiver", tid, subject or _title(tree), posts, where, opening)


def _title(tree: LexborHTMLParser) -> str | None:
    link = tree.css("#nav a")
    return tidy(link[-1].text()) or None if link else None


def _heads_and_bodies(content: LexborNode) -> Iterator[tuple[LexborNode, str]]:
    """The line that names an author and a time, and the HTML up to the next one."""
    head, body = None, list[str]()
    for node in content.iter(include_text=True):
        classes = (node.attributes.get("class") or "") if node.tag != "-text" else ""
        is_head = node.tag == "p" and classes == "author"
        if head is not None and (is_head or classes in AFTER_THE_POSTS):
            yield head, "".join(body)
            head, body = None, []
        if is_head:
            head = node
        elif head is not None:
            body.append(node.html or "")
    if head is not None:
        yield head, "".join(body)


def _posts(
    heads: list[tuple[LexborNode, str]], tid: str, subject: str | None, where: Pages, now: datetime
) -> Iterator[Post]:
    alike: Counter[str] = Counter()
    for number, (head, html) in enumerate(heads):
        strong = head.css_first("strong")
        author = tidy(strong.text()) if strong is not None else ""
        raw = raw_of(head) + html.encode("utf-8", "replace")
        published = time_in(head, now)
        tree = LexborHTMLParser(html)
        for title in tree.css("h3"):
            if tidy(title.text()) == (subject or ""):
                title.decompose()
        text = words_in(tree.body)
        # A relative time moves on from one reading to the next; then only the words can tell two posts apart.
        exact = published is not None and A_CLOCK.search(head.html or "")
        key = f"{author}\n{published.isoformat() if exact and published else text}"
        alike[key] += 1
        pid = _opening(tid) if number == 0 and where.current == 1 else _reply(tid, key, alike[key])
        yield Post(pid, *named(author, pid), published, text, raw=raw)


def _opening(tid: str) -> str:
    return f"tid-{tid}"


def _reply(tid: str, key: str, which: int) -> str:
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
    return f"tid-{tid}-{digest}" if which == 1 else f"tid-{tid}-{digest}-{which}"


def _pages(content: LexborNode) -> Pages:
    pager = content.css_first("div.page")
    if pager is None:
        return ALONE
    strong = pager.css_first("strong")
    current = number_in(strong.text() if strong is not None else "") or 1
    return Pages(current, max([current, *(n for link in pager.css("a") if (n := number_in(link.text())))]))
