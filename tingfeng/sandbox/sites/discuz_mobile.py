"""Pages in the shape of Discuz! X3.5's mobile template: relative times without a title, hardly any counts."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from tingfeng.sandbox.sites.discuz_pages import SITE, Floor, Row, Shelf
from tingfeng.sandbox.sites.times import BEIJING, forum_date, forum_relative


def frame(title: str, body: str, base: str) -> str:
    """The page around a body."""
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1.0" />
<title>{escape(title)} - {SITE} - 手机版 - Powered by Discuz!</title>
<base href="{base}" />
</head>
<body class="pg_forum">
<div class="header cl"><h2>{escape(title)}</h2></div>
{body}
</body>
</html>
"""


def thread_list(rows: Sequence[Row], pinned: Sequence[Row], shelf: Shelf, now: datetime) -> str:
    """forumdisplay: pinned threads first, each with the time of its opening."""
    lines = (*(_row(row, now, "置顶") for row in pinned), *(_row(row, now, "") for row in rows))
    listed = "\n".join(lines)
    box = f'<div class="threadlist cl"><ul>\n{listed}\n</ul></div>'
    return f'<div class="threadlist_box mt10 cl">{box}</div>{shelf.pager}'


def _row(row: Row, now: datetime, mark: str) -> str:
    link = f"forum.php?mod=viewthread&amp;tid={row.tid}&amp;extra=page%3D1&amp;mobile=2"
    space = f"home.php?mod=space&amp;uid={row.opening.author.id}&amp;mobile=2"
    pinned = f'<span class="micon">{mark}</span>' if mark else ""
    return f"""<li class="list">
<div class="threadlist_top cl"><div class="muser">
<h3><a href="{space}" class="mmc">{escape(row.opening.author.name)}</a></h3>
<span class="mtime">{_date(row.published, now)}</span>
</div></div>
<a href="{link}"><div class="threadlist_tit cl">{pinned}<em>{escape(row.opening.title or "")}</em></div></a>
<div class="threadlist_foot cl"><ul>
<li><i class="dm-eye-fill"></i>{row.views}</li><li><i class="dm-chat-s-fill"></i>{row.replies}</li>
</ul></div>
</li>"""


def thread(row: Row, floors: Sequence[Floor], shelf: Shelf, now: datetime) -> str:
    """viewthread: the subject and the posts of one page."""
    posts = "\n".join(_floor(row, floor, now) for floor in floors)
    subject = escape(row.opening.title or "")
    return f'<div class="viewthread"><div class="view_tit">\n{subject}\n</div>\n{posts}\n</div>{shelf.pager}'


def _floor(row: Row, floor: Floor, now: datetime) -> str:
    post, author = floor.post, floor.post.author
    counts = (
        f'<span class="y"><i class="dm-eye"></i><em>{row.views}</em>'
        f'<i class="dm-chat-s"></i><em>{row.replies}</em></span>'
        if floor.number == 1
        else ""
    )
    text = escape(post.text, quote=False).replace("\n", "<br />\n")
    return f"""<div class="plc cl" id="pid{post.id}">
<div class="display pi" href="#replybtn_{post.id}">
<ul class="authi">
<li class="mtit"><span class="y">{floor.number}#</span>
<span class="z"><a href="home.php?mod=space&amp;uid={author.id}&amp;mobile=2">{escape(author.name)}</a></span></li>
<li class="mtime">{counts}
{_date(floor.published, now)}</li>
</ul>
<div class="message">
{text}</div>
</div></div>"""


def _date(published: datetime, now: datetime) -> str:
    at = published.astimezone(BEIJING)
    return forum_relative(published, now) or f"{forum_date(published)} {at:%H:%M}"


def message(text: str) -> str:
    """The box for what cannot be shown."""
    return (
        f'<div class="jump_c"><p>{text}</p><p><a class="grey" href="javascript:history.back();">返回</a></p></div>'
    )
