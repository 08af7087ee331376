"""Weibo's own JSON for a post, which m.weibo.cn, weibo.com/ajax and the open API share."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawlers.html import to_text
from crawlers.times import parse_time
from mentions.counts import Count, parse_count
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "weibo"
MORE = re.compile(r"""(?:<a [^>]*>\s*)?(?:全文|展开)[cC]?\s*(?:</a>)?\s*$""")
"""How a text ends of which the page holds only the beginning."""
CUT = re.compile(r"\.{3}\s*$|…\s*$")
COUNTS = {
    "reposts": "reposts_count",
    "comments": "comments_count",
    "likes": "attitudes_count",
    "views": "reads_count",
}
PUBLISHED_FROM = "发布于"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What the post's JSON does not say: the configured source and the time of fetching."""

    source: str
    at: datetime


def post_id(post: Json) -> str | None:
    """The number of a post as text; None where there is none."""
    for key in ("mid", "id", "idstr"):
        found = post.get(key)
        if isinstance(found, int | str) and not isinstance(found, bool) and (text := str(found)).isdigit():
            return text
    return None


def observations(post: Json, context: Context) -> Iterator[Observation]:
    """The post, and before it the one that it reposts, where that one can still be read."""
    origin = post.get("retweeted_status")
    origin_id = post_id(origin) if isinstance(origin, Mapping) else None
    if isinstance(origin, Mapping) and origin_id and isinstance(origin.get("user"), Mapping):
        # Without a user it is deleted or hidden: its text is then the site's notice, not the author's words.
        yield _observation(origin, origin_id, None, context)
    found = post_id(post)
    if found:
        yield _observation(post, found, f"{PLATFORM}:{origin_id}" if origin_id else None, context)


def _observation(post: Json, number: str, repost_of: str | None, context: Context) -> Observation:
    text, truncated = post_text(post)
    author = _author(post.get("user"))
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=context.source,
        url=_url(post, number, author),
        text=text,
        first_seen=context.at,
        published=_published(post, context.at),
        author=author,
        repost_of=repost_of,
        region=_region(post.get("region_name")),
        truncated=truncated,
    )
    return Observation(mention, engagement(post, mention.id, context.at))


def _published(post: Json, now: datetime) -> datetime | None:
    created = post.get("created_at")
    return parse_time(created, now) if isinstance(created, str | int | float) else None


def post_text(post: Json) -> tuple[str, bool]:
    """The text, and whether it is only the beginning."""
    whole = post.get("longText")
    if isinstance(whole, Mapping) and isinstance(whole.get("longTextContent"), str):
        return to_text(whole["longTextContent"]), False
    text = post.get("text")
    if not isinstance(text, str):
        text = post.get("text_raw")
    if not isinstance(text, str):
        return "", False
    is_long = post.get("isLongText") is True
    beginning = MORE.sub("", text) if is_long or _links_to_more(text) else text
    truncated = beginning != text or (is_long and CUT.search(text) is not None)
    return to_text(beginning if truncated else text), truncated


def _links_to_more(text: str) -> bool:
    return text.rstrip().endswith(("全文</a>", "展开</a>"))


def _url(post: Json, number: str, author: Author | None) -> str:
    bid = post.get("bid") or post.get("mblogid")
    if author is not None and isinstance(bid, str) and bid:
        return f"https://weibo.com/{author.id}/{bid}"
    return f"https://m.weibo.cn/status/{number}"


def _author(user: object) -> Author | None:
    if not isinstance(user, Mapping):
        return None
    number = user.get("id") or user.get("idstr")
    if isinstance(number, bool) or not isinstance(number, int | str):
        return None
    followers = parse_count(user.get("followers_count"))
    verified, kind, reason = user.get("verified"), user.get("verified_type"), user.get("verified_reason")
    return Author(
        platform=PLATFORM,
        id=str(number),
        name=str(user.get("screen_name") or user.get("name") or ""),
        followers=followers.value if followers else None,
        followers_at_least=bool(followers and followers.at_least),
        verified=verified if isinstance(verified, bool) else None,
        verified_type=kind if isinstance(kind, int) and not isinstance(kind, bool) else None,
        verified_reason=reason if isinstance(reason, str) and reason else None,
    )


def _region(name: object) -> str | None:
    return name.removeprefix(PUBLISHED_FROM).strip() or None if isinstance(name, str) else None


def engagement(post: Json, mention_id: str, at: datetime) -> Engagement:
    """The counts under a post; those that the site shows capped are marked as lower bounds."""
    cap = _cap(post.get("number_display_strategy"))
    counts: dict[str, Count] = {}
    for name, key in COUNTS.items():
        if found := parse_count(post.get(key)):
            counts[name] = found if cap is None or found.value < cap else Count(found.value, at_least=True)
    return Engagement(
        mention_id,
        at,
        **{name: count.value for name, count in counts.items()},
        at_least=frozenset(name for name, count in counts.items() if count.at_least),
    )


def _cap(strategy: object) -> int | None:
    """From which number on the site shows 「100万+」 instead."""
    cap = parse_count(strategy.get("display_text_min_number")) if isinstance(strategy, Mapping) else None
    return cap.value if cap else None
