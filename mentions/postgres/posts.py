"""Writing mentions on PostgreSQL: partitions by month, and their words for the index."""

from collections.abc import Sequence
from datetime import datetime

from mentions.postgres.bulk import array, put
from mentions.postgres.database import PostgresDatabase
from mentions.postgres.indexing import cut, indexed
from mentions.postgres.search import PostgresSearch
from mentions.sql.database import Transaction
from mentions.sql.pages import Key, mention_rows, words
from mentions.sql.posts import SqlPosts
from mentions.sql.recording import Known
from mentions.sql.rows import iso
from mentions.sql.tables import MENTION, TEXT, TIME, Table
from mentions.sql.words import Words
from mentions.text import scrub
from mentions.types import Mention

INDEXED = Table("mention", ("first_seen", "n"), {**MENTION.columns, "words": TEXT})


class PostgresPosts(SqlPosts):
    """Posts on PostgreSQL."""

    words = Words(
        by_id="mention_key k JOIN mention m ON m.n = k.n AND m.first_seen = k.first_seen",
        id="k.id",
        of_mention="{0}.mention = m.n AND {0}.first_seen = m.first_seen",
        same="{0}.mention = {1}.mention AND {0}.first_seen = {1}.first_seen",
        joined_brands="string_agg(b.brand, chr(31))",
        key=("n", "first_seen"),
    )

    def __init__(self, db: PostgresDatabase) -> None:
        super().__init__(db, PostgresSearch(db, self.words))
        self._months: set[tuple[int, int]] = set()

    def index(self) -> int:
        """See Posts.index: a post is stored with its words."""
        return 0

    def _add(self, tx: Transaction, new: Sequence[Mention]) -> dict[str, Key]:
        if not new:
            return {}
        self._make_months(tx, [m.first_seen for m in new])
        ordered = sorted(new, key=lambda m: m.id)  # in one order, whoever writes: see task_rows
        given = tx.execute(
            "INSERT INTO mention_key (id, first_seen) SELECT * FROM unnest(?::text[], ?::timestamptz[]) "
            "ON CONFLICT DO NOTHING RETURNING id, n, first_seen",
            (array([m.id for m in ordered], TEXT), array([iso(m.first_seen) for m in ordered], TIME)),
        ).fetchall()
        keys: dict[str, Key] = {row["id"]: (row["n"], row["first_seen"]) for row in given}
        mine = [m for m in new if m.id in keys]
        if mine:
            rows = [(*row, indexed(m)) for row, m in zip(mention_rows(mine, keys), mine, strict=True)]
            put(tx, INDEXED, rows)
        return keys

    def _make_months(self, tx: Transaction, moments: Sequence[datetime]) -> None:
        months = {(at.year, at.month) for at in moments}
        if not months <= self._months:
            tx.execute("SELECT tingfeng_months(?, ?)", (iso(min(moments)), iso(max(moments))))
            # Of earlier ones retention may drop the partitions, once they are empty.
            known = self._months | months
            newest = max(year * 12 + month for year, month in known)
            self._months = {(year, month) for year, month in known if year * 12 + month >= newest - 1}

    def _rewrite(self, tx: Transaction, known: Known, mention: Mention) -> None:
        tx.execute(
            "UPDATE mention SET text = ?, truncated = ?, words = ? WHERE n = ? AND first_seen = ?",
            (
                scrub(mention.text),
                mention.truncated,
                cut(words(known.title, mention.text)),
                known.n,
                known.first_seen,
            ),
        )
