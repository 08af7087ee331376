"""Legal hold, erasures, and the hash chain under every incident's history."""

from sqlite_utils import Database

from mentions.chain import digest, link, new_salt

CONTENT = "SELECT id, incident_id, at, actor, kind, reason, data FROM incident_event ORDER BY incident_id, id"


def step(db: Database) -> None:
    for column in ("hold TEXT", "head TEXT"):
        db.execute(f"ALTER TABLE incident ADD COLUMN {column}")
    for column in ("salt TEXT", "digest TEXT", "chain TEXT"):
        db.execute(f"ALTER TABLE incident_event ADD COLUMN {column}")
    heads: dict[int, str] = {}
    for event, incident, *content in db.execute(CONTENT).fetchall():
        salt = new_salt()
        hashed = digest(salt, ("" if part is None else part for part in content))
        heads[incident] = link(heads.get(incident), hashed, incident)
        db.execute(
            "UPDATE incident_event SET salt = ?, digest = ?, chain = ? WHERE id = ?",
            (salt, hashed, heads[incident], event),
        )
    for incident, head in heads.items():
        db.execute("UPDATE incident SET head = ? WHERE id = ?", (head, incident))
    db.execute(
        "CREATE INDEX idx_mention_author ON mention (author_id, author_platform) WHERE author_id IS NOT NULL"
    )
    db.execute("CREATE INDEX idx_notification_incident ON notification (incident_id)")
    db.execute(
        "CREATE TABLE erasure (author TEXT PRIMARY KEY, platform TEXT NOT NULL, salt TEXT NOT NULL, "
        "at TEXT NOT NULL, unpurged INTEGER NOT NULL DEFAULT 0, done TEXT) WITHOUT ROWID"
    )
    db.table("erasure").create_index(["salt"])
