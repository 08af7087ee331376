"""A post that a person sent in: its incident, with the sender's name. Sent again, it is a note in that one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import payload
from alerts.background import backgrounds
from alerts.incidents import Change
from alerts.pictures import ask_for_picture
from alerts.raising import ACTOR, raise_finding
from alerts.rules.reading import post_facts
from alerts.settings import Settings
from alerts.sources import watch_of
from mentions.incidents import Finding, Incident, IncidentEvent
from mentions.store import Store
from mentions.types import Mention, Severity

WATCHED, WATCHED_TITLE = "watched", "Somebody sent this in"
COPY = "copy"
"""The rule of what joined because it says the same as a watched post."""
SEVERITY = Severity.YELLOW
"""A person took the trouble; how grave it is, the rules or another person will say."""
NOTES = ("by hand", "sent again")
NOTHING_MET: dict[str, Any] = {"terms": [], "words": []}
JOINED = 200
"""Copies that were there before, of each origin, that join an incident: enough to see what goes on."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something in, and what was said with it."""

    who: str
    note: str = ""


def send_in(
    store: Store, settings: Settings, mention_id: str, brand: str, sender: Sender, *, at: datetime
) -> tuple[Incident, Change]:
    """Freeze the post and open its incident, or add a note to the one that holds it; in one transaction."""
    finding = Finding(WATCHED, f"watch:{mention_id}", SEVERITY, at, mention_id, brand, NOTHING_MET)
    with store.transaction():
        post = store.posts.get([mention_id])[mention_id]
        origin = post.mention.repost_of or mention_id
        snapshots = store.posts.engagements([mention_id], at).get(mention_id, [])
        background = backgrounds(store, [post], at)[mention_id]
        facts = post_facts(
            post,
            brand,
            snapshots,
            now=at,
            thresholds=settings.thresholds,
            speed=settings.speed,
            background=background,
        )

        def tell(incident: Incident, change: Change) -> dict[str, object]:
            return payload.post_payload(
                finding,
                incident,
                change,
                title=WATCHED_TITLE,
                post=post,
                facts=facts,
                background=background,
                snapshots=snapshots,
                reposts=store.posts.reposts_by([origin]).get(origin, []),
                companions=store.posts.get(store.incidents.mentions(incident.id)),
                watch=watch_of(store, settings, at),
                thresholds=settings.thresholds,
                sender={"who": sender.who, "note": sender.note},
            )

        change = raise_finding(
            store,
            finding,
            title=WATCHED_TITLE,
            related=[mention_id, origin],
            channels=settings.notified(WATCHED),
            payload=tell,
            keys=[f"post:{origin}:{brand}"],
        )
        copies = store.evidence.freeze(mention_id, at)
        ask_for_picture(store, settings, post.mention, at)
        incident = store.incidents.current(finding.key, [mention_id, origin]) or _last(store, mention_id, origin)
        note = sender.note or NOTES[change in {Change.KNOWN, Change.SETTLED}]
        data = {"mention": mention_id, "evidence": copies}
        store.incidents.add_event(IncidentEvent(incident.id, at, sender.who, "forwarded", note, data))
    return incident, change


def _last(store: Store, *mention_ids: str) -> Incident:
    """The resolved incident that settled it."""
    return next(incident for mention_id in mention_ids for incident in store.incidents.of_mention(mention_id))


def join_copies(store: Store, settings: Settings, judged: Collection[Mention], at: datetime) -> int:
    """Attach what says the same as a watched post to its incident: what is judged now, or was before it."""
    watched = store.incidents.holders(WATCHED)
    if not watched:
        return 0
    origins = store.copies.origins({*watched, *(mention.id for mention in judged)})
    incidents = {origins[mention_id]: number for mention_id, number in watched.items() if mention_id in origins}
    own = [m.id for m in judged if m.repost_of is None and origins.get(m.id) in incidents]
    anew = {origins[mention_id] for mention_id in own if mention_id in watched}
    older = [(o, copy) for o, copies in store.copies.of_origins(anew, JOINED).items() for copy in (o, *copies)]
    joined = 0
    for origin, mention_id in (*((origins[mention_id], mention_id) for mention_id in own), *older):
        incident = store.incidents.get(incidents[origin])
        joined += 0 if incident is None else add_copies(store, settings, incident, [mention_id], at=at)
    return joined


def add_copies(
    store: Store, settings: Settings, incident: Incident, mention_ids: Iterable[str], *, at: datetime
) -> int:
    """Attach posts that say the same, freeze and picture them; how many were not attached before."""
    known = store.incidents.mentions(incident.id)
    copies = [mention_id for mention_id in dict.fromkeys(mention_ids) if mention_id not in known]
    for mention_id in copies:
        finding = Finding(COPY, f"watch:{mention_id}", SEVERITY, at, mention_id, incident.brand, NOTHING_MET)
        with store.transaction():
            store.incidents.add_finding(finding, incident.id)
            data = {"mention": mention_id, "evidence": store.evidence.freeze(mention_id, at)}
            store.incidents.add_event(IncidentEvent(incident.id, at, ACTOR, Change.JOINED.value, COPY, data))
            for found in store.posts.get([mention_id]).values():
                ask_for_picture(store, settings, found.mention, at)
    return len(copies)
