"""Pages in the shape of Discuz! X3.5's desktop template: the ids and classes that a reader relies on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

from tingfeng.sandbox.sites.times import BEIJING, forum_date, forum_relative
from tingfeng.sandbox.world import Post

FORUM = "手机交流区"
SITE = "茶馆数码论坛"
FORUM_ID = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A thread as the list shows it."""

    tid: int
    opening: Post
    published: datetime
    last: Post
    last_at: datetime
    replies: int
    views: int


@dataclass(frozen=True, slots=True)
class Floor:
    """A post as its thread shows it; `number` counts from 1 over all pages."""

    number: int
    post: Post
    published: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a page stands: its number, how many there are, and the address without the page."""

    page: int
    pages: int
    address: str

    @property
    def pager(self) -> str:
        """Discuz!'s div.pg; nothing where there is a single page."""
        if self.pages == 1:
            return ""
        numbers = "".join(
            f"<strong>{n}</strong>" if n == self.page else f'<a href="{self.address}&amp;page={n}">{n}</a>'
            for n in range(1, self.pages + 1)
        )
        total = (
            f'<label><input type="text" name="custompage" class="px" size="2" value="{self.page}" />'
            f'<span title="共 {self.pages} 页"> / {self.pages} 页</span></label>'
        )
        onward = ""
        if self.page < self.pages:
            onward = f'<a href="{self.address}&amp;page={self.page + 1}" class="nxt">下一页</a>'
        return f'<div class="pg">{numbers}{total}{onward}</div>'


def frame(title: str, body: str, base: str, now: datetime) -> str:
    """The page around a body, with the base address and the footer's clock (GMT+8)."""
    at = now.astimezone(BEIJING)
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8" />
<title>{escape(title)} - {SITE} - Powered by Discuz!</title>
<meta name="generator" content="Discuz! X3.5" />
<base href="{base}" />
</head>
<body id="nv_forum">
<div id="wp" class="wp"><div id="ct" class="wp cl">
{body}
</div></div>
<div id="ft" class="wp cl"><p class="xs0">GMT+8, {forum_date(now)} {at:%H:%M}</p></div>
</body>
</html>
"""


def thread_list(rows: Sequence[Row], pinned: Sequence[Row], shelf: Shelf, now: datetime) -> str:
    """forumdisplay: pinned threads first, then the separator, then the page's threads."""
    return "\n".join(
        (
            f'<div id="pgt" class="bm bw0 pgs cl"><span id="fd_page_top">{shelf.pager}</span></div>',
            '<div id="threadlist" class="tl bm bmw"><div class="bm_c">',
            f'<table summary="forum_{FORUM_ID}" cellspacing="0" cellpadding="0" id="threadlisttableid">',
            *(_row(row, "stickthread", now) for row in pinned),
            '<tbody id="separatorline"><tr class="ts"><td>&nbsp;</td><th>版块主题</th></tr></tbody>',
            *(_row(row, "normalthread", now) for row in rows),
            f'</table></div></div><div class="bm bw0 pgs cl">{shelf.pager}</div>',
        )
    )


def _row(row: Row, kind: str, now: datetime) -> str:
    link = f"forum.php?mod=viewthread&amp;tid={row.tid}&amp;extra=page%3D1"
    author, last, last_at = row.opening.author, row.last.author, _last_date(row.last_at, now)
    return f"""<tbody id="{kind}_{row.tid}">
<tr>
<td class="icn"><a href="{link}" title="新窗口打开" target="_blank"><i class="fico-thread"></i></a></td>
<th class="common">
 <a href="{link}" onclick="atarget(this)" class="s xst">{escape(row.opening.title or "")}</a>
</th>
<td class="by">
<cite>
<a href="home.php?mod=space&amp;uid={author.id}" c="1">{escape(author.name)}</a></cite>
<em>{_list_date(row.published, now)}</em>
</td>
<td class="num"><a href="{link}" class="xi2">{row.replies}</a><em>{row.views}</em></td>
<td class="by">
<cite><a href="home.php?mod=space&username={quote(last.name)}" c="1">{escape(last.name)}</a></cite>
<em><a href="forum.php?mod=redirect&tid={row.tid}&goto=lastpost#lastpost">{last_at}</a></em>
</td>
</tr>
</tbody>"""


def _list_date(published: datetime, now: datetime) -> str:
    relative = forum_relative(published, now)
    date = forum_date(published)
    if relative is None:
        return f"<span>{date}</span>"
    today = ' class="xi1"' if forum_date(now) == date else ""
    return f'<span{today}><span title="{date}">{relative}</span></span>'


def _last_date(published: datetime, now: datetime) -> str:
    relative = forum_relative(published, now)
    date = f"{forum_date(published)} {published.astimezone(BEIJING):%H:%M}"
    return date if relative is None else f'<span title="{date}">{relative}</span>'


def thread(row: Row, floors: Sequence[Floor], shelf: Shelf, now: datetime) -> str:
    """viewthread: the subject, the counts, the posts of one page."""
    counts = (
        f'<span class="xg1">查看:</span> <span class="xi1">{row.views}</span><span class="pipe">|</span>'
        f'<span class="xg1">回复:</span> <span class="xi1">{row.replies}</span>'
    )
    subject = f'<span id="thread_subject">{escape(row.opening.title or "")}</span>'
    return "\n".join(
        (
            f'<div id="pgt" class="pgs mbm cl"><div class="pgt">{shelf.pager}</div></div>',
            '<div id="postlist" class="pl bm"><table cellspacing="0" cellpadding="0"><tr>',
            f'<td class="pls ptn pbn"><div class="hm ptn">{counts}</div></td>',
            f'<td class="plc ptm pbn vwthd"><h1 class="ts">{subject}</h1></td>',
            "</tr></table>",
            *(_floor(row.tid, floor, now) for floor in floors),
            f'</div><div class="pgs mtm mbm cl">{shelf.pager}</div>',
        )
    )


def _floor(tid: int, floor: Floor, now: datetime) -> str:
    pid, author = floor.post.id, floor.post.author
    relative = forum_relative(floor.published, now)
    date = f"{forum_date(floor.published)} {floor.published.astimezone(BEIJING):%H:%M:%S}"
    at = date if relative is None else f'<span title="{date}">{relative}</span>'
    text = escape(floor.post.text, quote=False).replace("\n", "<br />\n")
    space = f"home.php?mod=space&amp;uid={author.id}"
    only = f"forum.php?mod=viewthread&amp;tid={tid}&amp;page=1&amp;authorid={author.id}"
    return f"""<div id="post_{pid}" ><table id="pid{pid}" class="plhin" cellspacing="0" cellpadding="0">
<tr>
<td class="pls" rowspan="2">
<div id="favatar{pid}" class="pls cl favatar"><div class="pi">
<div class="authi"><a href="{space}" target="_blank" class="xw1">{escape(author.name)}</a>
</div></div></div>
</td>
<td class="plc">
<div class="pi">
<strong>
<a href="forum.php?mod=redirect&goto=findpost&ptid={tid}&pid={pid}" id="postnum{pid}">
<em>{floor.number}</em><sup>#</sup></a>
</strong>
<div class="pti"><div class="authi">
<em id="authorposton{pid}">发表于 {at}</em>
<span class="pipe">|</span>
<a href="{only}" rel="nofollow">只看该作者</a>
</div></div>
</div><div class="pct"><div class="pcb">
<div class="t_fsz"><table cellspacing="0" cellpadding="0"><tr><td class="t_f" id="postmessage_{pid}">
{text}</td></tr></table>
</div></div></div>
</td></tr>
</table>
</div>"""


def message(text: str, kind: str) -> str:
    """Discuz!'s box for what cannot be shown; `kind` is alert_info or alert_error."""
    return f'<div class="nfl"><div id="messagetext" class="{kind}">\n<p>{text}</p></div></div>'
