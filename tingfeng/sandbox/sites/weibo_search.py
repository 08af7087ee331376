"""s.weibo.com: the search as HTML, in the shape of 2025; at most 50 pages, by hours and provinces."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from mentions.types import PERSONAL_V
from mentions.weiboid import bid_of
from tingfeng.sandbox.sites.times import BEIJING, weibo_relative
from tingfeng.sandbox.sites.weibo import PAGE_SIZE, Weibo
from tingfeng.sandbox.sites.weibo_text import folded, is_long, markup
from tingfeng.sandbox.world import Account, Post, Site

MOST_PAGES = 50
PROVINCES = {"北京": "11", "上海": "31", "江苏": "32", "浙江": "33", "湖北": "42", "广东": "44", "四川": "51"}
ELSEWHERE = "100"
RECOMMENDED = 3
"""Cards under the words that nothing was found."""


class WeiboSearch:
    """The same posts as on the mobile site. Page 51 is page 1 again."""

    def __init__(self, mobile: Weibo) -> None:
        self.mobile = mobile

    def routes(self) -> list[BaseRoute]:
        """The two searches: by order of the site, and the newest first; here both are the newest first."""
        return [Route("/weibo", self.search), Route("/realtime", self.search)]

    async def search(self, request: Request) -> Response:
        """GET /weibo?q=KW&timescope=custom:2026-11-22-0:2026-11-22-1&region=custom:11:1000&page=N."""
        asked, site = request.query_params, self.mobile
        keyword = asked.get("q", "").strip()
        everything: Sequence[Post] = ()
        if keyword:
            world, moment = site.world, site.clock.moment()
            everything, _ = world.search(Site.WEIBO, keyword, moment, limit=len(world))
        hits = [post for post in everything if self._within(post, asked.get("timescope"), asked.get("region"))]
        pages = min(MOST_PAGES, -(-len(hits) // PAGE_SIZE))
        page = int(asked.get("page", "1"))
        page = 1 if page > MOST_PAGES else page
        if page > pages:
            return self._nothing(keyword)
        return self._page(
            [self._card(post) for post in hits[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]], page, pages
        )

    def _within(self, post: Post, timescope: str | None, region: str | None) -> bool:
        if region and PROVINCES.get(post.author.region or "", ELSEWHERE) != region.split(":")[1]:
            return False
        if not timescope:
            return True
        start, end = (_hour(part) for part in timescope.removeprefix("custom:").split(":"))
        return start <= self.mobile.clock.wall(post.at) < end

    def _nothing(self, keyword: str) -> Response:
        words = f'<div class="card card-no-result"><p>抱歉，未找到“{escape(keyword)}”相关结果。</p></div>'
        newest = self.mobile.world.openings(Site.WEIBO, self.mobile.clock.moment())[:RECOMMENDED]
        return self._page([words, *map(self._card, newest)], 1, 1)

    def _page(self, cards: Sequence[str], page: int, pages: int) -> Response:
        listed = "".join(f"<li><a>第{n}页</a></li>" for n in range(1, pages + 1))
        following = '<a class="next">下一页</a>' if page < pages else ""
        pager = (
            f'<div class="m-page"><span class="list"><ul class="s-scroll">{listed}</ul></span>{following}</div>'
        )
        frame = f'<div id="pl_feedlist_index"><div>{"".join(cards)}</div>{pager if pages > 1 else ""}</div>'
        head = '<meta charset="utf-8"><title>微博搜索</title><a href="https://passport.weibo.com/">登录</a>'
        return HTMLResponse(f"<!DOCTYPE html>{head}{frame}")

    def _card(self, post: Post) -> str:
        site = self.mobile
        origin = post.repost_of and site.world.get(Site.WEIBO, post.repost_of, site.clock.moment())
        block = f'<div class="card-comment"><div class="con">{self._origin(origin)}</div></div>' if origin else ""
        counts = site.counts(post)
        avatar = f'<div class="avator"><a href="{_home(post.author)}">{_badge(post.author)}</a></div>'
        buttons = "".join(
            f'<li><a action-type="feed_list_{action}">{shown}</a></li>'
            for action, shown in (
                ("forward", counts["reposts_count"] or "转发"),
                ("comment", counts["comments_count"] or "评论"),
                ("like", f'<span class="woo-like-count">{counts["attitudes_count"] or "赞"}</span>'),
            )
        )
        return (
            f'<div class="card-wrap" action-type="feed_list_item" mid="{post.id}"><div class="card">'
            f'<div class="card-feed">{avatar}<div class="content">{self._content(post)}{block}</div></div>'
            f'<div class="card-act"><ul>{buttons}</ul></div></div></div>'
        )

    def _origin(self, post: Post) -> str:
        counts = self.mobile.counts(post)
        shown = (
            f"转发 {counts['reposts_count']}",
            f"评论 {counts['comments_count']}",
            f"赞 {counts['attitudes_count']}",
        )
        buttons = "".join(f"<li><a>{text}</a></li>" for text in shown)
        content = self._content(post, sign="@")
        return f'<div node-type="feed_list_forwardContent">{content}<ul class="act s-fr">{buttons}</ul></div>'

    def _content(self, post: Post, sign: str = "") -> str:
        clock, author = self.mobile.clock, post.author
        at = weibo_relative(clock.wall(post.at), clock.now(), exact=self.mobile.exact)
        name, address = escape(author.name), f"//weibo.com/{author.id}/{bid_of(post.id)}?refer_flag=1"
        place = f" 发布于 {author.region}" if author.region else ""
        text = f'<p class="txt" node-type="feed_list_content" nick-name="{name}">{markup(post.text)}</p>'
        if is_long(post.text):
            beginning = folded(post.text, post.id).partition("...<a ")[0]
            text = (
                f'<p class="txt" node-type="feed_list_content">{beginning}...<a action-type="fl_unfold">'
                '展开<i class="wbicon">c</i></a></p><p class="txt" node-type="feed_list_content_full" '
                f'style="display: none">{markup(post.text)}<a action-type="fl_fold">收起</a></p>'
            )
        return (
            f'<div class="info"><a href="{_home(author)}" class="name" nick-name="{name}">{sign}{name}</a></div>'
            f'<div class="from"><a href="{address}">{at}</a>{place}</div>'
            f"{text}"
        )


def _home(author: Account) -> str:
    return f"//weibo.com/{author.id}?refer_flag=1001030103_"


def _badge(author: Account) -> str:
    colour = "yellow" if author.verified_type == PERSONAL_V else "blue"
    return f'<svg id="woo_svg_v{colour}"></svg>' if author.verified else '<span class="woo-avatar-icon"></span>'


def _hour(written: str) -> datetime:
    day, _, hour = written.rpartition("-")
    return datetime.strptime(f"{day} {hour}", "%Y-%m-%d %H").replace(tzinfo=BEIJING)
