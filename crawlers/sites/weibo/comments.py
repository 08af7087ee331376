"""Comments under a Weibo post, as m.weibo.cn, weibo.com/ajax and the open API write them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawlers.reading.fields import counted
from crawlers.reading.html import to_text
from crawlers.reading.jsontext import write_json
from crawlers.sites.weibo.mblog import PLATFORM, Json, author_of, post_id, published, region
from mentions.types import Engagement, Mention, Observation

KIND = "comment"
"""Between the platform and the number: comments and posts are numbered apart."""
PLACE = re.compile(r"来自(?!微博)[\u4e00-\u9fff]{1,6}(?<![端版])")
DEEPEST = 2
"""A comment lists a few of its answers; these list none."""


@dataclass(frozen=True, slots=True)
class Under:
    """What a comment does not say itself. `post` is the number of the post that it stands under, where known.

    `brands` are those whose own channel it is: a complaint there need not name them.
    """

    source: str
    at: datetime
    post: str | None = None
    brands: tuple[str, ...] = ()


def is_comment(item: Json) -> bool:
    """Whether an item of a list is a comment, and no post: both have id, text, user and created_at."""
    return not {"reposts_count", "attitudes_count"} & item.keys() and bool(
        {"rootid", "floor_number", "like_count", "like_counts", "reply_comment"} & item.keys()
        or isinstance(item.get("status"), Mapping)
    )


def comments(listed: object, under: Under, depth: int = DEEPEST) -> Iterator[Observation]:
    """The comments of a list and the answers shown under them, in the order of the page."""
    for item in listed if isinstance(listed, list) and depth else ():
        if not isinstance(item, Mapping):
            continue
        found = _comment(item, under)
        if found is not None:
            yield found
        yield from comments(item.get("comments"), under, depth - 1)


def _comment(item: Json, under: Under) -> Observation | None:
    number = post_id({"id": item.get("id"), "idstr": item.get("idstr")})
    if number is None or not isinstance(item.get("text") or item.get("text_raw"), str):
        return None
    status = item.get("status")
    post = under.post or (post_id(status) if isinstance(status, Mapping) else None)
    mention = Mention(
        id=f"{PLATFORM}:{KIND}:{number}",
        platform=PLATFORM,
        source=under.source,
        url=f"https://m.weibo.cn/detail/{post}#comment-{number}" if post else "",
        text=to_text(item.get("text") or item["text_raw"]),
        first_seen=under.at,
        published=published(item, under.at),
        author=author_of(item.get("user")),
        brands=under.brands,
        thread=f"{PLATFORM}:{post}" if post else None,
        region=region(item.get("region_name") or _place(item.get("source"))),
    )
    return Observation(mention, _counts(item, mention.id, under.at), write_json(item))


def _place(source: object) -> str | None:
    """Since 2022 a comment's `source` says where it was written; before, with which telephone."""
    return source if isinstance(source, str) and PLACE.fullmatch(source) else None


def _counts(item: Json, mention_id: str, at: datetime) -> Engagement | None:
    likes: Any = item.get("like_counts", item.get("like_count"))
    return counted(mention_id, at, likes=likes, comments=item.get("total_number"))
