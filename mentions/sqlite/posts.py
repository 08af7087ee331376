"""Writing mentions on SQLite."""

from collections.abc import Sequence

from mentions.sql.database import Transaction
from mentions.sql.pages import Key, mention_rows
from mentions.sql.posts import SqlPosts
from mentions.sql.recording import Known
from mentions.sql.tables import MENTION
from mentions.sql.words import Words
from mentions.sqlite.database import SqliteDatabase
from mentions.sqlite.search import SqliteSearch
from mentions.sqlite.words import WordIndex
from mentions.text import scrub
from mentions.types import Mention

HIGHEST = "SELECT max(coalesce(max(n), 0), (SELECT upto FROM searchable)) FROM mention"
"""No number is given twice: the index would take the second post for the first."""


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

    def __init__(self, db: SqliteDatabase) -> None:
        self._index = WordIndex(db)
        super().__init__(db, SqliteSearch(db, self.words, self._index))

    def index(self) -> int:
        """See Posts.index."""
        return self._index.catch_up()

    def _add(self, tx: Transaction, new: Sequence[Mention]) -> dict[str, Key]:
        top = tx.execute(HIGHEST).fetchone()[0]
        keys: dict[str, Key] = {m.id: (n,) for n, m in enumerate(new, top + 1)}
        self._db.put(tx, MENTION, mention_rows(new, keys))
        return keys

    def _rewrite(self, tx: Transaction, known: Known, mention: Mention) -> None:
        self._index.rewrite(tx, known.n, known.title, known.text, mention.text)
        tx.execute(
            "UPDATE mention SET text = ?, truncated = ? WHERE n = ?",
            (scrub(mention.text), mention.truncated, known.n),
        )
