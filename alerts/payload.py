"""The facts of a message, as JSON: kept in the outbox, so that what was said can be shown and replayed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerts.background import Background
from alerts.incidents import Change
from alerts.rules.expression import Term
from alerts.rules.facts import HotView, PostFacts
from alerts.sources import Condition, Standing, Watch
from mentions.authenticity import Authenticity
from mentions.incidents import Finding, Incident
from mentions.looks import Missed
from mentions.posts import Found
from mentions.types import Author, Engagement, Mention, ReachThresholds, Severity

VOICES = 5
"""How many of the widest-followed reposters are named."""
TEXT = 2000
"""Characters of a post and of a value that are kept with a message: far more than any channel shows."""
PARTS = 8
"""How many of the parts that pages have lost are named, and of the queries that are not read."""
CURVE = 20
"""How many points the curve of reposts has at most."""


def term(met: Term) -> dict[str, Any]:
    """One comparison of the decision."""
    value = met.value[:TEXT] if isinstance(met.value, str) else met.value
    return {"field": met.field, "operator": met.operator, "threshold": met.threshold, "value": value}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _author(author: Author | None, thresholds: ReachThresholds) -> dict[str, Any] | None:
    if author is None:
        return None
    return {
        "id": author.id,
        "name": author.name,
        "followers": author.followers,
        "followers_at_least": author.followers_at_least,
        "verified": author.verified,
        "verified_type": author.verified_type,
        "verified_reason": author.verified_reason,
        "reach": author.reach(thresholds).value,
    }


def _watch(watch: Watch) -> dict[str, Any]:
    """Which sources were looked at, how well each sees, and what nobody looks at."""
    return {"sources": [_source(standing) for standing in watch.sources], "unwatched": list(watch.unwatched)}


def _source(standing: Standing) -> dict[str, Any]:
    fresh, missed = standing.fresh, standing.missed
    return {
        "name": fresh.source,
        "last_success": _iso(fresh.last_success),
        "cap_hit": fresh.cap_hit,
        "blocked": fresh.blocked,
        "refused": refused_payload(standing),
        "error": fresh.error,
        "cooling_until": _iso(fresh.cooling_until),
        "cooling_reason": fresh.cooling_reason,
        "missed": missed_payload(missed),
        "unread": unread_payload(standing),
        "brands": [brand_payload(standing.of(brand)) for brand in standing.brands],
    }


def refused_payload(standing: Standing) -> dict[str, list[str]]:
    """The queries that the last looks did not reach, by why not."""
    named = {reason: list(standing.refused(reason)[:PARTS]) for reason in standing.fresh.blocked}
    return {reason: queries for reason, queries in named.items() if queries}


def unread_payload(standing: Standing) -> list[dict[str, Any]]:
    """The queries that were not read while their source was: for how long, and how the last look ended."""
    return [
        {
            "query": one.query,
            "minutes": round(lasted.total_seconds() / 60, 1),
            "ever": one.read is not None,
            "outcome": one.outcome,
        }
        for one, lasted in standing.unread[:PARTS]
    ]


def brand_payload(standing: Standing) -> dict[str, Any]:
    """How a source sees one brand."""
    blind = standing.blind_for.total_seconds() / 60
    return {"brand": standing.brand, "unread_minutes": round(blind, 1), **missed_payload(standing.missed)}


def missed_payload(missed: Missed) -> dict[str, Any]:
    """How much a source may miss; shares are None where it cannot be known, and `basis` says why."""
    worst = missed.worst
    return {
        "share": missed.share,
        "low": missed.low,
        "high": missed.high,
        "basis": worst and worst.coverage.basis.value,
        "query": worst and worst.query,
        "query_share": worst and worst.coverage.share,
        "capped": missed.capped,
        "gap_minutes": round(missed.gaps.total_seconds() / 60, 1),
    }


def _mention(mention: Mention, thresholds: ReachThresholds) -> dict[str, Any]:
    return {
        "id": mention.id,
        "platform": mention.platform,
        "source": mention.source,
        "url": mention.url,
        "title": mention.title,
        "text": mention.text[:TEXT],
        "region": mention.region,
        "repost_of": mention.repost_of,
        "author": _author(mention.author, thresholds),
    }


def _clock(post: Found) -> dict[str, str | None]:
    return {
        "published": _iso(post.mention.published),
        "seen": _iso(post.mention.first_seen),
        "scored": _iso(post.score.at if post.score else None),
    }


def _incident(
    incident: Incident, rule: str, title: str, change: Change | str, at: datetime, *, severity: Severity
) -> dict[str, Any]:
    return {
        "incident": incident.id,
        "severity": severity.label,
        "brand": incident.brand,
        "rule": rule,
        "title": title,
        "change": str(change),
        "alerted": _iso(at),
    }


def post_payload(
    finding: Finding,
    incident: Incident,
    change: Change,
    *,
    title: str,
    post: Found,
    facts: PostFacts,
    background: Background,
    view: HotView | None = None,
    snapshots: Sequence[Engagement],
    reposts: Sequence[Mention],
    companions: Mapping[str, Found],
    watch: Watch,
    thresholds: ReachThresholds,
    sender: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that a reader needs of a post that met a rule, or that somebody sent: `sender` has `who` and `note`.

    `companions` are the posts of the same incident.
    """
    mention, counts, score = post.mention, post.engagement, post.score
    return _incident(incident, finding.rule, title, change, finding.at, severity=finding.severity) | {
        "kind": "post",
        "terms": finding.evidence["terms"],
        "words": finding.evidence["words"],
        "mention": _mention(mention, thresholds),
        "clock": _clock(post),
        "counts": {
            "reposts": counts and counts.reposts,
            "comments": counts and counts.comments,
            "likes": counts and counts.likes,
            "views": counts and counts.views,
            "at_least": sorted(counts.at_least) if counts else [],
        },
        "hot": view and asdict(view.hot),
        "growth": {"reposts_10m": facts.velocity.reposts_10m, "comments_10m": facts.velocity.comments_10m},
        "score": score
        and {
            "model": score.model,
            "negativity": score.negativity,
            "label": score.label.value,
            "words": score.words,
        },
        "curve": [s.reposts for s in snapshots if s.reposts is not None][-CURVE:],
        "voices": [_author(m.author, thresholds) for m in reposts if m.author and m.author.followers][:VOICES],
        "platforms": dict(Counter(f.mention.platform for f in companions.values())),
        **_watch(watch),
        "sender": sender and dict(sender),
        "kin": {"copies": background.kin.copies, "platforms": background.kin.platforms},
        "authenticity": _authenticity(background.authenticity),
    }


def _authenticity(judged: Authenticity) -> dict[str, Any] | None:
    """What speaks against a post, where it is enough to tell."""
    if not judged.is_low:
        return None
    reasons = [{"signal": reason.signal.value, "numbers": dict(reason.numbers)} for reason in judged.reasons]
    return {"value": judged.value, "reasons": reasons}


def health_payload(
    finding: Finding,
    incident: Incident,
    change: Change,
    *,
    title: str,
    subject: str,
    terms: list[dict[str, Any]],
    watch: Watch,
    error: str | None,
    condition: Condition | None = None,
) -> dict[str, Any]:
    """All that a reader needs when a part of the watch itself has stopped, or sees less than it should."""
    return _incident(incident, finding.rule, title, change, finding.at, severity=finding.severity) | {
        "kind": "health",
        "subject": subject,
        "terms": terms,
        "error": error,
        "condition": condition and _condition(condition),
        **_watch(watch),
    }


def _condition(condition: Condition) -> dict[str, Any]:
    """What stands behind the numbers of a source that met a rule."""
    return {
        "missed": missed_payload(condition.standing.missed),
        "unread": unread_payload(condition.standing),
        "walls": {"now": condition.walls.now, "before": condition.walls.before},
        "cookie_expires": condition.cookie_expires and condition.cookie_expires.isoformat(),
        "changed": {shape.kind: list(shape.changed[:PARTS]) for shape in condition.shapes if shape.changed},
    }


def recovery_payload(incident: Incident, *, rule: str, subject: str, watch: Watch, at: datetime) -> dict[str, Any]:
    """The all-clear after a health incident, with what was looked at."""
    return _incident(incident, rule, incident.title, "resolved", at, severity=incident.severity) | {
        "kind": "recovery",
        "subject": subject,
        "opened": _iso(incident.opened),
        **_watch(watch),
    }


def change_payload(
    incident: Incident,
    *,
    rule: str,
    post: Found,
    what: str,
    data: Mapping[str, Any],
    copies: int,
    watch: Watch,
    thresholds: ReachThresholds,
    at: datetime,
) -> dict[str, Any]:
    """All that a reader needs when an incident's post was edited, is gone, or back; `data` is the event's."""
    return _incident(incident, rule, incident.title, what, at, severity=incident.severity) | {
        "kind": "change",
        "mention": _mention(post.mention, thresholds),
        "clock": _clock(post),
        "seen": data["seen"],
        "before": data.get("before"),
        "after": data.get("after"),
        "minutes": data.get("minutes"),
        "copies": copies,
        "terms": [],
        "words": [],
        **_watch(watch),
    }
