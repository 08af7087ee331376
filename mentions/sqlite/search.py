"""Searching mentions on SQLite, with FTS5."""

import json
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
from mentions.store import StoreBusy

FIRST_LOOK = 500
"""Hits of a word that are looked at before asking whether an older one could still be among the newest."""
INDEXED = "mention_search f JOIN mention m ON m.n = f.rowid"
OUTSIDE = "(SELECT value AS rowid FROM json_each(?)) f JOIN mention m ON m.n = f.rowid"
BOTH = (
    "(SELECT rowid FROM mention_search WHERE mention_search MATCH ? UNION SELECT value FROM json_each(?)) f "
    "JOIN mention m ON m.n = f.rowid"
)
"""Hits of the index and numbers that were found outside of it; one that entered meanwhile is one hit."""
HOLDS = "mention_search MATCH ?"


class SqliteSearch(SqlSearch):
    """A search on SQLite."""

    def __init__(self, db: SqliteDatabase, words: Words, index: WordIndex) -> None:
        super().__init__(db, words)
        self._index = index

    def newest(self, query: Search) -> Sequence[Row]:
        """See SqlSearch.newest."""
        tables, where, values = self.conditions(query)
        if tables == BOTH:
            # Apart, since joined they could not be read from their newest on.
            match, outside, *others = values
            besides = self._db.rows(f"SELECT m.n, {WHEN} AS at FROM {OUTSIDE} WHERE {where}", (outside, *others))
            indexed = f"SELECT m.n, {WHEN} AS at FROM {INDEXED} WHERE {HOLDS} AND {where}"
            return self._newest_matching(indexed, (match, *others), query.limit, besides)
        if tables != INDEXED:
            order = f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?"
            return self._db.rows(f"SELECT m.n FROM {tables} WHERE {where} {order}", (*values, query.limit))
        return self._newest_matching(f"SELECT m.n, {WHEN} AS at FROM {tables} WHERE {where}", values, query.limit)

    def _newest_matching(
        self, matching: str, values: Sequence[Any], limit: int, besides: Sequence[Row] = ()
    ) -> Sequence[Row]:
        """The index gives hits in the order in which they were stored, so its newest come first by and large.

        A word that stands in every tenth post has too many hits to sort them all: it is enough to go on until
        nothing that was stored earlier can be as new as what was found. `besides` are the hits outside of the
        index; they were stored after all that it holds, but for those that have entered it meanwhile.
        """
        newest = list(besides)
        look, before = FIRST_LOOK, min((row["n"] for row in besides), default=None)
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
        """See SqlSearch.matching. The index is brought up to date first, so that nothing stored is missed.

        Where another writer is at work, what is not in it is looked through besides: a search never waits.
        """
        match = match_query(text)
        if not match:
            return INDEXED, "0", []
        try:
            self._index.catch_up(wait=False)
        except StoreBusy:
            return BOTH, "1", [match, json.dumps(self._index.outside(match))]
        return INDEXED, HOLDS, [match]
