"""What became of an incident's posts: edited, deleted, back again. Each is an event, and told once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from alerts import payload
from alerts.pictures import ask_for_picture
from alerts.raising import ACTOR
from alerts.settings import Settings
from alerts.sources import watch_of
from mentions.fates import Fate
from mentions.incidents import Incident, IncidentEvent, IncidentState
from mentions.posts import Found
from mentions.store import Store

QUOTED = 500
"""Characters of a text that are kept with an event; the copies hold all."""


class What(StrEnum):
    """What happened to a post."""

    EDITED = "edited"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class PostChange:
    """One thing that happened, when a look first showed it. `lasted`: from publication until it was gone."""

    what: What
    at: datetime
    before: str = ""
    after: str = ""
    lasted: timedelta | None = None

    @property
    def data(self) -> dict[str, Any]:
        """What the event keeps of it."""
        texts = {"before": self.before, "after": self.after} if self.what is What.EDITED else {}
        lasted = {} if self.lasted is None else {"minutes": int(self.lasted.total_seconds() // 60)}
        return {"seen": self.at.isoformat(), **texts, **lasted}


def changes_of(found: Found, fate: Fate) -> Iterator[PostChange]:
    """All that ever happened to a post, by its kind."""
    mention = found.mention
    texts = [*(revision.text for revision in fate.revisions), mention.text]
    for revision, after in zip(fate.revisions, texts[1:], strict=True):
        yield PostChange(What.EDITED, revision.until, revision.text[:QUOTED], after[:QUOTED])
    gone = fate.gone
    if gone is not None and gone.confirmed is not None:
        posted = mention.published or mention.first_seen
        yield PostChange(What.DELETED, gone.since, lasted=max(gone.since - posted, timedelta()))
        if gone.back is not None:
            yield PostChange(What.RESTORED, gone.back)


def note_changes(store: Store, settings: Settings, found: Found, fate: Fate, at: datetime) -> int:
    """Write what is new into the history of every incident that holds the post, and tell of open ones; how many.

    What had happened before the post joined an incident is no event of it.
    """
    noted = 0
    happened = list(changes_of(found, fate))
    for incident in store.incidents.of_mention(found.mention.id) if happened else ():
        joined = min((f.at for f in store.incidents.findings_on(incident.id, found.mention.id)), default=at)
        known = {
            (event.kind, event.data.get("seen"))
            for event in store.incidents.events(incident.id, [what.value for what in What])
            if event.data.get("mention") == found.mention.id
        }
        for change in happened:
            if change.at > joined and (change.what.value, change.data["seen"]) not in known:
                _note(store, settings, incident, found, change=change, at=at)
                noted += 1
    return noted


def _note(
    store: Store, settings: Settings, incident: Incident, found: Found, *, change: PostChange, at: datetime
) -> None:
    copies = store.evidence.freeze(found.mention.id, at)
    ask_for_picture(store, settings, found.mention, at, again=True)
    data = {"mention": found.mention.id, **change.data, "evidence": copies}
    store.incidents.add_event(IncidentEvent(incident.id, at, ACTOR, change.what.value, "looked at again", data))
    if incident.state is IncidentState.RESOLVED:
        return
    rule = store.incidents.findings(incident.id)[0].rule
    store.outbox.put(
        incident.id,
        settings.notified(rule),
        reason=change.what.value,
        severity=incident.severity,
        payload=payload.change_payload(
            incident,
            rule=rule,
            post=found,
            what=change.what.value,
            data=change.data,
            copies=len(copies),
            watch=watch_of(store, settings, at),
            thresholds=settings.thresholds,
            at=at,
        ),
        at=at,
    )
