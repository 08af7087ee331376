"""Writing and searching mentions on SQLite, with FTS5."""

from collections.abc import Sequence
from heapq import nlargest
from typing import Any

from mentions.bigrams import match_query
from mentions.posts import Search
from mentions.sql.database import Row, Transaction
from mentions.sql.pages import Key, mention_rows, words
from mentions.sql.posts import WHEN, Known, SqlPosts, Words
from mentions.sql.tables import MENTION
from mentions.text import scrub
from mentions.types import Mention

PUT_WORDS = "INSERT INTO mention_search (rowid, words) VALUES (?, ?)"
FIRST_LOOK = 500
"""Hits of a word that are looked at before asking whether an older one could still be among the newest."""


class SqlitePosts(SqlPosts):
    """Posts on SQLite."""

    words = Words(
        by_id="mention m",
        id="m.id",
        of_mention="{0}.mention = m.n",
        same="{0}.mention = {1}.mention",
        joined_brands="group_concat(b.brand, char(31))",
        key=("n",),
    )

    def _add(self, tx: Transaction, new: Sequence[Mention]) -> dict[str, Key]:
        top = tx.execute("SELECT coalesce(max(n), 0) FROM mention").fetchone()[0]
        keys: dict[str, Key] = {m.id: (n,) for n, m in enumerate(new, top + 1)}
        self._db.put(tx, MENTION, mention_rows(new, keys))
        tx.executemany(PUT_WORDS, [(keys[m.id][0], words(m.title, m.text)) for m in new])
        return keys

    def _rewrite(self, tx: Transaction, known: Known, mention: Mention) -> None:
        # A contentless index forgets a row when it is told what it held.
        tx.execute(
            "INSERT INTO mention_search (mention_search, rowid, words) VALUES ('delete', ?, ?)",
            (known.n, words(known.title, known.text)),
        )
        tx.execute(PUT_WORDS, (known.n, words(known.title, mention.text)))
        tx.execute(
            "UPDATE mention SET text = ?, truncated = ? WHERE n = ?",
            (scrub(mention.text), mention.truncated, known.n),
        )

    def _matching(self, text: str) -> tuple[str, str, list[object]]:
        match = match_query(text)
        tables = "mention_search f JOIN mention m ON m.n = f.rowid"
        return (tables, "mention_search MATCH ?", [match]) if match else (tables, "0", [])

    def _newest(self, query: Search) -> Sequence[Row]:
        tables, where, values = self._conditions(query)
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
