"""Watching the watchers: a source that fell silent and a model that stopped are incidents like any other."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from alerts import payload
from alerts.incidents import Change
from alerts.raising import ACTOR, raise_finding
from alerts.response import AlreadyResolved, resolve
from alerts.rules.expression import RuleFailed
from alerts.rules.facts import ScoringView, SourceView
from alerts.rules.reading import scoring_facts, source_facts
from alerts.rules.rules import Met, Rule
from alerts.settings import Settings
from mentions.store import SCORE, Store
from mentions.types import Finding, Incident

SCORING_JOB = "score"
"""The scheduled job whose failure means that no model judges."""


def watch_health(store: Store, settings: Settings, *, now: Callable[[], datetime]) -> list[Change]:
    """Hold sources and scoring against their rules; a matter that is over is resolved and said to be.

    RuleFailed, after all others were looked at, if a rule broke.
    """
    at = now()
    changes = []
    failures = []
    for name, rule, subject, view in (*_sources(store, settings, at), *_scoring(store, settings, at)):
        key = f"{name}:{subject}"
        try:
            met = rule.meet(view)
        except RuleFailed as error:
            failures.append(f"{key}: {error}")
            continue
        if met is not None:
            changes.append(_raise(store, settings, Finding(name, key, met.severity, at), subject, met))
        elif (incident := store.incidents.current(key)) is not None:
            _recover(store, settings, incident, rule=name, subject=subject, at=at)
    if failures:
        raise RuleFailed("; ".join(failures))
    return changes


def resolve_quiet(store: Store, settings: Settings, *, now: Callable[[], datetime]) -> int:
    """Close matters on which no rule has been met for `resolve_after`; how many."""
    at = now()
    quiet = [i for i in store.incidents.recent(limit=1000) if at - i.updated >= settings.resolve_after]
    for incident in quiet:
        with suppress(AlreadyResolved):  # somebody was faster
            resolve(store, incident.id, who=ACTOR, reason="quiet", at=at)
    return len(quiet)


Asked = tuple[str, Rule[Any], str, SourceView | ScoringView]
"""A rule's name, the rule, whom it is asked about, and what is known of it."""


def _sources(store: Store, settings: Settings, at: datetime) -> Iterator[Asked]:
    if not settings.book.sources:
        return
    for fresh in store.runs.freshness(settings.sources):
        first_run = store.runs.first_start(fresh.source)
        if first_run is None:
            continue  # it has not been asked for yet, so it cannot be silent
        view = SourceView(source_facts(fresh, first_run=first_run, now=at))
        for name, rule in settings.book.sources:
            if not rule.sources or fresh.source in rule.sources:
                yield name, rule, fresh.source, view


def _scoring(store: Store, settings: Settings, at: datetime) -> Iterator[Asked]:
    if not settings.book.scoring:
        return
    failing = SCORING_JOB in store.runs.job_errors()
    view = ScoringView(scoring_facts(store.tasks.backlog(SCORE), failing=failing, now=at))
    for name, rule in settings.book.scoring:
        yield name, rule, "scoring", view


def _raise(store: Store, settings: Settings, finding: Finding, subject: str, met: Met) -> Change:
    def tell(incident: Incident, change: Change) -> dict[str, object]:
        return payload.health_payload(
            finding,
            incident,
            change,
            title=settings.book.titles[finding.rule],
            subject=subject,
            terms=[payload.term(t) for t in met.terms],
            sources=store.runs.freshness(settings.sources),
            error=store.runs.job_errors().get(SCORING_JOB) if subject == "scoring" else None,
        )

    return raise_finding(
        store,
        finding,
        title=settings.book.titles[finding.rule],
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
                over, rule=rule, subject=subject, sources=store.runs.freshness(settings.sources), at=at
            ),
            at=at,
        )
