"""Erasing an author, in SQL: posts with all that is keyed by them, and his traces in incidents and messages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mentions.erasures import Erased, Erasure
from mentions.incidents import IncidentEvent
from mentions.redaction import CANCELLED, ERASED, Trace
from mentions.sql import rows
from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.erasures import Erasures
from mentions.sql.incidents import SqlIncidents
from mentions.sql.removing import Key, Remover
from mentions.sql.rows import BETWEEN_BRANDS, iso, time
from mentions.sql.words import Words

BATCH = 400
MESSAGES = 200
ACTOR = "tingfeng"
ON_HOLD = (
    "EXISTS (SELECT 1 FROM incident_mention h JOIN incident i ON i.id = h.incident_id "
    "WHERE h.mention_id = m.id AND i.hold IS NOT NULL)"
)
NOTHING_LEFT = rows.dumps({"terms": [], "words": [], "erased": True})


@dataclass(frozen=True, slots=True)
class _Batch:
    """Posts that are erased together."""

    keys: list[Key]
    ids: list[str]
    urls: frozenset[str]
    matters: list[str]
    """The keys of incidents that one of these posts could have opened."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """An erasure that is being done: under what digest it is remembered, by what names the author is known."""

    erasure: Erasure
    named: str
    names: frozenset[str]
    queues: list[str]
    told: Erased
    now: datetime

    def trace(self, batch: _Batch | None = None) -> Trace:
        """What to look for in texts."""
        e = self.erasure
        if batch is None:
            return Trace(e.platform, e.author, e.at, self.names)
        return Trace(e.platform, e.author, e.at, self.names, frozenset(batch.ids), batch.urls)


class Eraser:
    """Erases authors. What belongs to an incident on legal hold is left, and told."""

    def __init__(
        self,
        db: Database,
        words: Words,
        remover: Remover,
        incidents: SqlIncidents,
        lock: Callable[[Transaction], None],
    ) -> None:
        self._db = db
        self._words = words
        self._remover = remover
        self._incidents = incidents
        self._lock = lock
        self.erasures = Erasures(db)

    def erase(self, erasure: Erasure, now: datetime) -> tuple[Erased, set[datetime]]:
        """All but the purge; also the times at which the posts were first seen."""
        told = Erased()
        with self._db.transaction() as tx:
            named = self.erasures.remember(tx, erasure)
            tx.execute("DELETE FROM refusal")  # whole pages: any of them may show what is to be forgotten
        wish = _Wish(erasure, named, self._names(erasure), self._remover.queues(), told, now)
        batches: list[_Batch] = []
        held: set[int] = set()
        # Twice: a stage that had read a post before it went may have written of it since.
        for again in (False, True):
            for batch in batches:
                self._erase(wish, batch)
            while (batch := self._batch(erasure)).ids:
                batches.append(batch)
                if not again:
                    told.quoted += self._quoted(erasure, batch)
                self._erase(wish, batch)
            held |= self._messages(wish)
        held |= self._held_posts(erasure, told)
        told.held = tuple(sorted(held))
        if not held:
            with self._db.transaction() as tx:
                self._remover.forget_authors(tx, [(erasure.platform, erasure.author)])
        return told, {time(key[1]) for batch in batches for key in batch.keys}  # type: ignore[arg-type]

    def _names(self, erasure: Erasure) -> frozenset[str]:
        found = self._db.rows(
            "SELECT name FROM author WHERE platform = ? AND id = ?", (erasure.platform, erasure.author)
        )
        return frozenset(row["name"] for row in found if row["name"])

    def _theirs(self, erasure: Erasure) -> tuple[str, list[object]]:
        """What the author wrote until then."""
        where = (
            "m.author_platform = ? AND m.author_id = ? "
            "AND (m.first_seen <= ? OR m.published IS NULL OR m.published < ?)"
        )
        return where, [erasure.platform, erasure.author, iso(erasure.at), iso(erasure.at)]

    def _batch(self, erasure: Erasure) -> _Batch:
        where, values = self._theirs(erasure)
        found = self._db.rows(
            f"SELECT m.n, m.first_seen, m.id, m.url, (SELECT {self._words.joined_brands} FROM mention_brand b "
            f"WHERE {self._words.of_mention.format('b')}) AS brands "
            f"FROM mention m WHERE {where} AND NOT {ON_HOLD} LIMIT {BATCH}",
            values,
        )
        return _Batch(
            keys=[(row["n"], row["first_seen"]) for row in found],
            ids=[row["id"] for row in found],
            urls=frozenset(row["url"] for row in found if row["url"]),
            matters=[
                f"post:{row['id']}:{brand}"
                for row in found
                for brand in (row["brands"] or "").split(BETWEEN_BRANDS)
            ],
        )

    def _quoted(self, erasure: Erasure, batch: _Batch) -> int:
        found = self._db.rows(
            f"SELECT count(*) AS n FROM mention m WHERE m.repost_of IN ({marks(batch.ids)}) "
            "AND NOT (m.author_platform = ? AND m.author_id = ?)",
            (*batch.ids, erasure.platform, erasure.author),
        )
        return int(found[0]["n"])

    def _erase(self, wish: _Wish, batch: _Batch) -> None:
        """One batch, in one transaction; doing it again does no harm."""
        with self._db.transaction() as tx:
            self._lock(tx)
            held = tx.execute(
                f"SELECT m.n FROM mention m WHERE m.id IN ({marks(batch.ids)}) AND {ON_HOLD}", batch.ids
            ).fetchall()
            if held:
                return  # placed since the batch was read: the next look leaves these out
            for incident_id in self._touched(tx, batch):
                self._redact(tx, incident_id, batch, wish)
            tx.execute("UPDATE erasure SET unpurged = 1 WHERE author = ?", (wish.named,))
            wish.told.mentions += self._remover.remove(tx, batch.keys, queues=wish.queues)

    def _touched(self, tx: Transaction, batch: _Batch) -> list[int]:
        """The incidents, none of them on hold, that say something of these posts."""
        found: set[int] = set()
        for column, table, values in (
            ("mention_id", "incident_mention", batch.ids),
            ("key", "finding", batch.matters),
            ("key", "incident", batch.matters),
        ):
            named = "id" if table == "incident" else "incident_id"
            listed = tx.execute(
                f"SELECT DISTINCT {named} AS n FROM {table} WHERE {column} IN ({marks(values)})", values
            ).fetchall()
            found |= {row["n"] for row in listed}
        ids = sorted(found)
        if not ids:
            return []
        free = tx.execute(f"SELECT id FROM incident WHERE hold IS NULL AND id IN ({marks(ids)})", ids).fetchall()
        return sorted(row["id"] for row in free)

    def _redact(self, tx: Transaction, incident_id: int, batch: _Batch, wish: _Wish) -> None:
        """Leave of the posts in an incident that there were some, and say in its history that they were erased."""
        findings = tx.execute(
            "UPDATE finding SET mention_id = NULL, evidence = ? "
            f"WHERE incident_id = ? AND mention_id IN ({marks(batch.ids)})",
            (NOTHING_LEFT, incident_id, *batch.ids),
        ).rowcount
        posts = tx.execute(
            f"DELETE FROM incident_mention WHERE incident_id = ? AND mention_id IN ({marks(batch.ids)})",
            (incident_id, *batch.ids),
        ).rowcount
        self._rename(tx, incident_id, batch)
        events = self._redact_events(tx, incident_id, wish.trace(batch))
        wish.told.findings += findings
        wish.told.events += len(events)
        if findings or posts or events:
            data = {"posts": posts, "events": events}
            self._incidents.add_event(
                IncidentEvent(incident_id, wish.now, ACTOR, "erased", "at the author's request", data)
            )

    def _rename(self, tx: Transaction, incident_id: int, batch: _Batch) -> None:
        """A matter that is called after a post is called after its incident."""
        for matter in self._matters(tx, incident_id) & set(batch.matters):
            instead = f"post:{ERASED}:{incident_id}:{matter.rpartition(':')[2]}"
            tx.execute(
                "UPDATE finding SET key = ? WHERE incident_id = ? AND key = ?", (instead, incident_id, matter)
            )
            tx.execute("UPDATE incident SET key = ? WHERE id = ? AND key = ?", (instead, incident_id, matter))

    @staticmethod
    def _matters(tx: Transaction, incident_id: int) -> set[str]:
        listed = tx.execute(
            "SELECT key FROM finding WHERE incident_id = ? UNION SELECT key FROM incident WHERE id = ?",
            (incident_id, incident_id),
        ).fetchall()
        return {row["key"] for row in listed}

    @staticmethod
    def _redact_events(tx: Transaction, incident_id: int, trace: Trace) -> list[int]:
        """Take the author out of the history. Without its salt an event's digest says nothing of what it was."""
        changed = []
        listed = tx.execute(
            "SELECT id, kind, reason, CAST(data AS text) AS data FROM incident_event WHERE incident_id = ?",
            (incident_id,),
        ).fetchall()
        for row in listed:
            data = rows.loads(row["data"])
            left, reason = trace.event(data), trace.clean(row["reason"])
            if (left, reason) != (data, row["reason"]):
                changed.append(row["id"])
                tx.execute(
                    "UPDATE incident_event SET reason = ?, data = ?, salt = NULL WHERE id = ?",
                    (reason, rows.dumps(left), row["id"]),
                )
        return changed

    def _messages(self, wish: _Wish) -> set[int]:
        """Take the author out of all messages; returns the incidents on hold whose messages name him."""
        trace = wish.trace()
        quoted = rows.dumps(trace.author).replace("!", "!!").replace("%", "!%").replace("_", "!_")
        held: set[int] = set()
        after = 0
        while True:
            with self._db.transaction() as tx:
                self._lock(tx)
                listed = tx.execute(
                    "SELECT n.id, n.incident_id, n.payload, n.state, n.created, i.hold FROM notification n "
                    "LEFT JOIN incident i ON i.id = n.incident_id "
                    "WHERE n.id > ? AND CAST(n.payload AS text) LIKE ? ESCAPE '!' ORDER BY n.id LIMIT ?",
                    (after, f'%"id":{quoted}%', MESSAGES),
                ).fetchall()
                named_in = [row for row in listed if _names(trace, row)]
                held |= {row["incident_id"] for row in named_in if row["hold"] is not None}
                free = [row for row in named_in if row["hold"] is None]
                for row in free:
                    self._redact_message(tx, trace, row, wish.told)
                if free:
                    tx.execute("UPDATE erasure SET unpurged = 1 WHERE author = ?", (wish.named,))
            if not listed:
                return held
            after = listed[-1]["id"]

    @staticmethod
    def _redact_message(tx: Transaction, trace: Trace, row: Row, told: Erased) -> None:
        facts = rows.loads(row["payload"])
        tx.execute(
            "UPDATE notification SET payload = ? WHERE id = ?", (rows.dumps(trace.payload(facts)), row["id"])
        )
        told.messages += 1
        told.sent += row["state"] == "sent"
        if trace.wrote(facts) and row["state"] not in {"sent", "cancelled"}:
            told.cancelled += 1
            tx.execute(
                "UPDATE notification SET state = 'cancelled', last_error = ?, lease_until = NULL WHERE id = ?",
                (CANCELLED, row["id"]),
            )

    def _held_posts(self, erasure: Erasure, told: Erased) -> set[int]:
        where, values = self._theirs(erasure)
        found = self._db.rows(
            "SELECT DISTINCT m.id, i.id AS incident_id FROM mention m "
            "JOIN incident_mention h ON h.mention_id = m.id JOIN incident i ON i.id = h.incident_id "
            f"WHERE {where} AND i.hold IS NOT NULL",
            values,
        )
        told.kept = len({row["id"] for row in found})
        return {row["incident_id"] for row in found}


def _names(trace: Trace, row: Row) -> bool:
    """Whether a message tells of the author as he was before he asked to be forgotten."""
    facts = rows.loads(row["payload"])
    post = facts.get("mention") or {}
    if post.get("platform") != trace.platform.partition(":")[0]:
        return False
    if trace.wrote(facts):
        return True
    people = [post.get("author"), *facts.get("voices", ())]
    return time(row["created"]) <= trace.until and any(trace.concerns(person) for person in people)
