"""A news site's RSS 2.0 feed, and the pages that its items link to."""

from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.sites.times import BEIJING
from tingfeng.sandbox.world import Post, Site, World

ITEMS = 20


class Rss:
    """The site's answers: /feed.xml with the 20 newest items, /news/ID."""

    def __init__(self, world: World, clock: StoryClock) -> None:
        self.world = world
        self.clock = clock

    def app(self) -> Starlette:
        """The site as an ASGI application."""
        return Starlette(routes=[Route("/feed.xml", self.feed), Route("/news/{id}", self.page)])

    async def feed(self, request: Request) -> Response:
        """The feed; descriptions are HTML, escaped."""
        base = str(request.base_url)
        posts = self.world.openings(Site.RSS, self.clock.moment())[:ITEMS]
        items = "\n".join(self._item(post, base) for post in posts)
        feed = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>\n'
            f"<title>听风镇新闻</title><link>{base}</link><description>一座不存在的小镇的新闻</description>\n"
            f"<language>zh-cn</language>\n{items}\n</channel></rss>\n"
        )
        return Response(feed, media_type="application/rss+xml; charset=utf-8")

    async def page(self, request: Request) -> Response:
        """An article."""
        post = self.world.get(Site.RSS, request.path_params["id"], self.clock.moment())
        if post is None:
            return HTMLResponse("<p>页面不存在</p>", status_code=404)
        title = escape(post.title or "")
        body = f"<h1>{title}</h1><p>{escape(post.author.name)}</p><p>{escape(post.text)}</p>"
        return HTMLResponse(f'<!DOCTYPE html><meta charset="utf-8"><title>{title}</title>{body}')

    def _item(self, post: Post, base: str) -> str:
        link = f"{base}news/{post.id}"
        published = format_datetime(self.clock.wall(post.at).astimezone(BEIJING))
        return (
            f"<item><title>{xml(post.title or '')}</title><link>{link}</link>"
            f'<guid isPermaLink="true">{link}</guid><author>{xml(post.author.name)}</author>'
            f"<pubDate>{published}</pubDate><description>{xml(f'<p>{escape(post.text)}</p>')}</description></item>"
        )
