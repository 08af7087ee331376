"""The schema, as numbered steps that are applied once each, in order.

Times are ISO 8601 text in UTC. `mention.n` is the integer that the other tables use for a mention. Analysts read
the view `mention_now`, which joins the latest of everything.
"""

from collections.abc import Iterable

from sqlite_utils import Database, Migrations

from mentions.chain import digest, link, new_salt

migrations = Migrations("tingfeng")
CONTENT = "SELECT id, incident_id, at, actor, kind, reason, data FROM incident_event ORDER BY incident_id, id"


def known_steps() -> list[str]:
    """The names of all steps that this version knows, in order."""
    return sorted(step.name for step in migrations.pending(Database(memory=True)))


def unknown_steps(applied: Iterable[str]) -> list[str]:
    """Those of the applied steps that only a newer version knows, in order."""
    return sorted(set(applied) - set(known_steps()))


@migrations()
def m001_posts(db: Database) -> None:
    """Mentions, their authors, counts over time, scores, and the search index."""
    db.table("author").create(
        {
            "platform": str,
            "id": str,
            "name": str,
            "followers": int,
            "followers_at_least": int,
            "verified": int,
            "verified_type": int,
            "verified_reason": str,
            "updated": str,
        },
        pk=("platform", "id"),
    )
    db.table("mention").create(
        {
            "n": int,
            "id": str,
            "platform": str,
            "source": str,
            "url": str,
            "title": str,
            "text": str,
            "author_platform": str,
            "author_id": str,
            "published": str,
            "first_seen": str,
            "repost_of": str,
            "thread": str,
            "region": str,
            "truncated": int,
        },
        pk="n",
        not_null={"id", "platform", "source", "url", "text", "first_seen"},
    )
    db.table("mention").create_index(["id"], unique=True)
    db.table("mention").create_index(["first_seen"])
    db.execute("CREATE INDEX idx_mention_time ON mention (coalesce(published, first_seen))")
    db.execute("CREATE INDEX idx_mention_repost_of ON mention (repost_of) WHERE repost_of IS NOT NULL")
    db.execute(
        "CREATE TABLE mention_brand (mention INTEGER NOT NULL, brand TEXT NOT NULL, "
        "PRIMARY KEY (mention, brand)) WITHOUT ROWID"
    )
    db.table("mention_brand").create_index(["brand", "mention"])
    db.execute(
        "CREATE TABLE engagement (mention INTEGER NOT NULL, at TEXT NOT NULL, reposts INTEGER, "
        "comments INTEGER, likes INTEGER, views INTEGER, at_least TEXT, "
        "PRIMARY KEY (mention, at)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE revision (mention INTEGER NOT NULL, until TEXT NOT NULL, text TEXT NOT NULL, "
        "PRIMARY KEY (mention, until)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE score (mention INTEGER NOT NULL, at TEXT NOT NULL, model TEXT NOT NULL, "
        "negativity REAL NOT NULL, label TEXT NOT NULL, words TEXT NOT NULL, "
        "PRIMARY KEY (mention, at, model)) WITHOUT ROWID"
    )
    # The index holds bigrams only (the text stands in `mention`), and symbols, so that emoji can be found.
    db.execute(
        "CREATE VIRTUAL TABLE mention_search USING fts5(words, content='', columnsize=0, "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co So'\")"
    )


@migrations()
def m002_work(db: Database) -> None:
    """The queues between the stages, crawl runs, and scheduled jobs."""
    db.execute(
        "CREATE TABLE task (queue TEXT NOT NULL, mention INTEGER NOT NULL, due TEXT NOT NULL, "
        "version INTEGER NOT NULL DEFAULT 1, attempts INTEGER NOT NULL DEFAULT 0, owner TEXT, "
        "lease_until TEXT, error TEXT, quarantined INTEGER NOT NULL DEFAULT 0, "
        "PRIMARY KEY (queue, mention)) WITHOUT ROWID"
    )
    db.table("task").create_index(["queue", "quarantined", "due"])
    db.table("crawl_run").create(
        {
            "id": int,
            "source": str,
            "kind": str,
            "started": str,
            "finished": str,
            "pages": int,
            "seen": int,
            "new": int,
            "blocked": str,
            "cap_hit": int,
            "newest": str,
            "oldest": str,
            "error": str,
            "note": str,
        },
        pk="id",
    )
    db.table("crawl_run").create_index(["source", "kind", "id"])
    db.table("job").create({"name": str, "last_done": str, "last_error": str, "failed_at": str}, pk="name")


@migrations()
def m003_incidents(db: Database) -> None:
    """Findings, incidents with their history, and the outbox."""
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


@migrations()
def m004_views(db: Database) -> None:
    """What analysts read."""
    db.create_view(
        "mention_now",
        """
        SELECT m.id, m.platform, m.source,
               (SELECT group_concat(brand, '|') FROM mention_brand WHERE mention = m.n) AS brands,
               m.published, m.first_seen, m.title, m.text, m.url, m.region, m.repost_of, m.thread,
               a.name AS author, a.followers, a.verified, a.verified_type,
               e.reposts, e.comments, e.likes, e.views, e.at AS counted_at,
               s.negativity, s.label, s.model
        FROM mention m
        LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id
        LEFT JOIN engagement e ON e.mention = m.n
             AND e.at = (SELECT max(at) FROM engagement WHERE mention = m.n)
        LEFT JOIN score s ON s.mention = m.n
             AND s.at = (SELECT max(at) FROM score WHERE mention = m.n)
        """,
    )


@migrations()
def m005_rollups(db: Database) -> None:
    """Counts by hour, brand, platform, label and severity, which triggers keep current."""
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


@migrations()
def m006_life(db: Database) -> None:
    """Legal hold, erasures, and the hash chain under every incident's history."""
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


@migrations()
def m008_hosts(db: Database) -> None:
    """When each host last answered: the pause between two requests holds from one visit to the next."""
    db.execute("CREATE TABLE host (name TEXT PRIMARY KEY, asked TEXT NOT NULL) WITHOUT ROWID")


@migrations()
def m009_sites(db: Database) -> None:
    """Whose turn it is at a host, which are left alone and why, their robots.txt, and versions of pages."""
    db.execute("ALTER TABLE host ADD COLUMN free TEXT")
    db.execute(
        "CREATE TABLE cooling (source TEXT NOT NULL, site TEXT NOT NULL, reason TEXT NOT NULL, "
        "detail TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, times INTEGER NOT NULL, "
        "shared INTEGER NOT NULL, PRIMARY KEY (source, site)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE robots (site TEXT PRIMARY KEY, fetched TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE page_version (source TEXT NOT NULL, url TEXT NOT NULL, asker TEXT NOT NULL, etag TEXT, "
        "modified TEXT, seen TEXT NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID"
    )


@migrations()
def m010_coverage(db: Database) -> None:
    """Looks at queries and how much they miss, refused pages, and what pages are built of."""
    db.table("look").create(
        {
            "id": int,
            "source": str,
            "query": str,
            "run": int,
            "at": str,
            "pages": int,
            "shown": int,
            "known": int,
            "oldest": str,
            "newest": str,
            "cap_hit": int,
            "outcome": str,
            "posts": str,
        },
        pk="id",
    )
    db.table("look").create_index(["source", "query", "id"])
    db.table("look").create_index(["at"])
    db.execute(
        "CREATE TABLE coverage (source TEXT NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL, "
        "capped INTEGER NOT NULL, worked TEXT, basis TEXT, share REAL, low REAL, high REAL, one_look REAL, "
        "looks INTEGER, posts INTEGER, gap_seconds REAL, PRIMARY KEY (source, query)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE refusal (source TEXT NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL, at TEXT NOT NULL, "
        "url TEXT NOT NULL, status INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, "
        "size INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (source, reason, day))"
    )
    db.execute(
        "CREATE TABLE page_shape (source TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, "
        "pages INTEGER NOT NULL, parts TEXT NOT NULL, gone TEXT NOT NULL, changed TEXT NOT NULL, "
        "drift REAL NOT NULL, PRIMARY KEY (source, kind)) WITHOUT ROWID"
    )


@migrations()
def m011_evidence(db: Database) -> None:
    """Copies of posts, posts that are gone, how grave a task is, and what re-reading may still ask of a host."""
    db.execute("ALTER TABLE task ADD COLUMN danger INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "CREATE TABLE evidence (mention INTEGER NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, "
        "kind TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, frozen TEXT, "
        "PRIMARY KEY (mention, sha256))"
    )
    db.execute(
        "CREATE TABLE gone (mention INTEGER NOT NULL, since TEXT NOT NULL, confirmed TEXT, back TEXT, "
        "PRIMARY KEY (mention)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE reread_budget (host TEXT NOT NULL, owed REAL NOT NULL, at TEXT NOT NULL, "
        "PRIMARY KEY (host)) WITHOUT ROWID"
    )


@migrations()
def m012_copies(db: Database) -> None:
    """Which posts say the same, what speaks against them, and roll-ups that tell originals from copies."""
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


@migrations()
def m013_hot(db: Database) -> None:
    """Where entries stood on hot lists, over time."""
    db.execute(
        "CREATE TABLE hot (mention INTEGER NOT NULL, at TEXT NOT NULL, until TEXT, rank INTEGER NOT NULL, "
        "heat INTEGER, tag TEXT NOT NULL, PRIMARY KEY (mention, at)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX idx_hot_standing ON hot (mention) WHERE until IS NULL")


@migrations()
def m014_audience(db: Database) -> None:
    """When it was told how many follow an author; which posts answer another."""
    db.execute("ALTER TABLE author ADD COLUMN followers_at TEXT")
    db.execute("UPDATE author SET followers_at = updated WHERE followers IS NOT NULL")
    db.execute("CREATE INDEX idx_mention_thread ON mention (thread) WHERE thread IS NOT NULL")
