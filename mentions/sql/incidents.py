"""Findings, incidents and their history, in SQL."""

from collections.abc import Collection
from datetime import datetime

from mentions.chain import digest, link, new_salt
from mentions.incidents import Finding, Incident, IncidentEvent, Incidents
from mentions.sql import rows
from mentions.sql.database import Database, marks
from mentions.sql.rows import iso, iso_or_none
from mentions.store import StoreError
from mentions.text import scrub


class SqlIncidents(Incidents):
    """Incidents in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add_finding(self, finding: Finding, incident_id: int) -> None:
        """See Incidents.add_finding."""
        with self._db.transaction() as tx:
            tx.execute(
                "INSERT INTO finding (incident_id, rule, key, severity, at, mention_id, brand, evidence) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    incident_id,
                    finding.rule,
                    finding.key,
                    finding.severity,
                    iso(finding.at),
                    finding.mention_id,
                    finding.brand,
                    rows.dumps(finding.evidence),
                ),
            )
            if finding.mention_id is not None:
                tx.execute(
                    "INSERT INTO incident_mention (incident_id, mention_id, at) VALUES (?, ?, ?) "
                    "ON CONFLICT DO NOTHING",
                    (incident_id, finding.mention_id, iso(finding.at)),
                )
                tx.execute(
                    "UPDATE mention_brand SET severity = ? WHERE severity < ? AND brand = ? "
                    f"AND mention = (SELECT n FROM {self._db.KEYS} WHERE id = ?)",
                    (finding.severity, finding.severity, finding.brand, finding.mention_id),
                )

    def open(self, finding: Finding, title: str) -> Incident:
        """See Incidents.open."""
        at = iso(finding.at)
        with self._db.transaction() as tx:
            row = tx.execute(
                "INSERT INTO incident (key, title, brand, state, severity, opened, updated) "
                "VALUES (?, ?, ?, 'firing', ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *",
                (finding.key, title, finding.brand, finding.severity, at, at),
            ).fetchone()
        if row is None:
            raise StoreError(f"An incident of {finding.key!r} is already open.")
        return rows.incident(row)

    def update(self, incident: Incident) -> None:
        """See Incidents.update."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE incident SET state = ?, severity = ?, owner = ?, updated = ?, resolved = ? WHERE id = ?",
                (
                    incident.state,
                    incident.severity,
                    None if incident.owner is None else scrub(incident.owner),
                    iso(incident.updated),
                    iso_or_none(incident.resolved),
                    incident.id,
                ),
            )

    def add_event(self, event: IncidentEvent) -> None:
        """See Incidents.add_event. It is chained to the event before it: see mentions.chain."""
        actor, reason, data = scrub(event.actor), scrub(event.reason), scrub(rows.dumps(event.data))
        salt = new_salt()
        hashed = digest(salt, (iso(event.at), actor, event.kind, reason, data))
        with self._db.transaction() as tx:
            # The row is locked first: two writers of one incident cannot both follow the same event.
            before = tx.execute(
                f"SELECT head FROM incident WHERE id = ? {self._db.LOCKED}", (event.incident_id,)
            ).fetchone()
            head = link(before["head"] if before else None, hashed, event.incident_id)
            tx.execute(
                "INSERT INTO incident_event (incident_id, at, actor, kind, reason, data, salt, digest, chain) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (event.incident_id, iso(event.at), actor, event.kind, reason, data, salt, hashed, head),
            )
            tx.execute("UPDATE incident SET head = ? WHERE id = ?", (head, event.incident_id))

    def events(self, incident_id: int, kinds: Collection[str] = ()) -> list[IncidentEvent]:
        """See Incidents.events."""
        of_kind = f"AND kind IN ({marks([*kinds])}) " if kinds else ""
        listed = self._db.rows(
            f"SELECT * FROM incident_event WHERE incident_id = ? {of_kind}ORDER BY id", (incident_id, *kinds)
        )
        return [rows.incident_event(row) for row in listed]

    def get(self, incident_id: int) -> Incident | None:
        """See Incidents.get."""
        listed = self._db.rows("SELECT * FROM incident WHERE id = ?", (incident_id,))
        return rows.incident(listed[0]) if listed else None

    def current(self, key: str, mention_ids: Collection[str] = ()) -> Incident | None:
        """See Incidents.current."""
        ids = list(mention_ids)
        holding = ids and self._db.rows(
            "SELECT i.* FROM incident_mention h JOIN incident i ON i.id = h.incident_id "
            f"WHERE h.mention_id IN ({marks(ids)}) AND i.state <> 'resolved' ORDER BY i.id LIMIT 1",
            ids,
        )
        listed = holding or self._db.rows(
            "SELECT i.* FROM incident i WHERE i.state <> 'resolved' AND (i.key = ? OR EXISTS "
            "(SELECT 1 FROM finding f WHERE f.key = ? AND f.incident_id = i.id)) ORDER BY i.id LIMIT 1",
            (key, key),
        )
        return rows.incident(listed[0]) if listed else None

    def of_mention(self, mention_id: str) -> list[Incident]:
        """See Incidents.of_mention."""
        listed = self._db.rows(
            "SELECT i.* FROM incident_mention h JOIN incident i ON i.id = h.incident_id "
            "WHERE h.mention_id = ? ORDER BY i.id DESC",
            (mention_id,),
        )
        return [rows.incident(row) for row in listed]

    def recent(self, *, unresolved: bool = True, limit: int = 100) -> list[Incident]:
        """See Incidents.recent."""
        which = "WHERE state <> 'resolved' " if unresolved else ""
        listed = self._db.rows(
            f"SELECT * FROM incident {which}ORDER BY (state <> 'resolved') DESC, severity DESC, id DESC LIMIT ?",
            (limit,),
        )
        return [rows.incident(row) for row in listed]

    def findings(self, incident_id: int) -> list[Finding]:
        """See Incidents.findings."""
        listed = self._db.rows("SELECT * FROM finding WHERE incident_id = ? ORDER BY id", (incident_id,))
        return [rows.finding(row) for row in listed]

    def watched(self, rule: str, mention_ids: Collection[str]) -> dict[str, datetime]:
        """See Incidents.watched."""
        ids = list(mention_ids)
        if not ids:
            return {}
        listed = self._db.rows(
            "SELECT h.mention_id, min(f.at) AS since FROM incident_mention h "
            "JOIN incident i ON i.id = h.incident_id AND i.state <> 'resolved' "
            "JOIN finding f ON f.incident_id = h.incident_id AND f.mention_id = h.mention_id AND f.rule = ? "
            f"WHERE h.mention_id IN ({marks(ids)}) GROUP BY h.mention_id",
            (rule, *ids),
        )
        return {row["mention_id"]: rows.time(row["since"]) for row in listed}

    def holders(self, rule: str) -> dict[str, int]:
        """See Incidents.holders."""
        listed = self._db.rows(
            "SELECT f.mention_id, max(i.id) AS incident FROM incident i JOIN finding f ON f.incident_id = i.id "
            "WHERE i.state <> 'resolved' AND f.rule = ? AND f.mention_id IS NOT NULL GROUP BY f.mention_id",
            (rule,),
        )
        return {row["mention_id"]: row["incident"] for row in listed}

    def findings_on(self, incident_id: int, mention_id: str | None) -> list[Finding]:
        """See Incidents.findings_on."""
        listed = self._db.rows(
            "SELECT * FROM finding WHERE incident_id = ? "
            f"AND mention_id {'IS NULL' if mention_id is None else '= ?'} ORDER BY id",
            [incident_id] if mention_id is None else [incident_id, mention_id],
        )
        return [rows.finding(row) for row in listed]

    def mentions(self, incident_id: int) -> list[str]:
        """See Incidents.mentions."""
        listed = self._db.rows(
            f"SELECT mention_id FROM incident_mention WHERE incident_id = ? ORDER BY {self._db.ROW_ORDER}",
            (incident_id,),
        )
        return [row["mention_id"] for row in listed]
