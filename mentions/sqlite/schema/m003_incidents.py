"""Findings, incidents with their history, and the outbox."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.table("incident").create(
        {
            "id": int,
            "key": str,
            "title": str,
            "brand": str,
            "state": str,
            "severity": int,
            "opened": str,
            "updated": str,
            "owner": str,
            "resolved": str,
        },
        pk="id",
    )
    # Two processes that see the same matter at once cannot both open it.
    db.execute("CREATE UNIQUE INDEX idx_incident_open ON incident (key) WHERE state <> 'resolved'")
    db.table("finding").create(
        {
            "id": int,
            "incident_id": int,
            "rule": str,
            "key": str,
            "severity": int,
            "at": str,
            "mention_id": str,
            "brand": str,
            "evidence": str,
        },
        pk="id",
    )
    db.table("finding").create_index(["incident_id", "mention_id"])
    db.table("finding").create_index(["key", "incident_id"])
    db.table("incident_mention").create(
        {"incident_id": int, "mention_id": str, "at": str}, pk=("incident_id", "mention_id")
    )
    db.table("incident_mention").create_index(["mention_id"])
    db.table("incident_event").create(
        {"id": int, "incident_id": int, "at": str, "actor": str, "kind": str, "reason": str, "data": str},
        pk="id",
    )
    db.table("incident_event").create_index(["incident_id"])
    db.table("notification").create(
        {
            "id": int,
            "incident_id": int,
            "channel": str,
            "reason": str,
            "severity": int,
            "payload": str,
            "state": str,
            "created": str,
            "next_attempt": str,
            "attempts": int,
            "lease_until": str,
            "possible_repeat": int,
            "sent": str,
            "receipt": str,
            "last_error": str,
        },
        pk="id",
    )
    db.execute(
        "CREATE INDEX idx_notification_due ON notification (channel, next_attempt) "
        "WHERE state IN ('pending', 'sending')"
    )
