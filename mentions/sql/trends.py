"""Hourly roll-ups, in SQL. Triggers on `mention_brand` keep them current, in the transaction of every change.

`mention_brand` holds what is counted: one row a mention and brand, under its hour, platform, label and severity,
and whether it is an original or a copy of another mention (see mentions.copies).
"""

from collections.abc import Sequence
from datetime import datetime

from mentions.sql.database import Database, Row
from mentions.sql.pages import UNSCORED
from mentions.sql.rows import iso, time
from mentions.sql.words import Words
from mentions.trends import Hourly, Share, Trends
from mentions.types import Label, Severity

COUNTED = "hour, brand, platform, label, severity, original"
COUNT = f"SELECT {COUNTED}, count(*) AS mentions FROM mention_brand GROUP BY {COUNTED}"
RECOUNTED = 10_000
"""Mentions whose counted columns are worked out again in one transaction."""


class SqlTrends(Trends):
    """Trends in SQL."""

    def __init__(self, db: Database, words: Words, *, recount: Sequence[str], lock: Sequence[str] = ()) -> None:
        """Take the statements that count anew, and what keeps every writer out meanwhile."""
        self._db = db
        self._words = words
        self._lock = lock
        self._recount = recount

    def hourly(self, since: datetime, until: datetime, brand: str | None = None) -> list[Hourly]:
        """See Trends.hourly."""
        of_brand = "" if brand is None else "AND brand = ? "
        listed = self._db.rows(
            f"SELECT {COUNTED}, mentions FROM hourly WHERE hour >= ? AND hour < ? {of_brand}"
            f"AND mentions <> 0 ORDER BY {COUNTED}",
            (iso(since), iso(until), *(() if brand is None else (brand,))),
        )
        return [_hourly(row) for row in listed]

    def shares(self, since: datetime, until: datetime, *, copies: bool = False) -> list[Share]:
        """See Trends.shares."""
        counted = "" if copies else "AND original "
        listed = self._db.rows(
            "SELECT hour, brand, sum(mentions) AS mentions, "
            "sum(CASE WHEN label = 'negative' THEN mentions ELSE 0 END) AS negative FROM hourly "
            f"WHERE hour >= ? AND hour < ? {counted}AND platform NOT LIKE 'hot-%' "
            "GROUP BY hour, brand HAVING sum(mentions) <> 0 ORDER BY hour, brand",
            (iso(since), iso(until)),
        )
        return [
            Share(time(row["hour"]), row["brand"], int(row["mentions"]), int(row["negative"])) for row in listed
        ]

    def rebuild(self) -> int:
        """See Trends.rebuild."""
        wrong = self._recount_mentions()
        with self._db.transaction() as tx:
            for statement in self._lock:
                tx.execute(statement)
            row = tx.execute(
                f"SELECT count(*) AS n FROM (SELECT {COUNTED}, sum(mentions) AS mentions FROM ("
                f"SELECT {COUNTED}, mentions FROM hourly UNION ALL "
                f"SELECT {COUNTED}, -mentions FROM ({COUNT}) counted) compared "
                f"GROUP BY {COUNTED} HAVING sum(mentions) <> 0) wrong"
            ).fetchone()
            for statement in self._recount:
                tx.execute(statement)
        return wrong + int(row["n"])

    def _recount_mentions(self) -> int:
        """Work out label, severity and originality of every mention again; returns how many were wrong."""
        of, wrong, after = self._words.same.format, 0, 0
        truth = {
            "label": f"coalesce((SELECT s.label FROM score s WHERE {of('s', 'mention_brand')} "
            f"ORDER BY s.at DESC LIMIT 1), '{UNSCORED}')",
            "severity": "coalesce((SELECT max(f.severity) FROM finding f WHERE f.brand = mention_brand.brand "
            f"AND f.mention_id = (SELECT k.id FROM {self._db.KEYS} k WHERE k.n = mention_brand.mention)), 0)",
            "original": "(NOT EXISTS (SELECT 1 FROM fingerprint p WHERE p.mention = mention_brand.mention "
            "AND p.origin IS NOT NULL))",
        }
        differs = " OR ".join(f"{column} <> {told}" for column, told in truth.items())
        told = ", ".join(f"{column} = {told}" for column, told in truth.items())
        top = self._db.rows(f"SELECT coalesce(max(n), 0) AS n FROM {self._db.KEYS}")[0]["n"]
        while after < top:
            with self._db.transaction() as tx:
                wrong += tx.execute(
                    f"UPDATE mention_brand SET {told} WHERE mention > ? AND mention <= ? AND ({differs})",
                    (after, after + RECOUNTED),
                ).rowcount
            after += RECOUNTED
        return wrong


def _hourly(row: Row) -> Hourly:
    return Hourly(
        hour=time(row["hour"]),
        brand=row["brand"],
        platform=row["platform"],
        label=None if row["label"] == UNSCORED else Label(row["label"]),
        severity=Severity(row["severity"]) if row["severity"] else None,
        mentions=row["mentions"],
        original=bool(row["original"]),
    )
