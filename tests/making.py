"""Posts made up for tests, with only what a test cares about spelled out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from mentions.types import Author, Engagement, Label, Mention, Observation, Score

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BIG_V = Author("weibo", "42", "数码老炮", followers=1_200_000, verified=True, verified_type=0)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def mention(mention_id: str = "weibo:1", text: Any = "星河手机电池鼓包", **more: Any) -> Mention:
    values: dict[str, Any] = {
        "id": mention_id,
        "platform": mention_id.split(":", maxsplit=1)[0],
        "source": "weibo",
        "url": f"https://weibo.test/{mention_id}",
        "text": text,
        "first_seen": NOW,
        "published": NOW - minutes(5),
        "brands": ("星河",),
    }
    return Mention(**(values | more))


def counts(mention_id: str = "weibo:1", at: datetime = NOW, **more: Any) -> Engagement:
    return Engagement(mention_id, at, **more)


def seen(post: Mention, at: datetime = NOW, **more: Any) -> Observation:
    return Observation(post, counts(post.id, at, **more))


def negative(mention_id: str = "weibo:1", at: datetime = NOW, negativity: float = 0.95) -> Score:
    return Score(mention_id, "made-up", at, negativity, Label.NEGATIVE, ("鼓包",))
