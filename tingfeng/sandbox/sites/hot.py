"""The hot lists of six sites: the topics of the posts that are passed on most in these two hours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.world import Post, Site, World

LONGEST = 20
"""Characters of a topic."""
ENTRIES = 50
RECENT = 7_200.0
"""Story seconds: what spread longer ago is no news."""
WORTH = 20
"""What has to happen to a topic's posts in that time."""
TIMES = 1_000
"""What sites call heat is a large number."""
NEW, HOT, BOILING = 600.0, 200, 1_000
TOPIC = re.compile(r"#([^#\n]{2,30})#")
CLAUSE = re.compile(r"[，。！？；：,!?;:\s【】「」]+")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the lists. `age` is that of its first post, in story seconds."""

    title: str
    heat: int
    age: float

    @property
    def tag(self) -> str:
        """What Weibo writes beside it."""
        if self.heat >= BOILING * TIMES:
            return "沸"
        return "新" if self.age <= NEW else "热" if self.heat >= HOT * TIMES else ""


class Hot:
    """The sites' answers, all under one address, since their paths differ."""

    def __init__(self, world: World, clock: StoryClock) -> None:
        self.world = world
        self.clock = clock

    def app(self) -> Starlette:
        """The lists as an ASGI application."""
        return Starlette(
            routes=[
                Route("/ajax/side/hotSearch", self.weibo),
                Route("/api/v3/feed/topstory/hot-lists/total", self.zhihu),
                Route("/board", self.baidu),
                Route("/x/web-interface/search/square", self.bilibili),
                Route("/hot-event/hot-board/", self.toutiao),
                Route("/web/api/v2/hotsearch/billboard/word/", self.douyin),
            ]
        )

    def topics(self) -> Sequence[Topic]:
        """The hottest first."""
        now = self.clock.moment()
        heat: dict[str, float] = {}
        first: dict[str, float] = {}
        for post in self.world.openings(Site.WEIBO, now):
            title = topic_of(post)
            if post.repost_of is None and title:
                heat[title] = heat.get(title, 0.0) + _grown(post, now)
                first[title] = min(post.at, first.get(title, post.at))
        worth = [title for title in heat if heat[title] >= WORTH]
        ranked = sorted(worth, key=lambda title: (-heat[title], title))[:ENTRIES]
        return [Topic(title, int(heat[title] * TIMES), now - first[title]) for title in ranked]

    async def weibo(self, request: Request) -> Response:  # noqa: ARG002 - Starlette passes it
        """data.realtime, with something paid for among it, and data.hotgov."""
        listed: list[Json] = [
            {"word": t.title, "note": t.title, "num": t.heat, "realpos": n, "rank": n - 1, "label_name": t.tag}
            for n, t in enumerate(self.topics(), 1)
        ]
        paid = {"word": "听风镇早市开张", "note": "听风镇早市开张", "is_ad": 1, "icon_desc": "商"}
        listed.insert(min(3, len(listed)), paid)
        pinned = {"word": "#听风镇今日要闻#", "note": "听风镇今日要闻", "icon_desc": "热"}
        return JSONResponse({"ok": 1, "data": {"realtime": listed, "hotgov": pinned}})

    async def zhihu(self, request: Request) -> Response:  # noqa: ARG002
        """data[] with target.title and detail_text."""
        listed = [
            {
                "type": "hot_list_feed",
                "target": {"id": 600_000 + n, "title": f"如何看待{t.title}？", "type": "question"},
                "detail_text": f"{max(1, t.heat // 10_000)} 万热度",
            }
            for n, t in enumerate(self.topics())
        ]
        return JSONResponse({"data": listed, "paging": {"is_end": True}})

    async def baidu(self, request: Request) -> Response:  # noqa: ARG002
        """A page with the data in a comment."""
        listed = [
            {
                "word": t.title,
                "hotScore": str(t.heat),
                "hotTag": "3" if t.tag else "0",
                "index": n,
                "desc": "",
                "url": f"https://www.baidu.com/s?wd={quote(t.title)}",
            }
            for n, t in enumerate(self.topics())
        ]
        data = orjson.dumps({"data": {"cards": [{"component": "hotList", "content": listed}]}}).decode()
        return HTMLResponse(f"<!DOCTYPE html><title>百度热搜</title><div><!--s-data:{data}--></div>")

    async def bilibili(self, request: Request) -> Response:  # noqa: ARG002
        """data.trending.list."""
        listed = [
            {"keyword": t.title, "show_name": t.title, "heat_score": t.heat, "word_type": 5 if t.tag else 1}
            for t in self.topics()
        ]
        return JSONResponse({"code": 0, "data": {"trending": {"title": "bilibili热搜", "list": listed}}})

    async def toutiao(self, request: Request) -> Response:  # noqa: ARG002
        """data[] with capitals."""
        listed = [
            {
                "ClusterId": 7_000_000 + n,
                "Title": t.title,
                "HotValue": str(t.heat),
                "Label": "hot" if t.tag else "",
                "Url": f"https://www.toutiao.com/trending/{7_000_000 + n}/",
            }
            for n, t in enumerate(self.topics())
        ]
        return JSONResponse({"data": listed, "status": "success"})

    async def douyin(self, request: Request) -> Response:  # noqa: ARG002
        """word_list."""
        listed = [
            {"word": t.title, "hot_value": t.heat, "position": n, "label": 3 if t.tag else 0}
            for n, t in enumerate(self.topics(), 1)
        ]
        return JSONResponse({"status_code": 0, "word_list": listed})


def topic_of(post: Post) -> str:
    """What people would call a post's matter: its #topic#, else the beginning of what it says."""
    if found := TOPIC.search(post.text):
        return found[1]
    clauses = [clause for clause in CLAUSE.split(post.text) if clause]
    return "".join(clauses[:2])[:LONGEST]


def _grown(post: Post, now: float) -> float:
    """What happened to a post in the last two hours: passing it on counts most."""
    then = max(0.0, now - RECENT - post.at)
    grown = ((count.at(now - post.at) - count.at(then)) for count in (post.reposts, post.comments, post.likes))
    reposts, comments, likes = grown
    return reposts + comments * 0.5 + likes * 0.1
