"""What a finding does to an incident: decided from values, with the reason."""

from dataclasses import dataclass
from enum import StrEnum

from mentions.incidents import Finding, Incident, IncidentState
from mentions.types import Severity


class Change(StrEnum):
    """What a finding does."""

    OPENED = "opened"
    ROSE = "rose"
    ANOTHER = "another"
    JOINED = "joined"
    KNOWN = "known"
    SETTLED = "settled"

    @property
    def notifies(self) -> bool:
        """Whether somebody is told: when a matter opens or rises, and when another post of it does."""
        return self in {Change.OPENED, Change.ROSE, Change.ANOTHER}


@dataclass(frozen=True, slots=True)
class Decision:
    """The change, and the severity that the incident has after it."""

    change: Change
    severity: Severity


def decide(
    finding: Finding,
    current: Incident | None,
    earlier: list[Finding],
    resolved: list[Incident],
    *,
    alone: bool = False,
    told: Severity | None = None,
) -> Decision:
    """What `finding` does to the incident that is open on its matter, if any.

    `earlier` are that incident's findings on the same mention; `resolved` the closed incidents that held the
    post or its origin. A post whose matter was resolved is heard of again only at a higher level.

    `alone`: the rule looks at one post, not at all of a brand's. What such a rule finds on another post of an open
    incident is told even where the incident is as grave already, or a second crisis would hide behind a first;
    `told` is the highest level at which people heard of this very post, and they hear again only above it.
    """
    if current is None:
        settled = max((incident.severity for incident in resolved), default=None)
        if settled is not None and finding.severity <= settled:
            return Decision(Change.SETTLED, settled)
        return Decision(Change.OPENED, finding.severity)
    if finding.severity > current.severity:
        return Decision(Change.ROSE, finding.severity)
    if alone and finding.mention_id is not None and (told is None or finding.severity > told):
        return Decision(Change.ANOTHER, current.severity)
    known = any(
        before.rule == finding.rule
        and before.mention_id == finding.mention_id
        and before.brand == finding.brand
        and before.severity >= finding.severity
        for before in earlier
    )
    return Decision(Change.KNOWN if known else Change.JOINED, current.severity)


def state_after(change: Change, state: IncidentState) -> IncidentState:
    """A matter that rises needs somebody again, also where somebody already had it."""
    return IncidentState.FIRING if change is Change.ROSE else state
