"""Searching mentions on PostgreSQL: words through GIN, or among the newest posts."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from mentions.bigrams import Phrase, phrases
from mentions.postgres.indexing import LONGEST_WORD
from mentions.posts import Search
from mentions.sql.database import Row
from mentions.sql.searching import SqlSearch
from mentions.sql.words import WHEN

HAS_WORDS = "array_to_tsvector(string_to_array(m.words, ' ')) @@ ?::tsquery"
HOLDS = "strpos(m.words, ?) > 0"
STANDS = "strpos(' ' || m.words || ' ', ?) > 0"
"""Words side by side, without the index: LIKE takes twice as long, and unpacking the words 14 times as long."""
FIRST_LOOK = 500
"""Posts that a search reads from the newest back before it asks the index."""
FARTHEST = 10_000
"""At a million mentions, as many as cost no more than what the index finds of a word that is rarer."""
LOOKS = 2
MARGIN = 1.5
"""How many more posts are read than the share of hits among the first ones says."""


class PostgresSearch(SqlSearch):
    """A search on PostgreSQL."""

    def newest(self, query: Search) -> Sequence[Row]:
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
        tables, where, values = self.conditions(query)
        hits = f"SELECT m.n, m.first_seen, {WHEN} AS at FROM {tables} WHERE {where}"
        if query.text.strip():
            hits = f"WITH hit AS MATERIALIZED ({hits}) SELECT n, first_seen FROM hit m"
            return self._db.rows(f"{hits} ORDER BY at DESC, n DESC LIMIT ?", (*values, query.limit))
        return self._db.rows(f"{hits} ORDER BY {WHEN} DESC, m.n DESC LIMIT ?", (*values, query.limit))

    def _among_newest(self, query: Search, looked: int) -> Sequence[Row]:
        """What a search finds among the newest posts of its time, whatever these are about."""
        asked = phrases(query.text)
        _, during, bounds = self.conditions(Search(since=query.since, until=query.until))
        _, where, values = self.conditions(replace(query, text=""))
        return self._db.rows(
            f"SELECT m.n, m.first_seen FROM (SELECT * FROM mention m WHERE {during} "
            f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?) m WHERE {' AND '.join([STANDS] * len(asked))} AND {where} "
            f"ORDER BY {WHEN} DESC, m.n DESC LIMIT ?",
            (*bounds, looked, *map(_together, asked), *values, query.limit),
        )

    def matching(self, text: str) -> tuple[str, str, list[object]]:
        """See SqlSearch.matching."""
        asked = phrases(text)
        if not asked:
            return "mention m", "false", []
        # PostgreSQL reads a young partition whole, and first asks what it thinks is cheapest. That is HOLDS, which
        # spares nearly all rows the unpacking of their words.
        several = [phrase for phrase in asked if len(phrase.tokens) > 1]
        where = [*[HOLDS] * len(asked), HAS_WORDS, *[STANDS] * len(several)]
        lexemes = " & ".join(map(_lexemes, asked))
        return "mention m", " AND ".join(where), [*map(_near, asked), lexemes, *map(_together, several)]


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
