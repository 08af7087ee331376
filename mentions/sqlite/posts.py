"""Writing mentions on SQLite, and their words into FTS5."""

from collections.abc import Sequence

from mentions.sql.database import Database, Transaction
from mentions.sql.pages import Key, mention_rows, words
from mentions.sql.posts import SqlPosts
from mentions.sql.recording import Known
from mentions.sql.tables import MENTION
from mentions.sql.words import Words
from mentions.sqlite.search import SqliteSearch
from mentions.text import scrub
from mentions.types import Mention

PUT_WORDS = "INSERT INTO mention_search (rowid, words) VALUES (?, ?)"


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

    def __init__(self, db: Database) -> None:
        super().__init__(db, SqliteSearch(db, self.words))

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
