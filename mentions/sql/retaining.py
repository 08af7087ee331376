"""Retention, in SQL: what is due goes, a batch a transaction; the decisions are those of `mentions.life`."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

from mentions.life import (
    Case,
    Kind,
    Retained,
    Retention,
    Verdict,
    ago,
    incident_verdict,
    mention_verdict,
    protection,
)
from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.removing import Key, Remover
from mentions.sql.rows import BETWEEN_BRANDS, iso, time, time_or_none
from mentions.sql.words import Words, chunks

BATCH = 500
"""Mentions that are looked at together, and deleted in one transaction."""
INCIDENT_BATCH = 20
COUNTED = ("engagement", "hot")
"""Tables of snapshots, of which the last one of each post stays."""
OF_INCIDENT = ("finding", "incident_mention", "incident_event", "notification")
NEWEST_RUNS = (
    "started IS NOT NULL",
    "finished IS NOT NULL",
    "finished IS NOT NULL AND pages > 0 AND error IS NULL",
    "finished IS NOT NULL AND new > 0",
    "finished IS NOT NULL AND newest IS NOT NULL",
)
"""Of each source the last run that met one of these says how fresh it is: it stays, however old."""


@dataclass(frozen=True, slots=True)
class _Post:
    """A mention, as far as its life depends on it."""

    key: Key
    id: str
    first_seen: datetime
    brands: tuple[str, ...]
    author: tuple[str, str] | None


class Retainer:
    """Deletes what is due."""

    def __init__(
        self,
        db: Database,
        words: Words,
        remover: Remover,
        lock: Callable[[Transaction], None],
        *,
        between: Callable[[], object],
        give_way: float,
    ) -> None:
        """Take what is to be done between two batches, and the share of a batch's time that others get then."""
        self._db = db
        self._words = words
        self._remover = remover
        self._lock = lock
        self._between = between
        self._give_way = give_way

    def incidents(self, told: Retained, rules: Retention, now: datetime, *, dry_run: bool) -> None:
        """Delete incidents whose time is over, with all that was written about them."""
        shortest = rules.shortest("incidents")
        if shortest is None:
            return
        after = 0
        while listed := self._db.rows(
            "SELECT id, brand, state, resolved, hold FROM incident WHERE state = 'resolved' AND resolved <= ? "
            "AND id > ? ORDER BY id LIMIT ?",
            (iso(ago(shortest, now)), after, INCIDENT_BATCH),
        ):
            after = listed[-1]["id"]
            due = [c.incident_id for c in map(_case, listed) if _is_due(c, rules, now)]
            if dry_run:
                told.incidents += len(due)
            elif due:
                told.incidents += self._delete_incidents(due, rules, now)

    def _delete_incidents(self, ids: Sequence[int], rules: Retention, now: datetime) -> int:
        with self._paced() as tx:
            self._lock(tx)
            found = tx.execute(
                f"SELECT id, brand, state, resolved, hold FROM incident WHERE id IN ({marks(ids)})", ids
            ).fetchall()
            due = [c.incident_id for c in map(_case, found) if _is_due(c, rules, now)]
            if not due:
                return 0
            held = tx.execute(
                f"SELECT DISTINCT mention_id FROM incident_mention WHERE incident_id IN ({marks(due)})", due
            ).fetchall()
            for table in OF_INCIDENT:
                tx.execute(f"DELETE FROM {table} WHERE incident_id IN ({marks(due)})", due)
            tx.execute(f"DELETE FROM incident WHERE id IN ({marks(due)})", due)
            self._lower_severity(tx, [row["mention_id"] for row in held])
        return len(due)

    def _lower_severity(self, tx: Transaction, mention_ids: Sequence[str]) -> None:
        """Let the roll-ups count mentions under the gravest of the findings that are left."""
        gravest = (
            "coalesce((SELECT max(f.severity) FROM incident_mention h JOIN finding f "
            "ON f.incident_id = h.incident_id AND f.mention_id = h.mention_id "
            f"JOIN {self._db.KEYS} k ON k.id = h.mention_id "
            "WHERE k.n = mention_brand.mention AND f.brand = mention_brand.brand), 0)"
        )
        for ids in chunks(mention_ids):
            tx.execute(
                f"UPDATE mention_brand SET severity = {gravest} WHERE severity <> 0 AND mention IN "
                f"(SELECT n FROM {self._db.KEYS} WHERE id IN ({marks(ids)}))",
                ids,
            )

    def posts(self, told: Retained, rules: Retention, now: datetime, *, dry_run: bool) -> None:
        """Delete posts whose time is over, and thin what is known of the others."""
        shortest = rules.shortest("mentions", "engagement", "revisions")
        if shortest is None:
            return
        queues = self._remover.queues()
        for page in self._walk(ago(shortest, now)):
            due, left = self._sorted(page, rules, now, told)
            for table in COUNTED:
                told.engagement += self._thin(table, left, rules, now, dry_run=dry_run)
            told.revisions += self._thin("revision", left, rules, now, dry_run=dry_run)
            if due and dry_run:
                told.mentions += len(due)
            elif due:
                with self._paced() as tx:
                    self._lock(tx)
                    # Asked again: an incident may have taken one of them since.
                    kept = self._protected([post.id for post in due], rules, now)
                    still = [post for post in due if post.id not in kept]
                    told.mentions += self._remover.remove(tx, [post.key for post in still], queues=queues)
                    authors = [post.author for post in still if post.author is not None]
                    told.authors += self._remover.forget_authors(tx, authors, seen_by=now)

    def _walk(self, before: datetime) -> Iterator[list[_Post]]:
        """The mentions first seen before then, a batch at a time, oldest first."""
        after: tuple[object, int] | None = None
        while True:
            beyond = "" if after is None else "AND (m.first_seen, m.n) > (?, ?) "
            # The bound on first_seen alone spares PostgreSQL the partitions that were walked.
            since = "" if after is None else "AND m.first_seen >= ? "
            found = self._db.rows(
                "SELECT m.n, m.id, m.first_seen, m.author_platform, m.author_id, "
                f"(SELECT {self._words.joined_brands} FROM mention_brand b "
                f"WHERE {self._words.of_mention.format('b')}) AS brands "
                f"FROM mention m WHERE m.first_seen <= ? {since}{beyond}ORDER BY m.first_seen, m.n LIMIT ?",
                (iso(before), *(() if after is None else (after[0], *after)), BATCH),
            )
            if not found:
                return
            after = (found[-1]["first_seen"], found[-1]["n"])
            yield [_post(row) for row in found]

    def _sorted(
        self, page: Sequence[_Post], rules: Retention, now: datetime, told: Retained
    ) -> tuple[list[_Post], list[_Post]]:
        """Those that go, and those that stay although what is known of them may be thinned."""
        kept = self._protected([post.id for post in page], rules, now)
        due, left = [], []
        for post in page:
            verdict = mention_verdict(post.first_seen, post.brands, kept.get(post.id), rules, now)
            told.keep(verdict)
            if verdict is Verdict.DUE:
                due.append(post)
            elif post.id not in kept:  # the curve and the edits of an incident's post are evidence
                left.append(post)
        return due, left

    def _protected(self, mention_ids: Sequence[str], rules: Retention, now: datetime) -> dict[str, Verdict]:
        """Those of the mentions that an incident keeps, and why."""
        cases: dict[str, list[Case]] = defaultdict(list)
        for row in self._db.rows(
            "SELECT h.mention_id, i.id, i.brand, i.state, i.resolved, i.hold FROM incident_mention h "
            f"JOIN incident i ON i.id = h.incident_id WHERE h.mention_id IN ({marks(mention_ids)})",
            mention_ids,
        ):
            cases[row["mention_id"]].append(_case(row))
        found = {mention: protection(of, rules, now) for mention, of in cases.items()}
        return {mention: verdict for mention, verdict in found.items() if verdict is not None}

    def _thin(self, table: str, posts: Sequence[_Post], rules: Retention, now: datetime, *, dry_run: bool) -> int:
        """Delete snapshots (but the last one of each post) or revisions that are older than their time."""
        kind: Kind = "engagement" if table in COUNTED else "revisions"
        when = "at" if table in COUNTED else "until"
        by_length: dict[timedelta, list[Key]] = defaultdict(list)
        for post in posts:
            length = rules.time(kind, post.brands)
            if length is not None and now - post.first_seen >= length:
                by_length[length].append(post.key)
        later = (
            f"SELECT 1 FROM {table} x WHERE {self._words.same.format('x', table)} AND x.{when} > {table}.{when}"
        )
        but_the_last = f" AND EXISTS ({later})" if table in COUNTED else ""
        gone = 0
        for length, keys in by_length.items():
            within, bounds = self._words.within(table, keys)
            where = f"WHERE mention IN ({marks(keys)}){within} AND {table}.{when} < ?{but_the_last}"
            values = (*(n for n, _ in keys), *bounds, iso(ago(length, now)))
            many = self._db.rows(f"SELECT count(*) AS n FROM {table} {where}", values)[0]["n"]
            if many and dry_run:
                gone += many
            elif many:
                with self._paced() as tx:
                    gone += tx.execute(f"DELETE FROM {table} {where}", values).rowcount
        return gone

    def copies(self, told: Retained, rules: Retention, now: datetime, *, dry_run: bool) -> None:
        """Delete copies of posts that no incident needs, once they are older than `raw`."""
        if rules.raw is None:
            return
        old, after = iso(ago(rules.raw, now)), (-1, "")
        where = f"FROM evidence e JOIN {self._db.KEYS} k ON k.n = e.mention WHERE e.at < ?"
        while listed := self._db.rows(
            f"SELECT e.mention, e.sha256, k.id {where} AND (e.mention, e.sha256) > (?, ?) "
            "ORDER BY e.mention, e.sha256 LIMIT ?",
            (old, *after, BATCH),
        ):
            after = (listed[-1]["mention"], listed[-1]["sha256"])
            ids = sorted({row["id"] for row in listed})
            kept = self._protected(ids, rules, now)
            if dry_run:
                told.copies += sum(row["id"] not in kept for row in listed)
            elif any(row["id"] not in kept for row in listed):
                with self._paced() as tx:
                    self._lock(tx)
                    kept = self._protected(ids, rules, now)  # asked again, as for posts
                    due = [(row["mention"], row["sha256"]) for row in listed if row["id"] not in kept]
                    tx.executemany("DELETE FROM evidence WHERE mention = ? AND sha256 = ?", due)
                    told.copies += len(due)

    def runs(self, told: Retained, before: datetime, *, dry_run: bool) -> None:
        """Delete crawl runs, but of each source those that say how fresh it is."""
        newest = " UNION ".join(
            f"SELECT max(id) FROM crawl_run WHERE kind <> 'reread' AND {met} GROUP BY source"
            for met in NEWEST_RUNS
        )
        where = f"started < ? AND id NOT IN ({newest})"
        if dry_run:
            told.runs = self._db.rows(f"SELECT count(*) AS n FROM crawl_run WHERE {where}", (iso(before),))[0]["n"]
            return
        while True:
            with self._paced() as tx:
                gone = tx.execute(
                    f"DELETE FROM crawl_run WHERE id IN (SELECT id FROM crawl_run WHERE {where} "
                    "ORDER BY id LIMIT 5000)",
                    (iso(before),),
                ).rowcount
            told.runs += gone
            if not gone:
                return

    def _paced(self) -> "_Paced":
        return _Paced(self._db, self._between, self._give_way)


class _Paced:
    """A transaction of housekeeping, which can be done again: quick to commit, and then others get their turn."""

    def __init__(self, db: Database, between: Callable[[], object], give_way: float) -> None:
        self._opened = db.transaction(durable=False)
        self._between = between
        self._give_way = give_way
        self._began = monotonic()

    def __enter__(self) -> Transaction:
        return self._opened.__enter__()

    def __exit__(self, *raised: object) -> None:
        self._opened.__exit__(*raised)  # type: ignore[arg-type]
        self._between()
        # SQLite's waiting writers look again after 0.1 s at most; one that never pauses would starve them.
        sleep(self._give_way * (monotonic() - self._began))


def _post(row: Row) -> _Post:
    author = None if row["author_id"] is None else (row["author_platform"], row["author_id"])
    brands = tuple(row["brands"].split(BETWEEN_BRANDS)) if row["brands"] else ()
    return _Post((row["n"], row["first_seen"]), row["id"], time(row["first_seen"]), brands, author)


def _case(row: Row) -> Case:
    resolved = time_or_none(row["resolved"]) if row["state"] == "resolved" else None
    return Case(row["id"], row["brand"], resolved, row["hold"] is not None)


def _is_due(case: Case, rules: Retention, now: datetime) -> bool:
    return incident_verdict(case, rules, now) is Verdict.DUE
