"""From rows to facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.background import Background
from alerts.rules.facts import (
    UNSCORED,
    AuthenticityFacts,
    AuthorFacts,
    EngagementFacts,
    HotFacts,
    HotView,
    MentionFacts,
    PostFacts,
    ScoreFacts,
    ScoringFacts,
    SourceFacts,
    SpreadFacts,
)
from alerts.sources import Condition
from alerts.velocity import velocity
from mentions.hot import AD, last_stay, list_of
from mentions.posts import Found
from mentions.tasks import Backlog
from mentions.types import Author, Engagement, HotRank, Reach, ReachThresholds

MINUTE = timedelta(minutes=1)
NO_END = 3650.0
"""Days that a cookie is left where nobody said when it ends."""


def post_facts(
    found: Found,
    brand: str,
    snapshots: Sequence[Engagement],
    *,
    now: datetime,
    thresholds: ReachThresholds,
    speed: float,
    background: Background,
) -> PostFacts:
    """What the rules see of one post for one brand, at one moment."""
    mention, latest, score = found.mention, found.engagement, found.score
    posted = mention.published or mention.first_seen
    return PostFacts(
        brand=brand,
        mention=MentionFacts(
            id=mention.id,
            platform=mention.platform,
            source=mention.source,
            text=mention.text,
            title=mention.title or "",
            region=mention.region or "",
            is_repost=mention.repost_of is not None,
            age_minutes=round((now - posted) / MINUTE * speed, 2),
        ),
        author=_author_facts(mention.author, thresholds),
        engagement=EngagementFacts(
            reposts=(latest and latest.reposts) or 0,
            comments=(latest and latest.comments) or 0,
            likes=(latest and latest.likes) or 0,
            views=(latest and latest.views) or 0,
        ),
        velocity=velocity(snapshots, now, mention.published, speed),
        score=ScoreFacts(negativity=score.negativity, label=score.label.value)
        if score
        else ScoreFacts(negativity=0.0, label=UNSCORED),
        words=[],
        spread=SpreadFacts(
            copies=background.kin.copies,
            reposts_stored=background.kin.reposts,
            platforms=background.kin.platforms,
        ),
        authenticity=AuthenticityFacts(
            value=background.authenticity.value,
            reasons=[reason.signal.value for reason in background.authenticity.reasons],
        ),
    )


def hot_view(facts: PostFacts, ranks: Sequence[HotRank], *, now: datetime, speed: float) -> HotView | None:
    """What a rule sees of an entry that stands on a hot list now; None for a post, and for one that has left."""
    stay = last_stay(ranks, now)
    listed = list_of(facts.mention.platform)
    if stay is None or listed is None or stay.until is not None:
        return None
    return HotView(
        brand=facts.brand,
        hot=HotFacts(
            list=listed,
            rank=stay.last.rank,
            best_rank=stay.best_rank,
            heat=stay.last.heat or 0,
            best_heat=stay.best_heat or 0,
            tag=stay.last.tag,
            is_ad=stay.last.tag == AD,
            minutes_on_list=round(stay.lasted / MINUTE * speed, 2),
        ),
        mention=facts.mention,
        score=facts.score,
    )


def _author_facts(author: Author | None, thresholds: ReachThresholds) -> AuthorFacts:
    if author is None:
        return AuthorFacts("", 0, verified=False, reach=Reach.ORDINARY.value, is_big_v=False, is_kol=False)
    reach = author.reach(thresholds)
    return AuthorFacts(
        name=author.name,
        followers=author.followers or 0,
        verified=bool(author.verified),
        reach=reach.value,
        is_big_v=reach is Reach.BIG_V,
        is_kol=reach is not Reach.ORDINARY,
    )


def source_facts(condition: Condition, *, first_run: datetime, now: datetime) -> SourceFacts:
    """How a source stands; what never happened counts from the source's first run."""
    standing = condition.standing
    fresh, missed, unread = standing.fresh, standing.missed, standing.unread
    expires = condition.cookie_expires

    def minutes_since(event: datetime | None) -> float:
        return round(max(now - (event or first_run), timedelta()) / MINUTE, 2)

    return SourceFacts(
        name=fresh.source,
        brand=standing.brand,
        minutes_since_run=minutes_since(fresh.last_run),
        minutes_since_success=minutes_since(standing.last_read),
        minutes_since_new=minutes_since(fresh.last_new),
        query_unread_minutes=round(unread[0][1] / MINUTE, 2) if unread else 0.0,
        blocked=bool(fresh.blocked),
        cap_hit=fresh.cap_hit,
        capped_in_a_row=missed.capped,
        missing=round(missed.share or 0.0, 4),
        missing_at_least=round(missed.low or 0.0, 4),
        missing_known=missed.share is not None,
        signed_in=condition.signed_in,
        cookie_days_left=NO_END if expires is None else float((expires - now.date()).days),
        walls=round(condition.walls.now, 4),
        walls_before=round(condition.walls.before, 4),
        layout_changed=condition.layout_changed,
        drift=round(condition.drift, 4),
        cooling_minutes=round(max((fresh.cooling_until or now) - now, timedelta()) / MINUTE, 2),
    )


def scoring_facts(backlog: Backlog, *, failing: bool, now: datetime) -> ScoringFacts:
    """How scoring stands."""
    waited = now - backlog.oldest if backlog.oldest else timedelta()
    return ScoringFacts(
        waiting=backlog.waiting,
        oldest_minutes=round(max(waited, timedelta()) / MINUTE, 2),
        quarantined=backlog.quarantined,
        failing=failing,
    )
