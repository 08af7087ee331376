"""Watching the watchers: a source that fell silent and a model that stopped are incidents like any other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from alerts import payload
from alerts.incidents import Change
from alerts.raising import ACTOR, raise_finding
from alerts.response import AlreadyResolved, resolve
from alerts.rules.expression import RuleFailed, Term
from alerts.rules.facts import ScoringView, SourceView
from alerts.rules.reading import scoring_facts, source_facts
from alerts.rules.rules import Rule
from alerts.settings import Settings
from alerts.sources import Condition, Watch, condition_of, watch_of
from mentions.incidents import Finding, Incident
from mentions.store import Store
from mentions.tasks import SCORE
from mentions.types import Severity

SCORING_JOB = "score"
"""The scheduled job whose failure means that no model judges."""
ROOM, ROOM_SEVERITY = "disk-short", Severity.ORANGE
"""What the matter is called when the store's disk is nearly full. No rule has to be written for it."""
ROOM_TITLE = "The disk is nearly full: crawling is paused"


def watch_health(store: Store, settings: Settings, *, now: Callable[[], datetime]) -> list[Change]:
    """Hold sources and scoring against their rules; a matter that is over is resolved and said to be.

    RuleFailed, after all others were looked at, if a rule broke.
    """
    at = now()
    changes = []
    failures = []
    for name, rule, subject, view, condition in (
        *_sources(store, settings, at),
        *_scoring(store, settings, at),
    ):
        brand = condition.standing.brand if condition else ""
        key = f"{name}:{subject}:{brand}" if brand else f"{name}:{subject}"
        try:
            met = rule.meet(view)
        except RuleFailed as error:
            failures.append(f"{key}: {error}")
            continue
        if met is not None:
            why = store.runs.job_errors().get(SCORING_JOB) if subject == "scoring" else None
            finding = Finding(name, key, met.severity, at, brand=brand or None)
            title = settings.book.titles[name]
            changes.append(
                _raise(store, settings, finding, subject, met.terms, title=title, error=why, condition=condition)
            )
        elif (incident := store.incidents.current(key)) is not None:
            _recover(store, settings, incident, rule=name, subject=subject, at=at)
    changes += _room(store, settings, at)
    if failures:
        raise RuleFailed("; ".join(failures))
    return changes


def _room(store: Store, settings: Settings, at: datetime) -> list[Change]:
    """Say once that the disk is nearly full and crawling paused, and once that it is over."""
    room, key = store.room(), f"{ROOM}:store"
    if room is not None and room.lack is not None:
        finding = Finding(ROOM, key, ROOM_SEVERITY, at, evidence={"free": room.free, "floor": room.floor})
        return [_raise(store, settings, finding, "store", (), title=ROOM_TITLE, error=str(room))]
    incident = store.incidents.current(key)
    if incident is not None and (room is None or room.is_over):
        _recover(store, settings, incident, rule=ROOM, subject="store", at=at)
    return []


def resolve_quiet(store: Store, settings: Settings, *, now: Callable[[], datetime]) -> int:
    """Close matters on which no rule has been met for `resolve_after`; how many."""
    at = now()
    quiet = [i for i in store.incidents.recent(limit=1000) if at - i.updated >= settings.resolve_after]
    for incident in quiet:
        with suppress(AlreadyResolved):  # somebody was faster
            resolve(store, incident.id, who=ACTOR, reason="quiet", at=at)
    return len(quiet)


Asked = tuple[str, Rule[Any], str, SourceView | ScoringView, Condition | None]
"""A rule's name, the rule, whom it is asked about, and what is known of it."""


def _sources(store: Store, settings: Settings, at: datetime) -> Iterator[Asked]:
    if not settings.book.sources:
        return
    shapes = store.pages.shapes(settings.sources)
    for standing in _watch(store, settings, at).sources:
        source = standing.fresh.source
        first_run = store.runs.first_start(source)
        if first_run is None:
            continue  # it has not been asked for yet, so it cannot be silent
        condition = condition_of(store, standing, accounts=settings.accounts, shapes=shapes)
        for name, rule in settings.book.sources:
            for brand in rule.brands or ("",) if not rule.sources or source in rule.sources else ():
                known = condition.of(brand) if brand else condition
                yield name, rule, source, SourceView(source_facts(known, first_run=first_run, now=at)), known


def _watch(store: Store, settings: Settings, at: datetime) -> Watch:
    return watch_of(store, settings, at)


def _scoring(store: Store, settings: Settings, at: datetime) -> Iterator[Asked]:
    if not settings.book.scoring:
        return
    failing = SCORING_JOB in store.runs.job_errors()
    view = ScoringView(scoring_facts(store.tasks.backlog(SCORE), failing=failing, now=at))
    for name, rule in settings.book.scoring:
        yield name, rule, "scoring", view, None


def _raise(
    store: Store,
    settings: Settings,
    finding: Finding,
    subject: str,
    terms: Sequence[Term],
    *,
    title: str,
    error: str | None,
    condition: Condition | None = None,
) -> Change:
    def tell(incident: Incident, change: Change) -> dict[str, object]:
        return payload.health_payload(
            finding,
            incident,
            change,
            title=title,
            subject=subject,
            terms=[payload.term(t) for t in terms],
            watch=_watch(store, settings, finding.at),
            error=error,
            condition=condition,
        )

    return raise_finding(
        store,
        finding,
        title=title,
        related=[],
        channels=settings.notified(finding.rule),
        payload=tell,
    )


def _recover(
    store: Store, settings: Settings, incident: Incident, *, rule: str, subject: str, at: datetime
) -> None:
    with suppress(AlreadyResolved), store.transaction():  # somebody was faster
        over = resolve(store, incident.id, who=ACTOR, reason="recovered", at=at)
        store.outbox.put(
            incident.id,
            settings.notified(rule),
            reason="resolved",
            severity=over.severity,
            payload=payload.recovery_payload(
                over, rule=rule, subject=subject, watch=_watch(store, settings, at), at=at
            ),
            at=at,
        )
