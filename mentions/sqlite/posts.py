"""Mentions, authors, counts over time and scores, on SQLite."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from mentions.bigrams import match_query
from mentions.sqlite import rows
from mentions.sqlite.database import Database
from mentions.sqlite.pages import (
    PUT_AUTHOR,
    PUT_BRAND,
    PUT_ENGAGEMENT,
    PUT_MENTION,
    PUT_WORDS,
    author_rows,
    engagement_rows,
    mention_rows,
    one_each,
    words,
)
from mentions.sqlite.rows import MENTION_COLUMNS, MENTION_TABLES, iso
from mentions.sqlite.tasks import put_tasks
from mentions.store import JUDGE, SCORE, Found, Posts, Recorded, Search
from mentions.text import fold, scrub
from mentions.types import Engagement, Mention, Observation, Score

T = TypeVar("T")
WHEN = "coalesce(m.published, m.first_seen)"
CHUNK = 900
"""Ids in one statement: SQLite allowed 999 variables for a long time."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a post that is on the page again."""

    n: int
    title: str | None
    text: str
    truncated: bool
    scored: bool


class SqlitePosts(Posts):
    """Posts on SQLite."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, page: Sequence[Observation]) -> Recorded:
        """See Posts.record."""
        seen = one_each(page)
        if not seen:
            return Recorded((), 0)
        with self._db.transaction(durable=False) as tx:
            known = self._known(seen)
            top = tx.execute("SELECT coalesce(max(n), 0) FROM mention").fetchone()[0]
            new = [o.mention for i, o in seen.items() if i not in known]
            numbers = {m.id: n for n, m in enumerate(new, top + 1)} | {i: k.n for i, k in known.items()}
            tx.executemany(PUT_AUTHOR, author_rows(seen.values()))
            tx.executemany(PUT_MENTION, mention_rows(new, numbers))
            tx.executemany(PUT_WORDS, [(numbers[m.id], words(m.title, m.text)) for m in new])
            changed = [
                o.mention for i, o in seen.items() if (k := known.get(i)) is not None and _says_more(o.mention, k)
            ]
            for mention in changed:
                self._replace_text(known[mention.id], mention)
            tx.executemany(PUT_BRAND, [(numbers[m.id], b) for m in (*new, *changed) for b in m.brands])
            tx.executemany(PUT_ENGAGEMENT, engagement_rows(seen.values(), numbers))
            put_tasks(tx, SCORE, [(numbers[m.id], m.first_seen) for m in (*new, *changed) if m.brands])
            put_tasks(
                tx,
                JUDGE,
                [(k.n, e.at) for i, k in known.items() if k.scored and (e := seen[i].engagement) is not None],
            )
        return Recorded(tuple(m.id for m in new), len(seen))

    def _known(self, seen: Collection[str]) -> dict[str, _Known]:
        return {
            row["id"]: _Known(row["n"], row["title"], row["text"], bool(row["truncated"]), bool(row["scored"]))
            for marks, ids in _chunks(seen)
            for row in self._db.rows(
                "SELECT id, n, title, text, truncated, EXISTS (SELECT 1 FROM score WHERE mention = n) AS scored "
                f"FROM mention WHERE id IN ({marks})",
                ids,
            )
        }

    def _replace_text(self, known: _Known, mention: Mention) -> None:
        tx = self._db.connection
        if not known.truncated:
            tx.execute(
                "INSERT OR IGNORE INTO revision VALUES (?, ?, ?)",
                (known.n, iso(mention.first_seen), known.text),
            )
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
        tx.execute("DELETE FROM mention_brand WHERE mention = ?", (known.n,))
        tx.execute("DELETE FROM task WHERE queue = ? AND mention = ?", (SCORE, known.n))

    def get(self, mention_ids: Collection[str]) -> dict[str, Found]:
        """See Posts.get."""
        mentions = {
            row["id"]: rows.mention(row)
            for marks, ids in _chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT {MENTION_COLUMNS} FROM {MENTION_TABLES} WHERE m.id IN ({marks})",
                ids,
            )
        }
        return {found.mention.id: found for found in self._with_latest(mentions.values())}

    def _with_latest(self, mentions: Iterable[Mention]) -> list[Found]:
        listed = list(mentions)
        engagements: dict[str, Engagement] = {}
        scores: dict[str, Score] = {}
        for marks, ids in _chunks([m.id for m in listed]):
            for row in self._db.rows(
                "SELECT m.id, e.* FROM mention m JOIN engagement e ON e.mention = m.n "
                "AND e.at = (SELECT max(at) FROM engagement WHERE mention = m.n) "
                f"WHERE m.id IN ({marks})",
                ids,
            ):
                engagements[row["id"]] = rows.engagement(row)
            for row in self._db.rows(
                "SELECT m.id, s.* FROM mention m JOIN score s ON s.mention = m.n "
                "AND s.at = (SELECT max(at) FROM score WHERE mention = m.n) "
                f"WHERE m.id IN ({marks})",
                ids,
            ):
                scores[row["id"]] = rows.score(row)
        return [Found(m, engagements.get(m.id), scores.get(m.id)) for m in listed]

    def whole(self, mention_ids: Collection[str]) -> set[str]:
        """See Posts.whole."""
        return {
            row["id"]
            for marks, ids in _chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT id FROM mention WHERE truncated = 0 AND id IN ({marks})",
                ids,
            )
        }

    def engagements(self, mention_ids: Collection[str], since: datetime) -> dict[str, list[Engagement]]:
        """See Posts.engagements."""
        found: dict[str, list[Engagement]] = defaultdict(list)
        start = iso(since)
        for marks, ids in _chunks(mention_ids):
            for row in self._db.rows(
                "SELECT m.id, e.* FROM mention m JOIN engagement e ON e.mention = m.n "
                "AND e.at >= coalesce((SELECT max(at) FROM engagement WHERE mention = m.n AND at < ?), ?) "
                f"WHERE m.id IN ({marks}) ORDER BY e.at",
                (start, start, *ids),
            ):
                found[row["id"]].append(rows.engagement(row))
        return dict(found)

    def reposts_by(self, origin_ids: Collection[str]) -> dict[str, list[Mention]]:
        """See Posts.reposts_by."""
        found: dict[str, list[Mention]] = {}
        for origin in origin_ids:
            listed = self._db.rows(
                f"SELECT {MENTION_COLUMNS} FROM {MENTION_TABLES} WHERE m.repost_of = ? "
                "ORDER BY coalesce(a.followers, 0) DESC, m.n LIMIT 20",
                (origin,),
            )
            if listed:
                found[origin] = [rows.mention(row) for row in listed]
        return found

    def add_scores(self, scores: Iterable[Score]) -> None:
        """See Posts.add_scores."""
        listed = list(scores)
        with self._db.transaction() as tx:
            numbers = self._numbers(s.mention_id for s in listed)
            known = [s for s in listed if s.mention_id in numbers]
            tx.executemany(
                "INSERT OR REPLACE INTO score (mention, at, model, negativity, label, words) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (numbers[s.mention_id], iso(s.at), s.model, s.negativity, s.label, rows.dumps(s.words))
                    for s in known
                ),
            )
            put_tasks(tx, JUDGE, ((numbers[s.mention_id], s.at) for s in known))

    def _numbers(self, mention_ids: Iterable[str]) -> dict[str, int]:
        return {
            row["id"]: row["n"]
            for marks, ids in _chunks(set(mention_ids))
            for row in self._db.rows(f"SELECT id, n FROM mention WHERE id IN ({marks})", ids)
        }

    def search(self, query: Search) -> list[Found]:
        """See Posts.search."""
        tables, where, values = _conditions(query)
        order = f"ORDER BY {WHEN} DESC, m.n DESC"
        newest = f"SELECT m.n FROM {tables} WHERE {where} {order} LIMIT ?"
        listed = self._db.rows(
            f"SELECT {MENTION_COLUMNS} FROM {MENTION_TABLES} WHERE m.n IN ({newest}) {order}",
            (*values, query.limit),
        )
        return self._with_latest(rows.mention(row) for row in listed)

    def count(self, query: Search) -> int:
        """See Posts.count."""
        tables, where, values = _conditions(query)
        counted: int = self._db.rows(f"SELECT count(*) FROM {tables} WHERE {where}", values)[0][0]
        return counted


def _says_more(mention: Mention, known: _Known) -> bool:
    """Whether the page shows a text that should replace the stored one: the whole of it, or an edit."""
    if mention.truncated:
        return known.truncated and len(mention.text) > len(known.text)
    return known.truncated or (mention.text != known.text and _letters(mention.text) != _letters(known.text))


def _letters(text: str) -> str:
    """What an edit changes: two pages of one site differ in blanks and hidden characters without any."""
    return "".join(fold(text).split())


def _conditions(query: Search) -> tuple[str, str, list[object]]:
    """Tables, condition and values of a search."""
    tables, where, values = MENTION_TABLES, ["1"], list[object]()
    if query.text.strip():
        match = match_query(query.text)
        tables = "mention_search f JOIN mention m ON m.n = f.rowid " + MENTION_TABLES.removeprefix("mention m")
        where.append("mention_search MATCH ?" if match else "0")
        values += [match] if match else []
    if query.brand is not None:
        where.append("EXISTS (SELECT 1 FROM mention_brand b WHERE b.mention = m.n AND b.brand = ?)")
        values.append(query.brand)
    if query.platform is not None:
        where.append("m.platform = ?")
        values.append(query.platform)
    if query.since is not None:
        where.append(f"{WHEN} >= ?")
        values.append(iso(query.since))
    if query.until is not None:
        where.append(f"{WHEN} < ?")
        values.append(iso(query.until))
    latest = "SELECT {} FROM score s WHERE s.mention = m.n ORDER BY s.at DESC LIMIT 1"
    if query.label is not None:
        where.append(f"({latest.format('label')}) = ?")
        values.append(query.label)
    if query.min_negativity is not None:
        where.append(f"({latest.format('negativity')}) >= ?")
        values.append(query.min_negativity)
    return tables, " AND ".join(where), values


def _chunks(values: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Question marks and the ids they stand for, a statement's worth at a time."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield ",".join("?" * len(chunk)), chunk
