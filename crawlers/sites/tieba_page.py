"""Pages of Baidu Tieba: lists of threads, threads of posts, the comments under a post, search results."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import tidy, to_text
from crawlers.reading.threads import Pages
from crawlers.reading.times import parse_time
from mentions.counts import parse_count
from mentions.types import Author

PLATFORM = "tieba"
HIDDEN_START = re.compile(r"(<code\b[^>]{0,300}>)\s*<!--")
HIDDEN_END = re.compile(r"-->\s*(?=</code>)")
TID = re.compile(r"/p/(\d+)")
REGION = re.compile(r"IP\s*属地\s*[:：]?\s*([\u4e00-\u9fff]{2,8})")
REPLY_MARK = "回复"
CUT = ("...", "…")
OF_THREAD = "thread-"
"""How a post is called of which a search shows only in which thread it stands."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread in a list. `opening` is the number of its first post, where the list says it."""

    tid: str
    opening: str | None
    replies: int | None
    title: str | None = None
    text: str = ""
    """How the first post begins, where the list shows that."""
    author: Author | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Post:
    """One floor, one comment under a floor, or one hit of a search."""

    pid: str
    author: Author
    published: datetime | None
    text: str
    raw: bytes
    tid: str | None = None
    floor: int | None = None
    comments: int | None = None
    region: str | None = None
    title: str | None = None
    under: str | None = None
    """The post that a comment stands under."""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Discussion:
    """One page of a thread."""

    tid: str | None
    title: str | None
    posts: tuple[Post, ...]
    pages: Pages
    replies: int | None


def uncovered(page: str) -> str:
    """The page with what it keeps in comments inside <code> for its script to show."""
    return HIDDEN_END.sub("", HIDDEN_START.sub(r"\1", page))


def data_of(node: LexborNode) -> Mapping[str, Any]:
    """The JSON in an element's data-field; comments have it with single quotes."""
    field = node.attributes.get("data-field") or ""
    for text in (field, field.replace("'", '"')):
        try:
            read = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        return read if isinstance(read, dict) else {}
    return {}


def threads(tree: LexborHTMLParser) -> tuple[Thread, ...]:
    """The threads of a list, those on top included; what is an advertisement has no number."""
    found = []
    for node in tree.css("li.j_thread_list"):
        said = data_of(node)
        tid = digits(said.get("id")) or digits(node.attributes.get("data-tid"))
        if tid is not None:
            replies = parse_count(said.get("reply_num"))
            opening = digits(said.get("first_post_id"))
            link, begins = node.css_first("a.j_th_tit"), node.css_first(".threadlist_abs")
            found.append(
                Thread(
                    tid,
                    opening,
                    replies.value if replies else None,
                    tidy(link.attributes.get("title") or link.text()) if link is not None else None,
                    _uncut(to_text(begins.inner_html or "")) if begins is not None else "",
                    _opener(node, said, opening or tid),
                    (node.html or "").encode("utf-8", "replace"),
                )
            )
    return tuple(found)


def _opener(node: LexborNode, said: Mapping[str, Any], pid: str) -> Author:
    """Who opened a thread: a list names him, and on most pages says his number beside it."""
    shown = node.css_first(".tb_icon_author[data-field]")
    number = digits(data_of(shown).get("user_id")) if shown is not None else None
    named = {"user_name": said.get("author_name"), "user_nickname": said.get("author_nickname")}
    named |= {"portrait": said.get("author_portrait")}
    return author_of(named | ({"user_id": number} if number else {}), pid)


def _uncut(text: str) -> str:
    return text.removesuffix("...").removesuffix("…").rstrip() if text.endswith(CUT) else text


def has_next(tree: LexborHTMLParser) -> bool:
    """Whether a list or a search result goes on."""
    return tree.css_first("#frs_list_pager a.next, .pager-search a.next") is not None


def discussion(tree: LexborHTMLParser, url: str, now: datetime) -> Discussion | None:
    """A page of a thread; None where there is none."""
    posts = tuple(_floors(tree, now))
    if not posts:
        return None
    title = tree.css_first(".core_title_txt")
    words = (title.attributes.get("title") or title.text()) if title is not None else ""
    counts = [parse_count(tidy(node.text())) for node in tree.css("li.l_reply_num span.red")][:2]
    replies, total = (*(count.value if count else None for count in counts), None, None)[:2]
    tid = posts[0].tid or tid_in(url)
    current = _current(tree, url)
    return Discussion(tid, tidy(words) or None, posts, Pages(current, max(current, total or 1)), replies)


def _floors(tree: LexborHTMLParser, now: datetime) -> Iterator[Post]:
    for node in tree.css("div.l_post"):
        said = data_of(node)
        content = said.get("content")
        content = content if isinstance(content, Mapping) else {}
        pid = digits(content.get("post_id")) or digits(node.attributes.get("data-pid"))
        if pid is None:
            continue  # an advertisement
        html = content.get("content")
        body = node.css_first(f"#post_content_{pid}") or node.css_first(".d_post_content")
        if not isinstance(html, str) or not html:
            html = (body.inner_html or "") if body is not None else ""
        comments = parse_count(content.get("comment_num"))
        regions = (REGION.search(tail.text()) for tail in node.css(".post-tail-wrap span"))
        yield Post(
            pid,
            author_of(said.get("author"), pid),
            _published(node, content, now),
            to_text(html),
            (node.html or "").encode("utf-8", "replace"),
            tid=digits(content.get("thread_id")),
            floor=_int(content.get("post_no")),
            comments=comments.value if comments else None,
            region=next((region[1] for region in regions if region), None),
        )


def _published(node: LexborNode, content: Mapping[str, Any], now: datetime) -> datetime | None:
    """The last of the small words under a post that is a time; older pages have it in the data."""
    for tail in reversed(node.css("span.tail-info")):
        if (found := parse_time(tail.text(), now)) is not None:
            return found
    said = content.get("date")
    return parse_time(said, now) if isinstance(said, str) else None


def _current(tree: LexborHTMLParser, url: str) -> int:
    shown = tree.css_first(".l_pager .tP, .l_posts_num .tP")
    return (_int(tidy(shown.text())) if shown is not None else None) or _int(_asked(url).get("pn")) or 1


def comments(tree: LexborHTMLParser, url: str, now: datetime) -> tuple[tuple[Post, ...], Pages] | None:
    """The comments under a post, and where this page of them stands; None where the page holds none."""
    asked = _asked(url)
    found = []
    for node in tree.css("li.lzl_single_post"):
        said = data_of(node)
        pid = digits(said.get("spid"))
        body = node.css_first(".lzl_content_main")
        if pid is None or body is None:
            continue
        time, author, shown = node.css_first(".lzl_time"), author_of(said, pid), node.css_first(".lzl_cnt .at")
        found.append(
            Post(
                pid,
                replace(author, name=tidy(shown.text())) if shown is not None else author,
                parse_time(time.text(), now) if time is not None else None,
                to_text(body.inner_html or ""),
                (node.html or "").encode("utf-8", "replace"),
                tid=digits(asked.get("tid")),
                under=digits(asked.get("pid")),
            )
        )
    pager = tree.css_first("li.lzl_li_pager")
    if not found and pager is None:
        return None
    total = _int(data_of(pager).get("total_page")) if pager is not None else None
    current = _int(asked.get("pn")) or 1
    return tuple(found), Pages(current, max(current, total or 1))


def hits(tree: LexborHTMLParser, now: datetime) -> tuple[Post, ...]:
    """What a search found: the beginnings of posts, with the titles of their threads."""
    found = []
    for node in tree.css("div.s_post"):
        link = node.css_first(".p_title a")
        href = (link.attributes.get("href") or "") if link is not None else ""
        tid = (digits(link.attributes.get("data-tid")) if link is not None else None) or tid_in(href)
        asked = _asked(href)
        pid, cid = digits(asked.get("pid")), digits(asked.get("cid"))
        body, date = node.css_first(".p_content"), node.css_first(".p_date")
        if link is None or tid is None or body is None:
            continue  # a forum or a person that matches too
        number = pid if cid in {None, "0"} else cid
        title, text = tidy(link.text()), to_text(body.inner_html or "")
        called = number or f"{OF_THREAD}{tid}"
        found.append(
            Post(
                called,
                _author_named(node.css_first('a[href*="/home/main"], a.author') or node.css("a")[-1], called),
                parse_time(date.text(), now) if date is not None else None,
                _uncut(text),
                (node.html or "").encode("utf-8", "replace"),
                tid=tid,
                floor=None if title.startswith(REPLY_MARK) or number != pid or number is None else 1,
                title=title.removeprefix(REPLY_MARK).lstrip(":： ") or None,
                under=pid if number != pid else None,
                cut=text.endswith(CUT) or number is None,
            )
        )
    return tuple(found)


def author_of(said: object, pid: str) -> Author:
    """Who wrote a post, by number where the page says it. Who has no account is somebody else each time."""
    author = said if isinstance(said, Mapping) else {}
    user = digits(author.get("user_id"))
    names = (author.get(key) for key in ("user_nickname", "user_name"))
    name = next((tidy(n) for n in names if isinstance(n, str) and n.strip()), "")
    if user not in {None, "0"}:
        return Author(PLATFORM, str(user), name)
    if "user_id" not in author:  # comments have none; newer accounts have no name of their own either
        for kind, key in (("name", "user_name"), ("portrait", "portrait")):
            if isinstance(known := author.get(key), str) and known.strip():
                return Author(PLATFORM, f"{kind}:{tidy(known)}", name)
    return Author(PLATFORM, f"anonymous:{pid}", name or "匿名")


def _author_named(node: LexborNode, pid: str) -> Author:
    name = tidy(node.text())
    return Author(PLATFORM, f"name:{name}" if name else f"anonymous:{pid}", name or "匿名")


def tid_in(url: str) -> str | None:
    """The number of the thread that an address names."""
    match = TID.search(url)
    return match[1] if match else digits(_asked(url).get("tid"))


def _asked(url: str) -> dict[str, str]:
    try:
        return {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
    except ValueError:
        return {}


def digits(value: object) -> str | None:
    """A number that is a name: as digits."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) < 21 else None  # noqa: PLR2004 - 64 bits


def _int(value: object) -> int | None:
    text = digits(value)
    return int(text) if text is not None and len(text) < 8 else None  # noqa: PLR2004 - no thread is as long
