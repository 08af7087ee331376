"""The documented JSON shape of a mention: what `parse` and `search` print and `import` reads."""

from datetime import UTC, datetime
from typing import Any

from mentions.types import Engagement, Mention


def iso_utc(at: datetime | None) -> str | None:
    """ISO 8601 in UTC; unknown is null."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def mention_json(mention: Mention, engagement: Engagement | None) -> dict[str, Any]:
    """The contract of design.md; names and types stay as they are. Unknown is null."""
    author = mention.author
    return {
        "id": mention.id,
        "platform": mention.platform,
        "source": mention.source,
        "url": mention.url,
        "title": mention.title,
        "text": mention.text,
        "published": iso_utc(mention.published),
        "author": {
            "id": author and author.id,
            "name": author and author.name,
            "followers": author and author.followers,
            "verified": author and author.verified,
            "verified_type": author and author.verified_type,
        },
        "engagement": {
            "reposts": engagement and engagement.reposts,
            "comments": engagement and engagement.comments,
            "likes": engagement and engagement.likes,
            "views": engagement and engagement.views,
        },
        "repost_of": mention.repost_of,
        "brands": list(mention.brands),
    }
