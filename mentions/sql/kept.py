"""Refused answers and the shapes of pages, in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from mentions.pages import LARGEST, Pages, Refusal, Shape
from mentions.sql.database import Database, Row, marks
from mentions.sql.rows import dumps, iso, loads, time
from mentions.text import scrub

KEPT = timedelta(days=7)
"""How long refused answers are kept: they may show people's posts, and are for looking into a refusal now."""
LOOKS_KEPT = timedelta(days=30)
LISTED = "source, reason, at, url, status, kind, detail, size"


class SqlPages(Pages):
    """Pages in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, refusal: Refusal) -> bool:
        """See Pages.keep."""
        day = iso(refusal.at)[:10]
        key = (refusal.source, refusal.reason, day)
        if self._db.rows("SELECT 1 FROM refusal WHERE source = ? AND reason = ? AND day = ?", key):
            return False
        # Late: only a refusal needs it.
        from zstandard import ZstdCompressor  # noqa: PLC0415

        body = ZstdCompressor().compress(refusal.body[:LARGEST])
        told = (iso(refusal.at), scrub(refusal.url), refusal.status, refusal.kind, scrub(refusal.detail))
        with self._db.transaction(durable=False) as tx:
            kept = tx.execute(
                "INSERT INTO refusal (source, reason, day, at, url, status, kind, detail, size, body) "
                f"VALUES ({marks(range(10))}) ON CONFLICT DO NOTHING",
                (*key, *told, refusal.size, body),
            )
            return kept.rowcount > 0

    def refusals(self, source: str) -> list[Refusal]:
        """See Pages.refusals."""
        listed = self._db.rows(f"SELECT {LISTED} FROM refusal WHERE source = ? ORDER BY at DESC", (source,))
        return [_refusal(row) for row in listed]

    def refused(self, source: str, reason: str) -> Refusal | None:
        """See Pages.refused."""
        from zstandard import ZstdDecompressor  # noqa: PLC0415 - see keep

        listed = self._db.rows(
            f"SELECT {LISTED}, body FROM refusal WHERE source = ? AND reason = ? ORDER BY at DESC LIMIT 1",
            (source, reason),
        )
        if not listed:
            return None
        return _refusal(listed[0], ZstdDecompressor().decompress(bytes(listed[0]["body"])))

    def shapes(self, sources: Collection[str]) -> list[Shape]:
        """See Pages.shapes."""
        names = list(sources)
        if not names:
            return []
        listed = self._db.rows(
            f"SELECT * FROM page_shape WHERE source IN ({marks(names)}) ORDER BY source, kind", names
        )
        return [
            Shape(
                source=row["source"],
                kind=row["kind"],
                at=time(row["at"]),
                pages=row["pages"],
                parts=loads(row["parts"]),
                gone=tuple(loads(row["gone"])),
                changed=tuple(loads(row["changed"])),
                drift=row["drift"],
            )
            for row in listed
        ]

    def put_shapes(self, shapes: Sequence[Shape]) -> None:
        """See Pages.put_shapes."""
        with self._db.transaction(durable=False) as tx:
            tx.executemany(
                "INSERT INTO page_shape (source, kind, at, pages, parts, gone, changed, drift) "
                f"VALUES ({marks(range(8))}) ON CONFLICT (source, kind) DO UPDATE SET at = excluded.at, "
                "pages = excluded.pages, parts = excluded.parts, gone = excluded.gone, "
                "changed = excluded.changed, drift = excluded.drift",
                [
                    (
                        s.source,
                        s.kind,
                        iso(s.at),
                        s.pages,
                        _json(dict(s.parts)),
                        _json(s.gone),
                        _json(s.changed),
                        s.drift,
                    )
                    for s in shapes
                ],
            )

    def forget_shapes(self, source: str) -> int:
        """See Pages.forget_shapes."""
        with self._db.transaction() as tx:
            return tx.execute("DELETE FROM page_shape WHERE source = ?", (source,)).rowcount

    def expire(self, now: datetime) -> int:
        """See Pages.expire."""
        gone = 0
        for table, last, kept in (
            ("refusal", "at", KEPT),
            ("look", "at", LOOKS_KEPT),
            ("coverage", "asked", LOOKS_KEPT),
        ):
            with self._db.transaction() as tx:
                gone += tx.execute(f"DELETE FROM {table} WHERE {last} < ?", (iso(now - kept),)).rowcount
        return gone


def _json(value: object) -> str:
    return scrub(dumps(value))


def _refusal(row: Row, body: bytes = b"") -> Refusal:
    return Refusal(
        source=row["source"],
        reason=row["reason"],
        at=time(row["at"]),
        url=row["url"],
        status=row["status"],
        kind=row["kind"],
        detail=row["detail"],
        size=row["size"],
        body=body,
    )
