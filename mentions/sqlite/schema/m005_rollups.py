"""Counts by hour, brand, platform, label and severity, which triggers keep current."""

from sqlite_utils import Database


def step(db: Database) -> None:
    for column in (
        "hour TEXT NOT NULL DEFAULT ''",
        "platform TEXT NOT NULL DEFAULT ''",
        "label TEXT NOT NULL DEFAULT 'unscored'",
        "severity INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(f"ALTER TABLE mention_brand ADD COLUMN {column}")
    db.execute(
        """
        UPDATE mention_brand SET
            hour = substr(coalesce(m.published, m.first_seen), 1, 13) || ':00:00.000000+00:00',
            platform = m.platform,
            label = coalesce((SELECT label FROM score WHERE mention = m.n ORDER BY at DESC LIMIT 1), 'unscored'),
            severity = coalesce((SELECT max(severity) FROM finding f
                                 WHERE f.mention_id = m.id AND f.brand = mention_brand.brand), 0)
        FROM mention m WHERE m.n = mention_brand.mention
        """
    )
    db.execute(
        "CREATE TABLE hourly (hour TEXT NOT NULL, brand TEXT NOT NULL, platform TEXT NOT NULL, "
        "label TEXT NOT NULL, severity INTEGER NOT NULL, mentions INTEGER NOT NULL, "
        "PRIMARY KEY (hour, brand, platform, label, severity)) WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO hourly SELECT hour, brand, platform, label, severity, count(*) "
        "FROM mention_brand GROUP BY 1, 2, 3, 4, 5"
    )
    more = (
        "INSERT INTO hourly VALUES (new.hour, new.brand, new.platform, new.label, new.severity, 1) "
        "ON CONFLICT DO UPDATE SET mentions = mentions + 1;"
    )
    less = (
        "UPDATE hourly SET mentions = mentions - 1 WHERE hour = old.hour AND brand = old.brand "
        "AND platform = old.platform AND label = old.label AND severity = old.severity;"
    )
    moved = "new.label <> old.label OR new.severity <> old.severity OR new.hour <> old.hour"
    db.execute(f"CREATE TRIGGER counted_in AFTER INSERT ON mention_brand BEGIN {more} END")
    db.execute(f"CREATE TRIGGER counted_out AFTER DELETE ON mention_brand BEGIN {less} END")
    db.execute(f"CREATE TRIGGER counted_on AFTER UPDATE ON mention_brand WHEN {moved} BEGIN {less} {more} END")
