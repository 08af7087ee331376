"""What a page meets in the store: posts that are there already, lists that stood, authors to be forgotten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mentions import hot
from mentions.sql import rows
from mentions.sql.database import Database, Transaction, marks
from mentions.sql.erasures import forgotten
from mentions.sql.pages import Key, hot_rows
from mentions.sql.tables import HOT
from mentions.sql.words import Words, chunks
from mentions.text import fold
from mentions.types import Mention, Observation


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a post that is on the page again. `first_seen` is as the database gives it."""

    n: int
    first_seen: str | datetime
    title: str | None
    text: str
    truncated: bool
    scored: bool
    gone: bool
    """A later look did not find it."""

    def is_outdone_by(self, mention: Mention) -> bool:
        """Whether the page shows a text that should replace the stored one: the whole of it, or an edit."""
        if mention.truncated:
            return self.truncated and len(mention.text) > len(self.text)
        return self.truncated or (mention.text != self.text and _letters(mention.text) != _letters(self.text))


def _letters(text: str) -> str:
    """What an edit changes: two pages of one site differ in blanks and hidden characters without any."""
    return "".join(fold(text).split())


def known_posts(db: Database, words: Words, seen: Collection[str]) -> dict[str, Known]:
    """Those of the posts that are stored, by their ids."""
    return {
        row["id"]: Known(
            row["n"],
            row["first_seen"],
            row["title"],
            row["text"],
            bool(row["truncated"]),
            bool(row["scored"]),
            bool(row["gone"]),
        )
        for ids in chunks(seen)
        for row in db.rows(
            "SELECT m.id, m.n, m.first_seen, m.title, m.text, m.truncated, "
            f"EXISTS (SELECT 1 FROM score s WHERE {words.of_mention.format('s')}) AS scored, "
            f"EXISTS (SELECT 1 FROM gone g WHERE {words.of_mention.format('g')} AND g.back IS NULL) AS gone "
            f"FROM {words.by_id} WHERE {words.id} IN ({marks(ids)})",
            ids,
        )
    }


def unforgotten(db: Database, seen: dict[str, Observation]) -> dict[str, Observation]:
    """Those of the posts that were not written, by somebody who asked to be forgotten, before he did."""
    authors = ((a.platform, a.id) for o in seen.values() if (a := o.mention.author) is not None)
    erased = forgotten(db, authors)
    if not erased:
        return seen
    return {i: o for i, o in seen.items() if not _is_erased(o.mention, erased)}


def _is_erased(mention: Mention, erased: Mapping[tuple[str, str], datetime]) -> bool:
    at = None if mention.author is None else erased.get((mention.author.platform, mention.author.id))
    return at is not None and (mention.published is None or mention.published < at)


def put_hot(
    db: Database, tx: Transaction, words: Words, entries: Sequence[Observation], keys: dict[str, Key]
) -> None:
    """What a look at whole lists changes of the rows that were standing."""
    shown = [o.hot for o in entries if o.hot is not None]
    lists = sorted({o.mention.platform for o in entries})
    standing = {
        row["id"]: (rows.hot(row), tuple(row[column] for column in ("n", "first_seen")[: len(words.key)]))
        for row in db.rows(
            "SELECT m.id, m.n, m.first_seen, h.at, h.until, h.rank, h.heat, h.tag FROM hot h "
            f"JOIN mention m ON {words.of_mention.format('h')} "
            f"WHERE h.until IS NULL AND m.platform IN ({marks(lists)})",
            lists,
        )
    }
    watched = {o.mention.id for o in entries if o.mention.brands}
    turned = hot.turn({i: row for i, (row, _) in standing.items()}, shown, watched, max(h.at for h in shown))
    known = {i: key for i, (_, key) in standing.items()} | keys
    db.put(tx, HOT, hot_rows((*turned.ended, *turned.begun), known))
