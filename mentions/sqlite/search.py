"""Searching mentions on SQLite, with FTS5."""

from collections.abc import Sequence
from heapq import nlargest
from typing import Any

from mentions.bigrams import match_query
from mentions.posts import Search
from mentions.sql.database import Row
from mentions.sql.searching import SqlSearch
from mentions.sql.words import WHEN, Words
from mentions.sqlite.database import SqliteDatabase
from mentions.sqlite.words import WordIndex

FIRST_LOOK = 500
"""Hits of a word that are looked at before asking whether an older one could still be among the newest."""


class SqliteSearch(SqlSearch):
    """A search on SQLite."""

    def __init__(self, db: SqliteDatabase, words: Words, index: WordIndex) -> None:
        super().__init__(db, words)
        self._index = index

    def newest(self, query: Search) -> Sequence[Row]:
        """See SqlSearch.newest."""
        tables, where, values = self.conditions(query)
        if "mention_search" not in tables:
            order = f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?"
            return self._db.rows(f"SELECT m.n FROM {tables} WHERE {where} {order}", (*values, query.limit))
        return self._newest_matching(f"SELECT m.n, {WHEN} AS at FROM {tables} WHERE {where}", values, query.limit)

    def _newest_matching(self, matching: str, values: Sequence[Any], limit: int) -> Sequence[Row]:
        """The index gives hits in the order in which they were stored, so its newest come first by and large.

        A word that stands in every tenth post has too many hits to sort them all: it is enough to go on until
        nothing that was stored earlier can be as new as what was found.
        """
        newest: list[Row] = []
        look, before = FIRST_LOOK, None
        while True:
            part = f"{matching} {'' if before is None else 'AND f.rowid < ?'} ORDER BY f.rowid DESC LIMIT ?"
            found = self._db.rows(part, (*values, *(() if before is None else (before,)), look))
            newest = nlargest(limit, [*newest, *found], key=lambda row: (row["at"], row["n"]))
            if len(found) < look:
                return newest
            before, look = found[-1]["n"], 2 * look
            if len(newest) == limit and not self._db.rows(
                f"SELECT 1 FROM mention m WHERE {WHEN} > ? AND +m.n < ? LIMIT 1", (newest[-1]["at"], before)
            ):
                return newest

    def matching(self, text: str) -> tuple[str, str, list[object]]:
        """See SqlSearch.matching. The index is brought up to date first, so that nothing stored is missed."""
        self._index.catch_up()
        match = match_query(text)
        tables = "mention_search f JOIN mention m ON m.n = f.rowid"
        return (tables, "mention_search MATCH ?", [match]) if match else (tables, "0", [])
