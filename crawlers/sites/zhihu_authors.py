"""Who writes on 知乎, and what the site vouches for."""

from collections.abc import Mapping
from typing import Any

from crawlers.reading.fields import Json, first, followers, identity, part, plain, rows
from crawlers.reading.html import to_text
from mentions.types import Author

PLATFORM = "zhihu"
ORGANISATION = 7
"""Weibo's verified_type for an institution, by which authors of every platform are told apart."""


def author_of(author: object, post: str) -> Author | None:
    """The author of a post; `post` (answer:123) tells those apart who hide their names."""
    if not isinstance(author, Mapping):
        return None
    number = identity(author.get("id")) or identity(author.get("url_token"))
    if number is None:  # a person of its own each time: nobody knows who is who
        return Author(PLATFORM, f"anonymous:{post}", name) if (name := plain(author.get("name"))) else None
    is_org = author.get("is_org") is True or author.get("user_type") in ("organization", "org")
    badges = _badges(author)
    return Author(
        PLATFORM,
        number,
        plain(author.get("name")),
        verified=bool(badges) if badges is not None else None,
        verified_type=(ORGANISATION if is_org else 0) if badges else None,
        verified_reason="、".join(filter(None, badges)) or None if badges else None,
        **followers(author.get("follower_count")),
    )


def _badges(author: Json) -> list[str] | None:
    """What the site vouches for (not 优秀答主, which is a title); None where the page does not say."""
    if not isinstance(author.get("badge"), list) and not isinstance(author.get("badge_v2"), Mapping):
        return None
    listed: list[Any] = [*rows(author.get("badge")), *rows(part(author, "badge_v2").get("merged_badges"))]
    listed += rows(part(author, "badge_v2").get("detail_badges"))
    vouched = [badge for badge in listed if str(badge.get("type") or "").startswith("identity")]
    return list(dict.fromkeys(text_of(first(badge, "description", "title")) for badge in vouched))


def text_of(value: object) -> str:
    """A text that may be HTML, as a reader sees it; nothing where it is none."""
    return to_text(value) if isinstance(value, str) else ""
