"""Pages in the shape of Baidu Tieba's: lists inside a comment, posts with their JSON in data-field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import orjson

from tingfeng.sandbox.sites.times import BEIJING
from tingfeng.sandbox.world import Account, Post


@dataclass(frozen=True, slots=True)
class Row:
    """A thread: `tid` is its own number, its opening post has another."""

    tid: int
    opening: Post
    published: datetime
    replies: int


@dataclass(frozen=True, slots=True)
class Floor:
    """A post in a thread. `number` counts from 1 over all pages, `comments` what stands under it."""

    number: int
    post: Post
    published: datetime
    comments: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that a search found; `under` is the post that a comment stands under."""

    tid: int
    post: Post
    published: datetime
    title: str
    under: str | None


def frame(title: str, body: str) -> str:
    """The page around a body."""
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="UTF-8">\n<title>{escape(title)}</title>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def field(said: dict[str, Any]) -> str:
    """JSON as an attribute's value."""
    return escape(orjson.dumps(said).decode())


def thread_list(rows: Sequence[Row], now: datetime, onward: str | None) -> str:
    """/f: the list stands in a comment until a script shows it; the pager too."""
    listed = "\n".join(_row(row, now) for row in rows)
    pager = f'<a href="{onward}" class="next pagination-item ">下一页&gt;</a>' if onward else ""
    return (
        '<code class="pagelet_html" id="pagelet_html_frs-list/pagelet/thread_list" style="display:none;"><!--\n'
        f'<ul id="thread_list" class="threadlist_bright j_threadlist_bright">\n{listed}\n</ul>\n'
        f'<div class="thread_list_bottom"><div id="frs_list_pager">{pager}</div></div>\n--></code>'
    )


def _row(row: Row, now: datetime) -> str:
    opening = row.opening
    said = {
        "id": row.tid,
        "author_name": opening.author.name,
        "author_nickname": opening.author.name,
        "first_post_id": int(opening.id),
        "reply_num": row.replies,
        "is_bakan": None,
        "is_top": opening.sticky or None,
        "is_good": None,
    }
    title = escape(opening.title or "")
    return f"""<li class=" j_thread_list clearfix" data-tid="{row.tid}" data-field='{field(said)}'>
<span class="threadlist_rep_num center_text" title="回复">{row.replies}</span>
<a rel="noopener" href="/p/{row.tid}" title="{title}" target="_blank" class="j_th_tit ">{title}</a>
<span class="pull-right is_show_create_time" title="创建时间">{_created(row.published, now)}</span>
<div class="threadlist_abs threadlist_abs_onlyline ">{escape(opening.text[:40])}</div>
</li>"""


def _created(published: datetime, now: datetime) -> str:
    at, today = published.astimezone(BEIJING), now.astimezone(BEIJING)
    if at.date() == today.date():
        return f"{at:%H:%M}"
    return f"{at.month}-{at.day}" if at.year == today.year else f"{at:%Y-%m}"


def thread(row: Row, floors: Sequence[Floor], page: int, pages: int) -> str:
    """/p/TID: the title, how many replies and pages, the posts of one page."""
    title = escape(row.opening.title or "")
    replies, total = f'<span class="red">{row.replies}</span>', f'<span class="red">{pages}</span>'
    counts = f'<li class="l_reply_num">{replies}回复贴，共{total}页</li>'
    pager = f'<li class="l_pager pager_theme_4"><span class="tP">{page}</span></li>' if pages > 1 else ""
    posts = "\n".join(_floor(row.tid, floor) for floor in floors)
    return (
        f'<h3 class="core_title_txt pull-left" title="{title}">{title}</h3>\n<ul>{counts}{pager}</ul>\n'
        f'<div class="p_postlist" id="j_p_postlist">\n{posts}\n</div>'
    )


def _floor(tid: int, floor: Floor) -> str:
    post = floor.post
    said = {
        "author": _author(post.author),
        "content": {
            "post_id": int(post.id),
            "thread_id": tid,
            "post_no": floor.number,
            "comment_num": floor.comments,
            "content": html(post.text),
        },
    }
    region = f"<span>IP属地:{post.author.region}</span>" if post.author.region else ""
    return f"""<div class="l_post l_post_bright j_l_post clearfix" data-field='{field(said)}' data-pid="{post.id}">
<div class="d_author"><ul class="p_author"><li class="d_name"><a>{escape(post.author.name)}</a></li></ul></div>
<div id="post_content_{post.id}" class="d_post_content j_d_post_content">{html(post.text)}</div>
<div class="post-tail-wrap">{region}<span class="tail-info">来自<a>Android客户端</a></span>
<span class="tail-info">{floor.number}楼</span><span class="tail-info">{clock(floor.published)}</span></div>
</div>"""


def _author(author: Account) -> dict[str, Any]:
    return {"user_id": int(author.id), "user_name": author.name, "user_nickname": author.name, "portrait": ""}


def comment_list(comments: Sequence[tuple[Post, datetime]], total: int, pages: int) -> str:
    """/p/comment: a fragment, its data with single quotes."""
    items = "\n".join(_comment(post, published) for post, published in comments)
    pager = escape(f'{{"total_num":{total},"total_page":{pages}}}')
    return f'{items}\n<li class="lzl_li_pager j_lzl_l_p" data-field="{pager}"></li>'


def _comment(post: Post, published: datetime) -> str:
    name = escape(post.author.name)
    return f"""<li class="lzl_single_post j_lzl_s_p" data-field="{{'spid':'{post.id}','user_name':'{name}'}}">
<div class="lzl_cnt"><a class="at j_user_card">{name}</a>:
<span class="lzl_content_main">{html(post.text)}</span>
<div class="lzl_content_reply"><span class="lzl_time">{clock(published)}</span></div></div></li>"""


def hit(found: Hit, shown: int) -> str:
    """One result of /f/search/res: the beginning of a post."""
    tid, post = found.tid, found.post
    pid, cid = (found.under, post.id) if found.under else (post.id, "0")
    said = found.title if post.thread is None else f"回复:{found.title}"
    text = post.text if len(post.text) <= shown else f"{post.text[:shown]}..."
    return f"""<div class="s_post"><span class="p_title">
<a data-tid="{tid}" class="bluelink" href="/p/{tid}?pid={pid}&amp;cid={cid}#{post.id}">{escape(said)}</a></span>
<div class="p_content">{html(text)}</div>
贴吧：<a class="p_forum" href="/f?kw=x"><font class="p_violet">数码</font></a>
作者：<a href="/home/main?un=x"><font class="p_violet">{escape(post.author.name)}</font></a>
<font class="p_green p_date">{clock(found.published)}</font></div>"""


def clock(published: datetime) -> str:
    """Times in threads go to the minute."""
    return f"{published.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def html(text: str) -> str:
    """A post's text."""
    return escape(text, quote=False).replace("\n", "<br>")
