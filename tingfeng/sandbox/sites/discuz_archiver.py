"""A forum for machines: Discuz!'s archiver, bare text without numbers, and the RSS feed of a board."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml

from tingfeng.sandbox.sites.discuz_pages import FORUM, FORUM_ID, SITE, Floor, Row, Shelf
from tingfeng.sandbox.sites.times import BEIJING, forum_date, forum_relative

FEED_MINUTES = 60
"""Discuz! makes a feed anew after so long."""
SHOWN = 60
"""Characters of a post in the feed; the real one cuts at 250 bytes."""


def frame(title: str, content: str, base: str, full: str) -> str:
    """The page around a content, with the link to the full version."""
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "">
<html>
<head>
<base href="{base}archiver/" />
<title>{escape(title)} - {SITE} - Powered by Discuz! Archiver</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
</head>
<body vlink="#333333" link="#333333">
<div id="nav"><a href="./"><strong>{SITE}</strong></a> &rsaquo; <a href="{full}">{escape(title)}</a></div>
<div id="content">
{content}
</div>
<div id="end">查看完整版本: <a href="../{full}" target="_blank"><strong>{escape(title)}</strong></a></div>
</body>
</html>
"""


def thread_list(rows: Sequence[Row], shelf: Shelf) -> str:
    """?fid-2.html: titles and numbers of replies."""
    listed = "\n".join(
        f'<li><a href="?tid-{row.tid}.html">{escape(row.opening.title or "")}</a> ({row.replies} 篇回复)</li>'
        for row in rows
    )
    return f'<ul type="1" start="1">\n{listed}\n</ul>\n{_pager(shelf)}'


def thread(row: Row, floors: Sequence[Floor], shelf: Shelf, now: datetime) -> str:
    """?tid-7.html: who, when, and what."""
    return "\n".join((*(_floor(row, floor, now) for floor in floors), _pager(shelf)))


def _floor(row: Row, floor: Floor, now: datetime) -> str:
    at = f"{forum_date(floor.published)} {floor.published.astimezone(BEIJING):%H:%M:%S}"
    relative = forum_relative(floor.published, now)
    when = at if relative is None else f'<span title="{at}">{relative}</span>'
    title = f"<h3>{escape(row.opening.title or '')}</h3>\n" if floor.number == 1 else ""
    text = escape(floor.post.text, quote=False).replace("\n", "<br />\n")
    head = f"<strong>{escape(floor.post.author.name)}</strong>\n发表于 {when}"
    return f'<p class="author">\n{head}\n</p>\n{title}{text}'


def _pager(shelf: Shelf) -> str:
    if shelf.pages == 1:
        return '<div class="page">\n</div>'
    window = range(max(1, shelf.page - 10), min(shelf.pages, shelf.page + 9) + 1)
    numbers = " \n".join(
        f"<strong>[{n}]</strong>" if n == shelf.page else f'<a href="{shelf.address}&amp;page={n}">{n}</a>'
        for n in window
    )
    return f'<div class="page">\n页: \n{numbers}\n</div>'


def feed(rows: Sequence[Row], base: str) -> str:
    """forum.php?mod=rss&fid=2: the newest threads, cut short."""
    items = "\n".join(_item(row, base) for row in rows)
    link = f"{base}forum.php?mod=forumdisplay&amp;fid={FORUM_ID}"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
<channel>
<title>{SITE} - {FORUM}</title><link>{link}</link><description>Latest 20 threads of {FORUM}</description>
<generator>Discuz! Board by Comsenz Inc.</generator><ttl>{FEED_MINUTES}</ttl>
{items}
</channel>
</rss>
"""


def _item(row: Row, base: str) -> str:
    text, author = row.opening.text, row.opening.author.name
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."
    return (
        f"<item><title>{xml(row.opening.title or '')}</title>"
        f"<link>{base}forum.php?mod=viewthread&amp;tid={row.tid}</link>"
        f"<description><![CDATA[{escape(short)}]]></description><category>{FORUM}</category>"
        f"<author>{xml(author)}</author><pubDate>{format_datetime(row.published)}</pubDate></item>"
    )
