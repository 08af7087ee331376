"""Which posts say the same, what speaks against them, and roll-ups that tell originals from copies."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.execute(
        "CREATE TABLE fingerprint (mention INTEGER PRIMARY KEY, hash INTEGER, origin INTEGER, "
        "distance INTEGER, at TEXT)"
    )
    # All that a look-up reads stands in the index: 72 rows of the table itself would be as many pages.
    for block in range(4):
        db.execute(
            f"CREATE INDEX idx_fingerprint_block_{block} ON fingerprint "
            f"(((hash >> {16 * block}) & 65535), mention, hash, origin) WHERE origin IS NULL AND hash IS NOT NULL"
        )
    db.execute("CREATE INDEX idx_fingerprint_origin ON fingerprint (origin, mention) WHERE origin IS NOT NULL")
    db.execute(
        "CREATE TABLE authenticity (mention INTEGER PRIMARY KEY, at TEXT NOT NULL, value REAL NOT NULL, "
        "reasons TEXT NOT NULL)"
    )
    for trigger in ("in", "out", "on"):
        db.execute(f"DROP TRIGGER counted_{trigger}")
    db.execute("ALTER TABLE mention_brand ADD COLUMN original INTEGER NOT NULL DEFAULT 1")
    db.execute("ALTER TABLE hourly RENAME TO hourly_before")
    db.execute(
        "CREATE TABLE hourly (hour TEXT NOT NULL, brand TEXT NOT NULL, platform TEXT NOT NULL, "
        "label TEXT NOT NULL, severity INTEGER NOT NULL, original INTEGER NOT NULL, mentions INTEGER NOT NULL, "
        "PRIMARY KEY (hour, brand, platform, label, severity, original)) WITHOUT ROWID"
    )
    db.execute("INSERT INTO hourly SELECT hour, brand, platform, label, severity, 1, mentions FROM hourly_before")
    db.execute("DROP TABLE hourly_before")
    more = (
        "INSERT INTO hourly VALUES (new.hour, new.brand, new.platform, new.label, new.severity, new.original, 1) "
        "ON CONFLICT DO UPDATE SET mentions = mentions + 1;"
    )
    less = (
        "UPDATE hourly SET mentions = mentions - 1 WHERE hour = old.hour AND brand = old.brand "
        "AND platform = old.platform AND label = old.label AND severity = old.severity "
        "AND original = old.original;"
    )
    kept = ("label", "severity", "hour", "original")
    moved = " OR ".join(f"new.{column} <> old.{column}" for column in kept)
    db.execute(f"CREATE TRIGGER counted_in AFTER INSERT ON mention_brand BEGIN {more} END")
    db.execute(f"CREATE TRIGGER counted_out AFTER DELETE ON mention_brand BEGIN {less} END")
    db.execute(f"CREATE TRIGGER counted_on AFTER UPDATE ON mention_brand WHEN {moved} BEGIN {less} {more} END")
