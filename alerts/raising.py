"""A finding's effect, written in one transaction: finding, incident, event and outbox."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from alerts.incidents import Change, decide, state_after
from mentions.incidents import Finding, Incident, IncidentEvent, IncidentState
from mentions.store import Store
from mentions.types import Severity

ACTOR = "tingfeng"
"""Who did it, when nobody did."""


def raise_finding(
    store: Store,
    finding: Finding,
    *,
    title: str,
    related: Sequence[str],
    channels: Sequence[str],
    payload: Callable[[Incident, Change], dict[str, Any]],
    keys: Sequence[str] = (),
    alone: bool = False,
) -> Change:
    """Open, raise or join the incident that the finding belongs to, and queue its messages.

    `related` are mentions whose incident is this one too: the post itself and its origin. `keys` are the other
    matters that the same post belongs to: whichever of them is open already, the finding joins it. `alone`: see
    `decide`. `payload` is asked for only when somebody is to be told.
    """
    with store.transaction():
        current = _current(store, (finding.key, *keys), related)
        earlier = store.incidents.findings_on(current.id, finding.mention_id) if current else []
        resolved = [] if current else _resolved(store, related)
        told = _told(store, current, finding.key, related) if current and alone else None
        decision = decide(finding, current, earlier, resolved, alone=alone, told=told)
        if decision.change is Change.SETTLED:
            return decision.change
        if current is None:
            current = store.incidents.open(finding, title)
        else:
            current = replace(
                current,
                severity=decision.severity,
                state=state_after(decision.change, current.state),
                updated=finding.at,
            )
            store.incidents.update(current)
        if decision.change is not Change.KNOWN:
            store.incidents.add_finding(finding, current.id)
            copies = [] if finding.mention_id is None else store.evidence.freeze(finding.mention_id, finding.at)
            store.incidents.add_event(
                IncidentEvent(
                    current.id,
                    finding.at,
                    ACTOR,
                    decision.change.value,
                    finding.rule,
                    {
                        "severity": finding.severity.label,
                        "mention": finding.mention_id,
                        "key": finding.key,
                        "evidence": copies,
                    },
                )
            )
        if decision.change.notifies:
            store.outbox.put(
                current.id,
                channels,
                reason=decision.change.value,
                severity=finding.severity,
                payload=payload(current, decision.change),
                at=finding.at,
            )
    return decision.change


def _current(store: Store, keys: Sequence[str], related: Sequence[str]) -> Incident | None:
    found = (store.incidents.current(key, related) for key in dict.fromkeys(keys))
    return next((incident for incident in found if incident is not None), None)


def _told(store: Store, incident: Incident, key: str, related: Sequence[str]) -> Severity | None:
    """The highest level at which people heard of this post, its origin or its reposts."""
    kinds = [change.value for change in Change if change.notifies]
    return max(
        (
            Severity.parse(event.data["severity"])
            for event in store.incidents.events(incident.id, kinds)
            if event.data.get("key") == key or event.data.get("mention") in related
        ),
        default=None,
    )


def _resolved(store: Store, related: Sequence[str]) -> list[Incident]:
    """The closed incidents that held the post or its origin: what was settled is settled for reposts too."""
    held = (incident for post in dict.fromkeys(related) for incident in store.incidents.of_mention(post))
    return [incident for incident in held if incident.state is IncidentState.RESOLVED]
