"""What people do to an incident: take it, and close it."""

from dataclasses import replace
from datetime import datetime

from mentions.incidents import Incident, IncidentEvent, IncidentState
from mentions.store import Store


class NoSuchIncident(Exception):
    """There is no incident of that number."""


class AlreadyResolved(Exception):
    """The incident is resolved; nothing was changed."""


def _unresolved(store: Store, incident_id: int) -> Incident:
    incident = store.incidents.get(incident_id)
    if incident is None:
        raise NoSuchIncident(f"There is no incident #{incident_id}.")
    if incident.state is IncidentState.RESOLVED:
        raise AlreadyResolved(f"Incident #{incident_id} is resolved already; nothing was changed.")
    return incident


def acknowledge(store: Store, incident_id: int, *, who: str, at: datetime) -> Incident:
    """Somebody has it: NoSuchIncident or AlreadyResolved if they cannot."""
    with store.transaction():
        incident = replace(
            _unresolved(store, incident_id), state=IncidentState.ACKNOWLEDGED, owner=who, updated=at
        )
        store.incidents.update(incident)
        store.incidents.add_event(IncidentEvent(incident_id, at, who, "acknowledged", "by hand"))
    return incident


def resolve(store: Store, incident_id: int, *, who: str, reason: str, at: datetime) -> Incident:
    """The matter is over: NoSuchIncident or AlreadyResolved if it cannot be."""
    with store.transaction():
        incident = replace(_unresolved(store, incident_id), state=IncidentState.RESOLVED, updated=at, resolved=at)
        store.incidents.update(incident)
        store.incidents.add_event(IncidentEvent(incident_id, at, who, "resolved", reason))
    return incident
