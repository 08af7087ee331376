"""Weibo's own JSON for a post, which m.weibo.cn, weibo.com/ajax and the open API share."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawlers.reading.html import to_text
from crawlers.reading.jsontext import write_json
from crawlers.reading.times import parse_time
from crawlers.sites.weibo.notices import is_notice
from mentions.counts import Count, engagement_of, parse_count
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "weibo"
MORE = re.compile(r"""(?:<(?:a|span) [^>]*>\s*)?(?:全文|展开)[cC]?\s*(?:</(?:a|span)>)?\s*$""")
"""How a text ends of which the page holds only the beginning."""
CUT = re.compile(r"\.{3}\s*$|…\s*$")
COUNTS = {
    "reposts": "reposts_count",
    "comments": "comments_count",
    "likes": "attitudes_count",
    "views": "reads_count",
}
PUBLISHED_FROM = ("发布于", "来自")
GONE_STATES = frozenset({7, 8})
"""Deleted by its author; deleted after complaints."""
APOLOGY = "抱歉"
"""How most of the notices begin that stand in the place of a post; under a post without an author it is one."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What the post's JSON does not say: the configured source, the time of fetching, what a repost passes on."""

    source: str
    at: datetime
    origin: str | None = None


def post_id(post: Json) -> str | None:
    """The number of a post as text; None where there is none."""
    for key in ("mid", "id", "idstr"):
        found = post.get(key)
        if isinstance(found, int | str) and not isinstance(found, bool) and (text := str(found)).isdigit():
            return text
    return None


def is_gone(post: Json) -> bool:
    """Whether the site shows only its notice: the post was deleted, or hidden from us."""
    text = post.get("text") if isinstance(post.get("text"), str) else post.get("text_raw")
    if isinstance(post.get("user"), Mapping):
        return is_notice(text, signed=True)
    said = isinstance(text, str) and (text.lstrip().startswith(APOLOGY) or is_notice(text, signed=False))
    return said or str(post.get("deleted")) == "1" or post.get("state") in GONE_STATES


def observations(post: Json, context: Context) -> Iterator[Observation]:
    """The post, and before it the one that it reposts, where they can still be read."""
    origin = post.get("retweeted_status")
    origin_id = post_id(origin) if isinstance(origin, Mapping) else None
    if (
        isinstance(origin, Mapping)
        and origin_id
        and isinstance(origin.get("user"), Mapping)
        and not is_gone(origin)
    ):
        # Without a user it is deleted or hidden: its text is then the site's notice, not the author's words.
        yield _observation(origin, origin_id, None, context)
    found = post_id(post)
    if found and not is_gone(post):
        passes_on = f"{PLATFORM}:{origin_id}" if origin_id else context.origin
        if passes_on is None and isinstance(origin, Mapping) and origin:
            passes_on = unknown_origin(found)
        yield _observation(post, found, passes_on, context)


def unknown_origin(number: str) -> str:
    """The id for what a repost passes on where the page does not say what it was: it was deleted."""
    return f"{PLATFORM}:origin-of:{number}"


def _observation(post: Json, number: str, repost_of: str | None, context: Context) -> Observation:
    text, truncated = post_text(post)
    author = author_of(post.get("user"))
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=context.source,
        url=post_url(number, author, post.get("bid") or post.get("mblogid")),
        text=text,
        first_seen=context.at,
        published=published(post, context.at),
        author=author,
        repost_of=repost_of,
        region=region(post.get("region_name")),
        truncated=truncated,
    )
    return Observation(mention, engagement(post, mention.id, context.at), write_json(post))


def published(post: Json, now: datetime) -> datetime | None:
    """When it was written."""
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
    # The desktop site cuts long texts everywhere, and does not always say so at their end.
    cut = is_long and (CUT.search(text) is not None or "mblogid" in post)
    truncated = beginning != text or cut
    return to_text(beginning if truncated else text), truncated


def _links_to_more(text: str) -> bool:
    return text.rstrip().endswith(("全文</a>", "展开</a>", "展开</span>"))


def post_url(number: str, author: Author | None, bid: object) -> str:
    """Where a reader finds the post."""
    if author is not None and isinstance(bid, str) and bid:
        return f"https://weibo.com/{author.id}/{bid}"
    return f"https://m.weibo.cn/status/{number}"


def author_of(user: object) -> Author | None:
    """The account; None where it has no number."""
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


def region(name: object) -> str | None:
    """北京, from 发布于 北京 or 来自北京."""
    if not isinstance(name, str):
        return None
    for before in PUBLISHED_FROM:
        name = name.strip().removeprefix(before)
    return name.strip() or None


def engagement(post: Json, mention_id: str, at: datetime) -> Engagement:
    """The counts under a post; those that the site shows capped are marked as lower bounds."""
    cap = _cap(post.get("number_display_strategy"))
    counts: dict[str, Count] = {}
    for name, key in COUNTS.items():
        if found := parse_count(post.get(key)):
            counts[name] = found if cap is None or found.value < cap else Count(found.value, at_least=True)
    return engagement_of(mention_id, at, counts)


def _cap(strategy: object) -> int | None:
    """From which number on the site shows 「100万+」 instead."""
    cap = parse_count(strategy.get("display_text_min_number")) if isinstance(strategy, Mapping) else None
    return cap.value if cap else None
