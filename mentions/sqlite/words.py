"""The words of posts on SQLite: an FTS5 index that posts enter some hundreds at a time."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from mentions.sql.database import Row, Transaction
from mentions.sql.pages import words
from mentions.sqlite.database import SqliteDatabase

AT_ONCE = 1000
"""Posts that enter in one transaction. FTS5 writes a segment at the end of each: with the ten posts of a page one
costs 54 µs, with a thousand 24."""
UPTO = "SELECT upto FROM searchable"
WAITING = "SELECT n, title, text FROM mention WHERE n > ? ORDER BY n LIMIT ?"
PUT_WORDS = "INSERT INTO mention_search (rowid, words) VALUES (?, ?)"
FORGET_WORDS = "INSERT INTO mention_search (mention_search, rowid, words) VALUES ('delete', ?, ?)"
"""A contentless index forgets a row when it is told what it held."""
MADE = "SELECT sql FROM sqlite_master WHERE name = 'mention_search'"


class WordIndex:
    """Posts enter it in the order of their numbers, later than the store; `searchable.upto` says how far it is.

    Whoever searches brings it up to date first, or looks through what waits besides, so nobody sees that it lags.
    """

    def __init__(self, db: SqliteDatabase) -> None:
        self._db = db

    def catch_up(self, *, wait: bool = True) -> int:
        """Take in every post that is not in it; how many these were.

        With `wait` false, StoreBusy at once where another writer is at work.
        """
        taken = 0
        while self._db.rows("SELECT 1 FROM mention WHERE n > (SELECT upto FROM searchable) LIMIT 1"):
            with self._db.transaction(wait=wait, durable=False) as tx:
                entering = tx.execute(WAITING, (self._upto(tx), AT_ONCE)).fetchall()
                if entering:  # nobody else took them meanwhile
                    tx.executemany(PUT_WORDS, map(_entry, entering))
                    tx.execute("UPDATE searchable SET upto = ?", (entering[-1]["n"],))
                taken += len(entering)
        return taken

    def outside(self, match: str) -> list[int]:
        """The numbers of the posts that are not in it and match: for this question they enter an index in memory.

        It is made by the statement that made the other one, so both find the same. 40 µs a post.
        """
        with closing(sqlite3.connect(":memory:")) as apart:
            apart.execute(self._db.rows(MADE)[0]["sql"])
            apart.executemany(PUT_WORDS, map(_entry, self._waiting()))
            hits = apart.execute("SELECT rowid FROM mention_search WHERE mention_search MATCH ?", (match,))
            return [n for (n,) in hits]

    def _waiting(self) -> Iterator[Row]:
        after = self._db.rows(UPTO)[0]["upto"]
        while waiting := self._db.rows(WAITING, (after, AT_ONCE)):
            yield from waiting
            after = waiting[-1]["n"]

    def forget(self, tx: Transaction, posts: Sequence[Row]) -> None:
        """Posts (n, title, text) are about to be deleted."""
        upto = self._upto(tx)
        tx.executemany(FORGET_WORDS, [_entry(post) for post in posts if post["n"] <= upto])

    def rewrite(self, tx: Transaction, n: int, title: str | None, before: str, after: str) -> None:
        """A post's text is about to change."""
        if n <= self._upto(tx):
            tx.execute(FORGET_WORDS, (n, words(title, before)))
            tx.execute(PUT_WORDS, (n, words(title, after)))

    def _upto(self, tx: Transaction) -> int:
        upto: int = tx.execute(UPTO).fetchone()[0]
        return upto


def _entry(post: Row) -> tuple[int, str]:
    return post["n"], words(post["title"], post["text"])
