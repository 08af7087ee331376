"""Which mentions a search finds, in SQL; each database finds words, and what is newest, its own way."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from mentions.posts import Search
from mentions.sql.database import Database, Row, marks
from mentions.sql.rows import iso
from mentions.sql.words import WHEN, Words

BATCH = 500
"""Mentions that `pages` reads at once."""


class SqlSearch(ABC):
    """A search in SQL, as far as both databases say the same."""

    def __init__(self, db: Database, words: Words) -> None:
        self._db = db
        self._words = words

    @abstractmethod
    def newest(self, query: Search) -> Sequence[Row]:
        """What a search finds, the newest first, within its limit: rows with the columns of `seen_order`."""

    @abstractmethod
    def matching(self, text: str) -> tuple[str, str, list[object]]:
        """The tables with `mention m`, the condition and the values that find a text through the index."""

    def count(self, query: Search) -> int:
        """See Posts.count."""
        tables, where, values = self.conditions(query)
        counted: int = self._db.rows(f"SELECT count(*) AS n FROM {tables} WHERE {where}", values)[0]["n"]
        return counted

    def pages(self, query: Search) -> Iterator[Sequence[Row]]:
        """All that it finds, in the order they were first seen: rows as those of `newest`, a batch at a time."""
        tables, where, values = self.conditions(query)
        order = [f"m.{column}" for column in self._words.seen_order]
        after: list[object] = []
        while True:
            beyond = f" AND ({', '.join(order)}) > ({marks(after)})" if after else ""
            # Which ones first, and then only those with their authors: the joins never see a sorted row twice.
            page = self._db.rows(
                f"SELECT {', '.join(order)} FROM {tables} WHERE {where}{beyond} "
                f"ORDER BY {', '.join(order)} LIMIT {BATCH}",
                (*values, *after),
            )
            if not page:
                return
            yield page
            after = [page[-1][column] for column in self._words.seen_order]

    def conditions(self, query: Search) -> tuple[str, str, list[object]]:
        """Tables, condition and values of a search."""
        tables, where, values = "mention m", ["m.n IS NOT NULL"], list[object]()
        if query.text.strip():
            tables, matching, values = self.matching(query.text)
            where = [matching]
        of = self._words.of_mention.format
        if query.brand is not None:
            where.append(f"EXISTS (SELECT 1 FROM mention_brand b WHERE {of('b')} AND b.brand = ?)")
            values.append(query.brand)
        if query.platform is not None:
            where.append("m.platform = ?")
            values.append(query.platform)
        if query.since is not None:
            where.append(f"{WHEN} >= ?")
            values.append(iso(query.since))
        if query.until is not None:
            where.append(f"{WHEN} < ?")
            values.append(iso(query.until))
        if query.originals:
            where.append("NOT EXISTS (SELECT 1 FROM fingerprint p WHERE p.mention = m.n AND p.origin IS NOT NULL)")
        latest = f"(SELECT s.{{}} FROM score s WHERE {of('s')} ORDER BY s.at DESC LIMIT 1)"
        if query.label is not None:
            where.append(f"{latest.format('label')} = ?")
            values.append(query.label)
        if query.min_negativity is not None:
            where.append(f"{latest.format('negativity')} >= ?")
            values.append(query.min_negativity)
        return tables, " AND ".join(where), values
