"""Retention, legal hold and the proof of histories, in SQL; each database purges and tidies in its own way."""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from mentions.chain import Broken, Link, broken
from mentions.erasures import Erased, Erasure
from mentions.incidents import IncidentEvent
from mentions.life import Life, Retained, Retention, ago
from mentions.sql.database import Database, Row, Transaction
from mentions.sql.erasing import Eraser
from mentions.sql.incidents import SqlIncidents
from mentions.sql.removing import Remover
from mentions.sql.retaining import Retainer
from mentions.sql.rows import iso, loads, time
from mentions.sql.words import Words


class SqlLife(Life):
    """Life in SQL."""

    GIVE_WAY: ClassVar[float]
    """The share of its own time that retention leaves to other writers between two batches."""

    def __init__(self, db: Database, words: Words, incidents: SqlIncidents) -> None:
        self._db = db
        self._incidents = incidents
        remover = Remover(db, words, self._unindex)
        self._retainer = Retainer(db, words, remover, self._lock, between=self._between, give_way=self.GIVE_WAY)
        self._eraser = Eraser(db, words, remover, incidents, self._lock)

    @abstractmethod
    def _unindex(self, tx: Transaction, rows: Sequence[Row]) -> None:
        """Make the search index forget these mentions (n, title, text)."""

    @abstractmethod
    def _lock(self, tx: Transaction) -> None:
        """Let nobody else place a hold, retain or erase until the transaction ends."""

    @abstractmethod
    def _between(self) -> object:
        """What has to be done between two batches."""

    @abstractmethod
    def _check_room(self) -> None:
        """StoreError where `_purge` would not have the room that it needs."""

    @abstractmethod
    def _purge(self, months: Collection[datetime]) -> None:
        """Leave no trace of deleted rows in the database's files; of posts first seen in these months."""

    @abstractmethod
    def _tidy(self, now: datetime) -> int:
        """Remove what holds nothing any more; returns how many months were dropped."""

    def retain(self, rules: Retention, *, now: datetime, dry_run: bool = False) -> Retained:
        """See Life.retain."""
        told = Retained()
        self._retainer.incidents(told, rules, now, dry_run=dry_run)
        self._retainer.posts(told, rules, now, dry_run=dry_run)
        self._retainer.copies(told, rules, now, dry_run=dry_run)
        if rules.runs is not None:
            self._retainer.runs(told, ago(rules.runs, now), dry_run=dry_run)
        if not dry_run:
            self._complete(told, now)
            told.months = self._tidy(now)
        return told

    def _complete(self, told: Retained, now: datetime) -> None:
        """Erase what a legal hold had suspended, or a killed process left."""
        erasures = self._eraser.erasures
        before = erasures.count_waiting()
        if before:
            waiting = erasures.waiting()
            erased = self._erase(waiting, now)
            self._purge_if_needed(set())
            erasures.done_but([e for e, did in zip(waiting, erased, strict=True) if not did.complete], now)
        told.erasures_waiting = erasures.count_waiting()
        told.erasures_done = before - told.erasures_waiting

    def erase(self, erasure: Erasure, *, now: datetime) -> Erased:
        """See Life.erase."""
        return self._erase([erasure], now)[0]

    def replay(self, erasures: Iterable[Erasure], *, now: datetime) -> list[Erased]:
        """See Life.replay."""
        listed = list(erasures)
        done = self._eraser.erasures.known_done(listed)
        told = iter(self._erase([erasure for erasure in listed if erasure not in done], now))
        return [Erased() if erasure in done else next(told) for erasure in listed]

    def _erase(self, erasures: Sequence[Erasure], now: datetime) -> list[Erased]:
        if not erasures:
            return []
        self._check_room()
        told, months = [], set[datetime]()
        for erasure in erasures:
            erased, touched = self._eraser.erase(erasure, now)
            told.append(erased)
            months |= touched
        self._purge_if_needed(months)
        # An author who asked twice is remembered once: not done while either wish is not.
        left = {(e.platform, e.author) for e, did in zip(erasures, told, strict=True) if not did.complete}
        self._eraser.erasures.done([e for e in erasures if (e.platform, e.author) not in left], now)
        return told

    def _purge_if_needed(self, months: set[datetime]) -> None:
        if self._eraser.erasures.unpurged():
            self._purge(months)
            self._eraser.erasures.purged()

    def hold(self, incident_id: int, *, who: str, reason: str, at: datetime) -> bool:
        """See Life.hold."""
        return self._set_hold(incident_id, iso(at), IncidentEvent(incident_id, at, who, "held", reason))

    def release(self, incident_id: int, *, who: str, reason: str, at: datetime) -> bool:
        """See Life.release."""
        return self._set_hold(incident_id, None, IncidentEvent(incident_id, at, who, "released", reason))

    def _set_hold(self, incident_id: int, since: str | None, event: IncidentEvent) -> bool:
        with self._db.transaction() as tx:
            self._lock(tx)
            changed = tx.execute(
                f"UPDATE incident SET hold = ? WHERE id = ? AND hold IS {'NULL' if since else 'NOT NULL'}",
                (since, incident_id),
            ).rowcount
            if changed:
                self._incidents.add_event(event)
        return bool(changed)

    def held(self) -> dict[int, datetime]:
        """See Life.held."""
        listed = self._db.rows("SELECT id, hold FROM incident WHERE hold IS NOT NULL ORDER BY id")
        return {row["id"]: time(row["hold"]) for row in listed}

    def verify(self, incident_id: int | None = None) -> list[Broken]:
        """See Life.verify."""
        one = "" if incident_id is None else "WHERE id = ? "
        incidents = self._db.rows(
            f"SELECT id FROM incident {one}ORDER BY id", () if incident_id is None else (incident_id,)
        )
        return [fault for row in incidents for fault in self._broken(row["id"])]

    def _broken(self, incident_id: int) -> Iterator[Broken]:
        # Head and events in one statement: an event that is added, or an incident that goes, is no fault.
        listed = self._db.rows(
            "SELECT i.head, e.id, e.at, e.actor, e.kind, e.reason, CAST(e.data AS text) AS data, "
            "e.salt, e.digest, e.chain FROM incident i LEFT JOIN incident_event e ON e.incident_id = i.id "
            "WHERE i.id = ? ORDER BY e.id",
            (incident_id,),
        )
        if listed:
            events = [row for row in listed if row["id"] is not None]
            yield from broken(incident_id, self._links(events), listed[0]["head"])

    @staticmethod
    def _links(events: Iterable[Row]) -> Iterator[Link]:
        for row in events:
            data = row["data"] or ""
            content = (iso(time(row["at"])), row["actor"] or "", row["kind"] or "", row["reason"] or "", data)
            erases = loads(data).get("events", ()) if row["kind"] == "erased" else ()
            yield Link(row["id"], content, row["salt"], row["digest"], row["chain"], tuple(erases))
