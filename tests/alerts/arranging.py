"""Rules, settings and judged posts made up for tests, with only what a test cares about spelled out."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from alerts.judging import Judged, judge_pending
from alerts.rules.expression import Expression
from alerts.rules.facts import (
    AuthorFacts,
    EngagementFacts,
    MentionFacts,
    PostFacts,
    ScoreFacts,
    VelocityFacts,
)
from alerts.rules.rules import AnyRule, PostRule, RuleBook
from alerts.settings import DEFAULT_SUSPECT, Settings
from mentions.incidents import Incident
from mentions.outbox import Notification
from mentions.store import Store
from mentions.types import Mention
from tests.making import NOW, negative, seen

ANY_RULE: TypeAdapter[Any] = TypeAdapter(AnyRule)

FACTS = PostFacts(
    brand="星河",
    mention=MentionFacts(
        id="weibo:1",
        platform="weibo",
        source="weibo",
        text="星河手机电池鼓包",
        title="",
        region="北京",
        is_repost=False,
        age_minutes=5.0,
    ),
    author=AuthorFacts("数码老炮", 600_000, verified=True, reach="big_v", is_big_v=True, is_kol=True),
    engagement=EngagementFacts(reposts=120, comments=3, likes=4, views=0),
    velocity=VelocityFacts(20.0, 1.0, 0.0, 30.0, 2.0, 0.0),
    score=ScoreFacts(0.95, "negative"),
    words=["鼓包"],
)


def post_rule(**more: Any) -> PostRule:
    return PostRule.model_validate({"type": "post", "title": "负面正在扩散"} | more)


def settings(
    rules: dict[str, dict[str, Any]], *, brands: tuple[str, ...] = ("星河", "云岭"), **more: Any
) -> Settings:
    read = {
        name: ANY_RULE.validate_python({"type": "post", "title": f"规则 {name}"} | block)
        for name, block in rules.items()
    }
    values: dict[str, Any] = {
        "book": RuleBook(read, brands),
        "channels": ("desk",),
        "sources": ("weibo",),
        "suspect": Expression(DEFAULT_SUSPECT, PostFacts),
    }
    return Settings(**(values | more))


REPOSTS = settings(
    {"reposts": {"levels": {"yellow": "engagement.reposts >= 20", "red": "engagement.reposts >= 500"}}}
)
"""Yellow from 20 reposts, red from 500."""


def show(store: Store, post: Mention, at: datetime = NOW, **counts: Any) -> None:
    """A page showed the post, and a model found it negative."""
    store.posts.record([seen(post, at, **counts)])
    store.posts.add_scores([negative(post.id, at)])


def judge(store: Store, told: Settings = REPOSTS, at: datetime = NOW) -> Judged:
    return judge_pending(store, told, owner="test", now=lambda: at)


def messages(store: Store) -> list[Notification]:
    """All that was ever put into the outbox, oldest first."""
    incidents = store.incidents.recent(unresolved=False, limit=1000)
    listed = [n for incident in incidents for n in store.outbox.of_incident(incident.id)]
    return sorted(listed, key=lambda n: n.id)


def the_incident(store: Store) -> Incident:
    """The only one there is."""
    (incident,) = store.incidents.recent(unresolved=False)
    return incident


def first_message(store: Store, told: Settings = REPOSTS, at: datetime = NOW) -> dict[str, Any]:
    """Judge what waits, and the facts of the message that it made."""
    judge(store, told, at)
    return messages(store)[0].payload


LATER = timedelta(minutes=1)
