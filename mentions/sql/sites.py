"""What is remembered of the sites that are asked, in SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime

from mentions.sites import Cooling, Sites, Validators
from mentions.sql.database import Database, Row, marks
from mentions.sql.rows import iso, time, time_or_none
from mentions.text import scrub

TAKE = """
INSERT INTO host (name, asked, free) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET asked = excluded.asked, free = excluded.free
WHERE host.free IS NULL OR host.free <= excluded.asked
"""
LEAVE = """
INSERT INTO host (name, asked, free) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET free = excluded.free
"""
COOL = """
INSERT INTO cooling (source, site, reason, detail, since, until, times, shared) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, site) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
    since = excluded.since, until = excluded.until, times = excluded.times, shared = excluded.shared
"""
KEEP = """
INSERT INTO page_version (source, url, asker, etag, modified, seen) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (source, url) DO UPDATE SET asker = excluded.asker, etag = excluded.etag,
    modified = excluded.modified, seen = excluded.seen
"""
KEEP_ROBOTS = """
INSERT INTO robots (site, fetched, text) VALUES (?, ?, ?)
ON CONFLICT (site) DO UPDATE SET fetched = excluded.fetched, text = excluded.text
"""


class SqlSites(Sites):
    """Sites in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take(self, site: str, *, at: datetime, until: datetime) -> datetime | None:
        """See Sites.take."""
        with self._db.transaction(durable=False) as tx:
            if tx.execute(TAKE, (site, iso(at), iso(until))).rowcount:
                return None
            row = tx.execute("SELECT free FROM host WHERE name = ?", (site,)).fetchone()
        return time_or_none(row["free"]) if row else at

    def leave(self, sites: Mapping[str, datetime]) -> None:
        """See Sites.leave."""
        with self._db.transaction(durable=False) as tx:
            tx.executemany(LEAVE, [(site, iso(at), iso(at)) for site, at in sorted(sites.items())])

    def asked(self, sites: Collection[str]) -> dict[str, datetime]:
        """See Sites.asked."""
        names = list(sites)
        if not names:
            return {}
        listed = self._db.rows(f"SELECT name, asked FROM host WHERE name IN ({marks(names)})", names)
        return {row["name"]: time(row["asked"]) for row in listed}

    def cool(self, cooling: Cooling) -> None:
        """See Sites.cool."""
        c = cooling
        row = (c.source, c.site, c.reason, scrub(c.detail), iso(c.since), iso(c.until), c.times, c.shared)
        with self._db.transaction() as tx:
            tx.execute(COOL, row)

    def cooling(self, source: str, site: str | None = None) -> list[Cooling]:
        """See Sites.cooling."""
        sites = "SELECT site FROM cooling WHERE source = ?" if site is None else "?"
        listed = self._db.rows(
            f"SELECT * FROM cooling WHERE site IN ({sites}) AND (source = ? OR shared) "
            "ORDER BY until DESC, source",
            (source if site is None else site, source),
        )
        return [_cooling(row) for row in listed]

    def warm(self, source: str, site: str) -> None:
        """See Sites.warm."""
        with self._db.transaction() as tx:
            tx.execute("DELETE FROM cooling WHERE site = ? AND (source = ? OR shared)", (site, source))

    def warm_all(self, reason: str) -> None:
        """See Sites.warm_all."""
        with self._db.transaction() as tx:
            tx.execute("DELETE FROM cooling WHERE reason = ?", (reason,))

    def robots(self, site: str, since: datetime) -> str | None:
        """See Sites.robots."""
        listed = self._db.rows("SELECT text FROM robots WHERE site = ? AND fetched >= ?", (site, iso(since)))
        return str(listed[0]["text"]) if listed else None

    def keep_robots(self, site: str, text: str, at: datetime) -> None:
        """See Sites.keep_robots."""
        with self._db.transaction(durable=False) as tx:
            tx.execute(KEEP_ROBOTS, (site, iso(at), scrub(text)))

    def validators(self, source: str, asker: str) -> dict[str, Validators]:
        """See Sites.validators."""
        listed = self._db.rows(
            "SELECT url, etag, modified FROM page_version WHERE source = ? AND asker = ?", (source, asker)
        )
        return {row["url"]: Validators(row["etag"], row["modified"]) for row in listed}

    def keep_validators(self, source: str, asker: str, pages: Mapping[str, Validators], at: datetime) -> None:
        """See Sites.keep_validators."""
        rows = [(source, url, asker, kept.etag, kept.modified, iso(at)) for url, kept in sorted(pages.items())]
        with self._db.transaction(durable=False) as tx:
            tx.executemany(KEEP, rows)

    def prune(self, before: datetime) -> None:
        """See Sites.prune."""
        with self._db.transaction() as tx:
            for table, column in (("page_version", "seen"), ("robots", "fetched"), ("host", "asked")):
                tx.execute(f"DELETE FROM {table} WHERE {column} < ?", (iso(before),))
            tx.execute("DELETE FROM cooling WHERE until < ?", (iso(before),))


def _cooling(row: Row) -> Cooling:
    return Cooling(
        source=row["source"],
        site=row["site"],
        reason=row["reason"],
        detail=row["detail"],
        since=time(row["since"]),
        until=time(row["until"]),
        times=row["times"],
        shared=bool(row["shared"]),
    )
