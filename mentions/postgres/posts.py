"""Writing and searching mentions on PostgreSQL: partitions by month, words through GIN."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate

from mentions.bigrams import Phrase, phrases
from mentions.postgres.database import PostgresDatabase, columns_of
from mentions.sql.database import Row, Transaction
from mentions.sql.pages import Key, mention_rows, words
from mentions.sql.posts import WHEN, Known, SqlPosts, Words
from mentions.sql.rows import iso
from mentions.sql.tables import MENTION
from mentions.store import Search
from mentions.text import scrub
from mentions.types import Mention

MOST_INDEXED = 1_000_000
"""Bytes of different words in one post's index entry: a tsvector holds 1 MB. More than 160,000 different pairs of
characters; what stands behind them is stored, and not found."""
BYTES_OF_A_CHARACTER = 4
LONGEST_WORD = 500
"""Characters of a Latin word that are indexed: PostgreSQL takes 2,046 bytes."""
HAS_WORDS = "array_to_tsvector(string_to_array(m.words, ' ')) @@ ?::tsquery"
ADD = f"""
INSERT INTO mention ({", ".join(MENTION.columns)}, words)
SELECT * FROM unnest({", ".join(f"?::{kind}[]" for kind in columns_of(MENTION).values())}, ?::text[])
"""


class PostgresPosts(SqlPosts):
    """Posts on PostgreSQL."""

    words = Words(
        by_id="mention_key k JOIN mention m ON m.n = k.n AND m.first_seen = k.first_seen",
        id="k.id",
        of_mention="{0}.mention = m.n AND {0}.first_seen = m.first_seen",
        same="{0}.mention = {1}.mention AND {0}.first_seen = {1}.first_seen",
        joined_brands="string_agg(b.brand, chr(31))",
        seen_order=("first_seen", "n"),
    )

    def __init__(self, db: PostgresDatabase) -> None:
        super().__init__(db)
        self._months: set[tuple[int, int]] = set()

    def _add(self, tx: Transaction, new: Sequence[Mention]) -> dict[str, Key]:
        if not new:
            return {}
        self._make_months(tx, [m.first_seen for m in new])
        ordered = sorted(new, key=lambda m: m.id)  # in one order, whoever writes: see put_tasks
        given = tx.execute(
            "INSERT INTO mention_key (id, first_seen) SELECT * FROM unnest(?::text[], ?::timestamptz[]) "
            "ON CONFLICT DO NOTHING RETURNING id, n, first_seen",
            ([m.id for m in ordered], [iso(m.first_seen) for m in ordered]),
        ).fetchall()
        keys: dict[str, Key] = {row["id"]: (row["n"], row["first_seen"]) for row in given}
        mine = [m for m in new if m.id in keys]
        if mine:
            rows = [(*row, indexed(m)) for row, m in zip(mention_rows(mine, keys), mine, strict=True)]
            tx.execute(ADD, [list(column) for column in zip(*rows, strict=True)])
        # What another process stored at this very moment has its number from there.
        return keys | self._keys([m.id for m in new if m.id not in keys])

    def _make_months(self, tx: Transaction, moments: Sequence[datetime]) -> None:
        months = {(at.year, at.month) for at in moments}
        if not months <= self._months:
            tx.execute("SELECT tingfeng_months(?, ?)", (iso(min(moments)), iso(max(moments))))
            self._months |= months

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

    def _matching(self, text: str) -> tuple[str, str, list[object]]:
        asked = phrases(text)
        if not asked:
            return "mention m", "false", []
        where, values = [HAS_WORDS], list[object]([" & ".join(map(_lexemes, asked))])
        for phrase in asked:
            if len(phrase.tokens) > 1:
                where.append("' ' || m.words || ' ' LIKE ?")
                values.append(_pattern(phrase))
        return "mention m", " AND ".join(where), values

    def _newest(self, query: Search) -> Sequence[Row]:
        tables, where, values = self._conditions(query)
        return self._db.rows(
            f"SELECT m.n, m.first_seen FROM {tables} WHERE {where} ORDER BY {WHEN} DESC, m.n DESC LIMIT ?",
            (*values, query.limit),
        )


def indexed(mention: Mention) -> str:
    """What the index holds of a new post."""
    return cut(words(mention.title, mention.text))


def cut(written: str) -> str:
    """Words with one blank between them, up to where there are too many different ones for an index entry."""
    tokens = [token[:LONGEST_WORD] for token in written.split()]
    if len(written) * BYTES_OF_A_CHARACTER > MOST_INDEXED:
        different: dict[str, int] = {}
        for place, token in enumerate(tokens):
            different.setdefault(token, place)
        sizes = accumulate(len(token.encode()) for token in different)
        beyond = next(
            (place for place, size in zip(different.values(), sizes, strict=True) if size > MOST_INDEXED), None
        )
        tokens = tokens[:beyond]
    return " ".join(tokens)


@lru_cache
def _lexemes(phrase: Phrase) -> str:
    """The words that must all be there; the last may be only the beginning of one."""
    quoted = ["'" + token[:LONGEST_WORD].replace("\\", "\\\\").replace("'", "''") + "'" for token in phrase.tokens]
    if phrase.prefix:
        quoted[-1] += ":*"
    return " & ".join(quoted)


def _pattern(phrase: Phrase) -> str:
    """The words side by side, as LIKE finds them."""
    together = " ".join(token[:LONGEST_WORD] for token in phrase.tokens)
    escaped = together.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"% {escaped}%" if phrase.prefix else f"% {escaped} %"
