"""Visits to the small site, and what its pages hold."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from crawlers.crawl import crawl, reread
from crawlers.reactor import run_in_reactor
from crawlers.source import Source
from crawlers.spiders.weibo import Weibo
from mentions.brands import Brand, BrandMatcher
from mentions.runs import CrawlRun
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
BRANDS = [Brand("听风", search=("听风",))]
SEARCH = "/api/container/getIndex?containerid=100103type%3D61%26q%3D%E5%90%AC%E9%A3%8E&page_type=searchall&page={}"


def visit(store: Store, source: Source, at: datetime = NOW) -> CrawlRun:
    return run_in_reactor(
        lambda: crawl(
            "x",
            source,
            store=store,
            matcher=BrandMatcher(BRANDS),
            brands=BRANDS,
            clock=lambda: at,
            user_agent="Tingfeng/0 (+mailto:ops@example.com)",
        )
    )


def look_again(store: Store, source: Source, at: datetime = NOW) -> CrawlRun | None:
    return run_in_reactor(
        lambda: reread(
            "x",
            source,
            store=store,
            matcher=BrandMatcher(BRANDS),
            clock=lambda: at,
            user_agent="Tingfeng/0 (+mailto:ops@example.com)",
        )
    )


def weibo(site: Site, **block: Any) -> Weibo:
    return Weibo(base_url=site.url, delay=timedelta(), **block)


def post(number: int, text: str = "听风手机坏了", **more: Any) -> dict[str, Any]:
    user = {"id": 7, "screen_name": "甲", "followers_count": 10}
    made = {"id": str(number), "created_at": "刚刚", "text": text, "user": user, "reposts_count": 0}
    return made | more


def answer(*posts: dict[str, Any], page: int | None = None) -> Reply:
    cards = [{"card_type": 9, "mblog": p} for p in posts]
    return Reply(json.dumps({"ok": 1, "data": {"cardlistInfo": {"page": page}, "cards": cards}}))
