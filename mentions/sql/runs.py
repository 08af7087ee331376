"""Crawl runs and scheduled jobs, in SQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from mentions.runs import CrawlRun, Freshness, Owed, Runs
from mentions.sql import rows
from mentions.sql.database import Database, marks
from mentions.sql.rows import iso, iso_or_none, time, time_or_none
from mentions.text import scrub

LOOKS = ("crawl", "push")
"""Kinds of runs that show whether a source is alive; one source has runs of one of them."""

COOLING = "cooling"
"""The reason under which pages are counted that were not asked for."""


class SqlRuns(Runs):
    """Runs in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def start(self, source: str, at: datetime, kind: str = "crawl") -> CrawlRun:
        """See Runs.start."""
        with self._db.transaction() as tx:
            row = tx.execute(
                "INSERT INTO crawl_run (source, kind, started, pages, seen, new, blocked, cap_hit) "
                "VALUES (?, ?, ?, 0, 0, 0, '{}', ?) RETURNING *",
                (source, kind, iso(at), False),
            ).fetchone()
        return rows.crawl_run(row)

    def finish(self, run: CrawlRun) -> None:
        """See Runs.finish."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE crawl_run SET finished = ?, pages = ?, seen = ?, new = ?, blocked = ?, cap_hit = ?, "
                "newest = ?, oldest = ?, error = ?, note = ? WHERE id = ?",
                (
                    iso_or_none(run.finished),
                    run.pages,
                    run.seen,
                    run.new,
                    rows.dumps(run.blocked),
                    run.cap_hit,
                    iso_or_none(run.newest),
                    iso_or_none(run.oldest),
                    None if run.error is None else scrub(run.error),
                    None if run.note is None else scrub(run.note),
                    run.id,
                ),
            )

    def take_over(self, source: str, at: datetime) -> bool:
        """See Runs.take_over."""
        with self._db.transaction() as tx:
            closed = tx.execute(
                "UPDATE crawl_run SET finished = ?, error = 'The process died during this visit.' "
                "WHERE source = ? AND finished IS NULL",
                (iso(at), source),
            )
            return closed.rowcount > 0

    def owed(self, hosts: Collection[str]) -> dict[str, Owed]:
        """See Runs.owed."""
        names = list(hosts)
        if not names:
            return {}
        listed = self._db.rows(f"SELECT host, owed, at FROM reread_budget WHERE host IN ({marks(names)})", names)
        return {row["host"]: Owed(row["owed"], time(row["at"])) for row in listed}

    def owe(self, hosts: Mapping[str, Owed]) -> None:
        """See Runs.owe."""
        with self._db.transaction(durable=False) as tx:
            tx.executemany(
                "INSERT INTO reread_budget (host, owed, at) VALUES (?, ?, ?) "
                "ON CONFLICT (host) DO UPDATE SET owed = excluded.owed, at = excluded.at",
                [(host, owed.requests, iso(owed.at)) for host, owed in sorted(hosts.items())],
            )

    def recent(self, source: str | None = None, limit: int = 20) -> list[CrawlRun]:
        """See Runs.recent."""
        listed = self._db.rows(
            f"SELECT * FROM crawl_run {'' if source is None else 'WHERE source = ? '}ORDER BY id DESC LIMIT ?",
            [limit] if source is None else [source, limit],
        )
        return [rows.crawl_run(row) for row in listed]

    def telling(self, source: str, refusals: Collection[str], limit: int) -> list[CrawlRun]:
        """See Runs.telling."""
        met = " OR ".join(["CAST(blocked AS text) LIKE ?"] * len(refusals))
        listed = self._db.rows(
            "SELECT * FROM crawl_run WHERE source = ? AND kind = 'crawl' AND finished IS NOT NULL "
            f"AND ({met} OR (pages > 0 AND CAST(blocked AS text) NOT LIKE ?)) ORDER BY id DESC LIMIT ?",
            (source, *(_named(reason) for reason in refusals), _named(COOLING), limit),
        )
        return [rows.crawl_run(row) for row in listed]

    def freshness(self, sources: Sequence[str]) -> list[Freshness]:
        """See Runs.freshness."""
        return [self._freshness(source) for source in sources]

    def _freshness(self, source: str) -> Freshness:
        last = self._last(source, "started IS NOT NULL")
        success = self._last(source, "pages > 0 AND error IS NULL")
        new = self._last(source, "new > 0")
        newest = self._last(source, "newest IS NOT NULL")
        cooling = self._db.rows(
            "SELECT until, reason FROM cooling WHERE source = ? ORDER BY until DESC LIMIT 1", (source,)
        )
        return Freshness(
            source=source,
            last_run=last.finished if last else None,
            last_success=success.finished if success else None,
            last_new=new.finished if new else None,
            newest_post=newest.newest if newest else None,
            cap_hit=bool(last and last.cap_hit),
            blocked=last.blocked if last else {},
            error=last.error if last else None,
            success_began=success.started if success else None,
            cooling_until=time_or_none(cooling[0]["until"]) if cooling else None,
            cooling_reason=cooling[0]["reason"] if cooling else "",
        )

    def _last(self, source: str, condition: str) -> CrawlRun | None:
        """The latest finished look at what is new that meets a condition; the index is walked from its end."""
        for kind in LOOKS:
            listed = self._db.rows(
                "SELECT * FROM crawl_run WHERE source = ? AND kind = ? AND finished IS NOT NULL "
                f"AND {condition} ORDER BY id DESC LIMIT 1",
                (source, kind),
            )
            if listed:
                return rows.crawl_run(listed[0])
        return None

    def first_start(self, source: str) -> datetime | None:
        """See Runs.first_start."""
        listed = self._db.rows(
            "SELECT started FROM crawl_run WHERE source = ? AND kind <> 'reread' ORDER BY id LIMIT 1", (source,)
        )
        return time_or_none(listed[0]["started"]) if listed else None

    def last_start(self, source: str) -> datetime | None:
        """See Runs.last_start."""
        listed = self._db.rows(
            "SELECT started FROM crawl_run WHERE source = ? AND kind = 'crawl' ORDER BY id DESC LIMIT 1", (source,)
        )
        return time_or_none(listed[0]["started"]) if listed else None

    def last_done(self, job: str) -> datetime | None:
        """See Runs.last_done."""
        listed = self._db.rows("SELECT last_done FROM job WHERE name = ?", (job,))
        return time_or_none(listed[0]["last_done"]) if listed else None

    def last_failed(self, job: str) -> datetime | None:
        """See Runs.last_failed."""
        listed = self._db.rows("SELECT failed_at FROM job WHERE name = ?", (job,))
        return time_or_none(listed[0]["failed_at"]) if listed else None

    def job_done(self, job: str, at: datetime, error: str | None = None) -> None:
        """See Runs.job_done."""
        done, failed = (iso(at), None) if error is None else (None, iso(at))
        with self._db.transaction() as tx:
            tx.execute(
                "INSERT INTO job (name, last_done, last_error, failed_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET last_done = coalesce(excluded.last_done, job.last_done), "
                "last_error = excluded.last_error, failed_at = coalesce(excluded.failed_at, job.failed_at)",
                (job, done, None if error is None else scrub(error), failed),
            )

    def job_errors(self) -> dict[str, str]:
        """See Runs.job_errors."""
        listed = self._db.rows("SELECT name, last_error FROM job WHERE last_error IS NOT NULL ORDER BY name")
        return {row["name"]: row["last_error"] for row in listed}


def _named(reason: str) -> str:
    """How a reason stands among the keys of `blocked`."""
    return f'%"{reason}"%'
