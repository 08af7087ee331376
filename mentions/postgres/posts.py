"""Writing and searching mentions on PostgreSQL: partitions by month, words through GIN."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import accumulate

from mentions.bigrams import Phrase, phrases
from mentions.postgres.bulk import array, put
from mentions.postgres.database import PostgresDatabase
from mentions.posts import Search
from mentions.sql.database import Row, Transaction
from mentions.sql.pages import Key, mention_rows, words
from mentions.sql.posts import WHEN, Known, SqlPosts, Words
from mentions.sql.rows import iso
from mentions.sql.tables import MENTION, TEXT, TIME, Table
from mentions.text import scrub
from mentions.types import Mention

INDEXED = Table("mention", ("first_seen", "n"), {**MENTION.columns, "words": TEXT})
MOST_INDEXED = 1_000_000
"""Bytes of different words in one post's index entry: a tsvector holds 1 MB. More than 160,000 different pairs of
characters; what stands behind them is stored, and not found."""
BYTES_OF_A_CHARACTER = 4
LONGEST_WORD = 500
"""Characters of a Latin word that are indexed: PostgreSQL takes 2,046 bytes."""
HAS_WORDS = "array_to_tsvector(string_to_array(m.words, ' ')) @@ ?::tsquery"
FIRST_LOOK = 500
"""Posts that a search reads from the newest back before it asks the index."""
FARTHEST = 10_000
"""At a million mentions, as many as cost no more than what the index finds of a word that is rarer."""
LOOKS = 2
MARGIN = 1.5
"""How many more posts are read than the share of hits among the first ones says."""
HOLDS = "strpos(m.words, ?) > 0"
STANDS = "strpos(' ' || m.words || ' ', ?) > 0"
"""Words side by side, without the index: LIKE takes twice as long, and unpacking the words 14 times as long."""


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
        super().__init__(db)
        self._months: set[tuple[int, int]] = set()

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

    def _matching(self, text: str) -> tuple[str, str, list[object]]:
        asked = phrases(text)
        if not asked:
            return "mention m", "false", []
        # PostgreSQL reads a young partition whole, and first asks what it thinks is cheapest. That is HOLDS, which
        # spares nearly all rows the unpacking of their words.
        several = [phrase for phrase in asked if len(phrase.tokens) > 1]
        where = [*[HOLDS] * len(asked), HAS_WORDS, *[STANDS] * len(several)]
        lexemes = " & ".join(map(_lexemes, asked))
        return "mention m", " AND ".join(where), [*map(_near, asked), lexemes, *map(_together, several)]

    def _newest(self, query: Search) -> Sequence[Row]:
        """A word of every tenth post is soon met on the way back from now; a rare one only the index finds.

        Left to itself PostgreSQL weighs the two by statistics that it lacks, and by a cost of unpacking words that
        it does not know.
        """
        if phrases(query.text):
            looked = FIRST_LOOK
            for _ in range(LOOKS):
                found = self._among_newest(query, looked)
                if len(found) == query.limit:
                    return found
                looked = int(looked * MARGIN * query.limit / max(1, len(found)))
                if looked > FARTHEST:
                    break
        tables, where, values = self._conditions(query)
        hits = f"SELECT m.n, m.first_seen, {WHEN} AS at FROM {tables} WHERE {where}"
        if query.text.strip():
            hits = f"WITH hit AS MATERIALIZED ({hits}) SELECT n, first_seen FROM hit m"
            return self._db.rows(f"{hits} ORDER BY at DESC, n DESC LIMIT ?", (*values, query.limit))
        return self._db.rows(f"{hits} ORDER BY {WHEN} DESC, m.n DESC LIMIT ?", (*values, query.limit))

    def _among_newest(self, query: Search, looked: int) -> Sequence[Row]:
        """What a search finds among the newest posts of its time, whatever these are about."""
        asked = phrases(query.text)
        _, during, bounds = self._conditions(Search(since=query.since, until=query.until))
        _, where, values = self._conditions(replace(query, text=""))
        return self._db.rows(
            f"SELECT m.n, m.first_seen FROM (SELECT * FROM mention m WHERE {during} "
            f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?) m WHERE {' AND '.join([STANDS] * len(asked))} AND {where} "
            f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?",
            (*bounds, looked, *map(_together, asked), *values, query.limit),
        )


def indexed(mention: Mention) -> str:
    """What the index holds of a new post."""
    return cut(words(mention.title, mention.text))


def cut(written: str) -> str:
    """Words with one blank between them, up to where there are too many different ones for an index entry."""
    tokens = written.split()
    if len(written) > LONGEST_WORD < max(map(len, tokens), default=0):
        tokens = [token[:LONGEST_WORD] for token in tokens]
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


def _near(phrase: Phrase) -> str:
    """The words side by side, the first and last perhaps as parts of longer ones."""
    return " ".join(token[:LONGEST_WORD] for token in phrase.tokens)


def _together(phrase: Phrase) -> str:
    """The words side by side, as they stand among others."""
    return f" {_near(phrase)}" if phrase.prefix else f" {_near(phrase)} "
