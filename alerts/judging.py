"""The stage between scores and incidents: what changed is held against the rules."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import payload
from alerts.background import Background, backgrounds
from alerts.changes import note_changes
from alerts.incidents import Change
from alerts.pictures import ask_for_picture
from alerts.raising import raise_finding
from alerts.repolling import next_look
from alerts.rules.expression import RuleFailed
from alerts.rules.facts import HotView, PostFacts
from alerts.rules.reading import hot_view, post_facts
from alerts.rules.rules import HotRule, PostRule
from alerts.settings import Settings
from alerts.sources import watch_of
from alerts.velocity import LONG
from alerts.watched import WATCHED, join_copies
from mentions.fates import Fate
from mentions.incidents import Finding, Incident
from mentions.posts import Found
from mentions.store import Store
from mentions.tasks import JUDGE, Task, reread
from mentions.text import fold
from mentions.types import Engagement, HotRank, Mention, Reach, Severity

UNCHANGED = Fate()
LEASE = timedelta(minutes=2)
RETRY = timedelta(minutes=1)
GIVE_UP_AFTER = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """What one pass did: posts held against the rules, changes by kind, and posts whose rules failed."""

    posts: int
    changes: Counter[Change]
    failed: int


def judge_pending(
    store: Store, settings: Settings, *, owner: str, now: Callable[[], datetime], limit: int = 200
) -> Judged:
    """Hold every post whose score or counts changed against the rules; finding and task end in one commit.

    A post on which a rule breaks is tried again, and set aside after GIVE_UP_AFTER attempts.
    """
    at = now()
    tasks = store.tasks.claim(JUDGE, owner=owner, now=at, lease=LEASE, limit=limit)
    if not tasks:
        return Judged(0, Counter(), 0)
    ids = [task.mention_id for task in tasks]
    found = store.posts.get(ids)
    snapshots = store.posts.engagements(ids, at - LONG)
    fates = store.fates.of(ids)
    watched = store.incidents.watched(WATCHED, ids)
    known = backgrounds(store, found.values(), at)
    ranks = store.posts.hot([i for i, post in found.items() if post.hot is not None])
    changes: Counter[Change] = Counter()
    failures: list[tuple[Task, str]] = []
    with store.transaction():
        join_copies(store, settings, [post.mention for post in found.values()], at)
        for task in tasks:
            post = found.get(task.mention_id)
            if post is None:
                continue
            fate = fates.get(task.mention_id, UNCHANGED)
            note_changes(store, settings, post, fate, at)
            case = _Case(
                post,
                snapshots.get(task.mention_id, []),
                known[task.mention_id],
                ranks.get(task.mention_id, []),
                at,
            )
            sent = watched.get(task.mention_id)
            if sent is not None and not fate.is_gone:
                look_again(store, settings, post, case.snapshots, at=at, sent=sent)
            if is_history(post.mention, settings):
                continue
            raised, broken_rules = _judge(store, settings, case, again=sent is None and not fate.is_gone)
            changes += raised
            if broken_rules:
                failures.append((task, "; ".join(broken_rules)))
        broken = {task.mention_id for task, _ in failures}
        store.tasks.done([task for task in tasks if task.mention_id not in broken], owner=owner)
        for task, said in failures:
            store.tasks.failed(task, owner=owner, error=said, retry_at=at + RETRY, give_up_after=GIVE_UP_AFTER)
    return Judged(len(tasks), changes, len(failures))


def is_history(mention: Mention, settings: Settings) -> bool:
    """Whether a post was old when we first saw it: an import, or the first look at a forum, must wake nobody."""
    return mention.published is not None and mention.first_seen - mention.published > settings.alert_within


@dataclass(frozen=True, slots=True)
class _Case:
    """A post with all that is known of it, as it is judged at a moment; `ranks` where it stands on a hot list."""

    post: Found
    snapshots: list[Engagement]
    background: Background
    ranks: list[HotRank]
    at: datetime

    @property
    def key(self) -> str:
        """What begins the name of the matter of this post with its reposts and copies."""
        return f"post:{self.background.kin.origin}"


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A finding, with the rule and the facts that made it; `view` is what there is of an entry of a hot list."""

    finding: Finding
    rule: PostRule | HotRule
    facts: PostFacts
    view: HotView | None


def _judge(store: Store, settings: Settings, case: _Case, *, again: bool) -> tuple[Counter[Change], list[str]]:
    """What the post changed, and which rules broke on it: one that breaks does not silence the others."""
    changes: Counter[Change] = Counter()
    suspect = False
    sightings: list[_Sighting] = []
    broken: list[str] = []
    for brand in case.post.mention.brands:
        facts = post_facts(
            case.post,
            brand,
            case.snapshots,
            now=case.at,
            thresholds=settings.thresholds,
            speed=settings.speed,
            background=case.background,
        )
        view = hot_view(facts, case.ranks, now=case.at, speed=settings.speed)
        try:
            suspect = suspect or settings.suspect.met(facts)
        except RuleFailed as error:
            suspect = True
            broken.append(f"reread.suspect: {error}")
        for name, rule in (*settings.book.posts.get(brand, ()), *settings.book.hot.get(brand, ())):
            try:
                sighting = _find(name, rule, case, facts, view)
            except RuleFailed as error:
                broken.append(f"{name}: {error}")
            else:
                sightings += [sighting] if sighting is not None else []
    # The gravest first: people hear of the matter once, at its level, and the others join.
    # All of them belong to one incident, whichever of their matters was open before.
    keys = [key for s in sightings for key in (s.finding.key, f"{case.key}:{s.facts.brand}")]
    for sighting in sorted(sightings, key=lambda s: s.finding.severity, reverse=True):
        changes[_raise(store, settings, sighting, case, keys=keys)] += 1
    if again and (suspect or sightings) and not case.ranks:  # a list is read again anyway
        gravest = max((sighting.finding.severity for sighting in sightings), default=None)
        look_again(store, settings, case.post, case.snapshots, severity=gravest, at=case.at)
    return changes, broken


def _find(
    name: str, rule: PostRule | HotRule, case: _Case, facts: PostFacts, view: HotView | None
) -> _Sighting | None:
    """What one rule makes of one post for one brand."""
    mention = case.post.mention
    if isinstance(rule, HotRule):
        met = None if view is None else rule.meet(view)
    else:
        if rule.words:
            words = rule.found_words(fold(f"{mention.title or ''}\n{mention.text}"))
            if not words:
                return None
            facts = replace(facts, words=words)
        met = rule.meet(facts)
    if met is None:
        return None
    key = f"{name}:{facts.brand}" if rule.group == "brand" else f"{case.key}:{facts.brand}"
    evidence = {"terms": [payload.term(t) for t in met.terms], "words": facts.words}
    return _Sighting(
        Finding(name, key, met.severity, case.at, mention.id, facts.brand, evidence), rule, facts, view
    )


def _raise(store: Store, settings: Settings, sighting: _Sighting, case: _Case, *, keys: list[str]) -> Change:
    finding, title = sighting.finding, sighting.rule.title
    mention, origin = case.post.mention, case.background.kin.origin

    def tell(incident: Incident, change: Change) -> dict[str, object]:
        return payload.post_payload(
            finding,
            incident,
            change,
            title=title,
            post=case.post,
            facts=sighting.facts,
            background=case.background,
            view=sighting.view,
            snapshots=case.snapshots,
            reposts=store.posts.reposts_by([origin]).get(origin, []),
            companions=store.posts.get(store.incidents.mentions(incident.id)),
            watch=watch_of(store, settings, finding.at),
            thresholds=settings.thresholds,
        )

    change = raise_finding(
        store,
        finding,
        title=title,
        related=[mention.id, origin, *([mention.repost_of] if mention.repost_of else [])],
        channels=settings.notified(finding.rule),
        payload=tell,
        keys=keys,
        alone=sighting.rule.group == "post",
    )
    if change not in {Change.KNOWN, Change.SETTLED}:
        ask_for_picture(store, settings, mention, finding.at)
    return change


def look_again(
    store: Store,
    settings: Settings,
    post: Found,
    snapshots: Sequence[Engagement],
    *,
    at: datetime,
    severity: Severity | None = None,
    sent: datetime | None = None,
) -> None:
    """Ask for another look, if there is to be one. `sent` is when a person sent it, if one did: no calm then."""
    mention, looks = post.mention, settings.looks
    look = next_look(
        snapshots,
        now=at,
        since=sent or mention.published or mention.first_seen,
        schedule=looks if sent is None else replace(looks, calm=looks.every),
        reach=mention.author.reach(settings.thresholds) if mention.author else Reach.ORDINARY,
        severity=severity,
    )
    if look.due is not None:
        store.tasks.put(reread(mention.source), [mention.id], look.due, danger=look.danger)
