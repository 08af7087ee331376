"""Findings, and the incidents that they open, with their history."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mentions.types import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule met. `key` is the matter it concerns: findings of one key share an incident.

    `evidence` is JSON-ready: the numbers that met the rule and all that a reader or a replay needs.
    """

    rule: str
    key: str
    severity: Severity
    at: datetime
    mention_id: str | None = None
    brand: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


class IncidentState(StrEnum):
    """Where a matter stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """One matter that somebody has to look after."""

    id: int
    key: str
    title: str
    state: IncidentState
    severity: Severity
    opened: datetime
    updated: datetime
    brand: str | None = None
    owner: str | None = None
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One change of an incident: who did what, when and why. Append-only."""

    incident_id: int
    at: datetime
    actor: str
    kind: str
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


class Incidents(ABC):
    """Findings, incidents, and the append-only events of each."""

    @abstractmethod
    def add_finding(self, finding: Finding, incident_id: int) -> None:
        """Store a finding under its incident and attach its mention."""

    @abstractmethod
    def open(self, finding: Finding, title: str) -> Incident:
        """Open an incident at the finding's severity. StoreError if one of this key is already open."""

    @abstractmethod
    def update(self, incident: Incident) -> None:
        """Write state, severity, owner, updated and resolved."""

    @abstractmethod
    def add_event(self, event: IncidentEvent) -> None:
        """Append to the incident's history."""

    @abstractmethod
    def events(self, incident_id: int, kinds: Collection[str] = ()) -> list[IncidentEvent]:
        """Oldest first; only of these kinds, where any are named."""

    @abstractmethod
    def get(self, incident_id: int) -> Incident | None:
        """One incident, or None."""

    @abstractmethod
    def current(self, key: str, mention_ids: Collection[str] = ()) -> Incident | None:
        """The unresolved incident that holds one of these mentions, else the one with a finding of this key."""

    @abstractmethod
    def of_mention(self, mention_id: str) -> list[Incident]:
        """All incidents that hold this mention, resolved ones too, newest first."""

    @abstractmethod
    def recent(self, *, unresolved: bool = True, limit: int = 100) -> list[Incident]:
        """Highest severity first, then newest."""

    @abstractmethod
    def findings(self, incident_id: int) -> list[Finding]:
        """Oldest first."""

    @abstractmethod
    def watched(self, rule: str, mention_ids: Collection[str]) -> dict[str, datetime]:
        """Those of the mentions on which an unresolved incident has a finding of this rule, and since when."""

    @abstractmethod
    def holders(self, rule: str) -> dict[str, int]:
        """The mentions on which an unresolved incident has a finding of this rule, and the latest of those."""

    @abstractmethod
    def findings_on(self, incident_id: int, mention_id: str | None) -> list[Finding]:
        """Those on one mention (or on none), oldest first."""

    @abstractmethod
    def mentions(self, incident_id: int) -> list[str]:
        """The ids of the incident's mentions, in the order they were attached."""
