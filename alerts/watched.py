"""A post that a person sent in: its incident, with the sender's name. Sent again, it is a note in that one."""

from dataclasses import dataclass
from datetime import datetime

from alerts import payload
from alerts.background import backgrounds
from alerts.incidents import Change
from alerts.pictures import ask_for_picture
from alerts.raising import raise_finding
from alerts.rules.reading import post_facts
from alerts.settings import Settings
from alerts.sources import watch_of
from mentions.incidents import Finding, Incident, IncidentEvent
from mentions.store import Store
from mentions.types import Severity

WATCHED, WATCHED_TITLE = "watched", "Somebody sent this in"
SEVERITY = Severity.YELLOW
"""A person took the trouble; how grave it is, the rules or another person will say."""
NOTES = ("by hand", "sent again")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something in, and what was said with it."""

    who: str
    note: str = ""


def send_in(
    store: Store, settings: Settings, mention_id: str, brand: str, sender: Sender, *, at: datetime
) -> tuple[Incident, Change]:
    """Freeze the post and open its incident, or add a note to the one that holds it; in one transaction."""
    finding = Finding(WATCHED, f"watch:{mention_id}", SEVERITY, at, mention_id, brand, {"terms": [], "words": []})
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
                watch=watch_of(store, settings.sources, settings.unwatched, at),
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


def add_copy(store: Store, incident: Incident, mention_id: str, *, likeness: float, at: datetime) -> bool:
    """Attach a post that says the same; whether it was not attached before."""
    if mention_id in store.incidents.mentions(incident.id):
        return False
    evidence = {"terms": [], "words": [], "likeness": round(likeness, 2)}
    key = f"watch:{mention_id}"
    with store.transaction():
        store.incidents.add_finding(
            Finding("copy", key, SEVERITY, at, mention_id, incident.brand, evidence), incident.id
        )
        data = {"mention": mention_id, "evidence": store.evidence.freeze(mention_id, at)}
        store.incidents.add_event(IncidentEvent(incident.id, at, "tingfeng", "joined", "copy", data))
    return True
