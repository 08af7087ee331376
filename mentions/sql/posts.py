"""Mentions with their authors, counts and scores, in SQL; each database numbers and indexes them."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mentions import hot
from mentions.posts import Found, Posts, Recorded, Search
from mentions.sql import rows
from mentions.sql.authors import followed, put_authors
from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.pages import (
    TASK,
    UNSCORED,
    Key,
    author_rows,
    brand_rows,
    copy_rows,
    engagement_rows,
    one_each,
    put_copy,
    task_rows,
)
from mentions.sql.recording import Known, known_posts, put_hot, unforgotten
from mentions.sql.rows import iso
from mentions.sql.searching import SqlSearch
from mentions.sql.tables import AUTHOR, ENGAGEMENT, MENTION_BRAND, REVISION
from mentions.sql.tables import SCORE as SCORES
from mentions.sql.words import AUTHORS, Words, chunks
from mentions.tasks import JUDGE, SCORE
from mentions.types import Author, Engagement, HotRank, Mention, Observation, Score


class SqlPosts(Posts):
    """Posts in SQL, as far as both databases read alike."""

    words: Words

    def __init__(self, db: Database, search: SqlSearch) -> None:
        self._db = db
        self._search = search

    def get(self, mention_ids: Collection[str]) -> dict[str, Found]:
        """See Posts.get."""
        words = self.words
        mentions = [
            rows.mention(row)
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT {words.columns()} FROM {words.by_id} {AUTHORS} WHERE {words.id} IN ({marks(ids)})", ids
            )
        ]
        in_order = sorted(mentions, key=lambda mention: mention.id)
        return {found.mention.id: found for found in self._with_latest(in_order)}

    def _with_latest(self, listed: Sequence[Mention]) -> list[Found]:
        ids = [m.id for m in listed]
        engagements = {row["id"]: rows.engagement(row) for row in self._latest("engagement", ids)}
        scores = {row["id"]: rows.score(row) for row in self._latest("score", ids)}
        entries = [i for i, m in zip(ids, listed, strict=True) if hot.list_of(m.platform) is not None]
        ranks = {row["id"]: rows.hot(row) for row in self._latest("hot", entries)}
        return [Found(m, engagements.get(m.id), scores.get(m.id), ranks.get(m.id)) for m in listed]

    def _latest(self, table: str, mention_ids: Collection[str]) -> Iterator[Row]:
        """The last row of each mention in a table, with its mention's id."""
        words = self.words
        for ids in chunks(mention_ids):
            yield from self._db.rows(
                f"SELECT m.id, t.* FROM {words.by_id} JOIN {table} t ON {words.of_mention.format('t')} "
                f"AND t.at = {words.latest(table)} WHERE {words.id} IN ({marks(ids)})",
                ids,
            )

    def whole(self, mention_ids: Collection[str]) -> set[str]:
        """See Posts.whole."""
        words = self.words
        return {
            row["id"]
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT m.id FROM {words.by_id} WHERE NOT m.truncated AND {words.id} IN ({marks(ids)})", ids
            )
        }

    def record_authors(self, authors: Collection[Author], at: datetime) -> None:
        """See Posts.record_authors."""
        with self._db.transaction(durable=False) as tx:
            put_authors(self._db, tx, authors, at)

    def followed(self, authors: Collection[tuple[str, str]], since: datetime) -> set[tuple[str, str]]:
        """See Posts.followed."""
        return followed(self._db, authors, since)

    def answered(self, mention_ids: Collection[str]) -> set[str]:
        """See Posts.answered."""
        return {
            row["thread"]
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT DISTINCT thread FROM mention WHERE thread IN ({marks(ids)}) AND id <> thread", ids
            )
        }

    def engagements(self, mention_ids: Collection[str], since: datetime) -> dict[str, list[Engagement]]:
        """See Posts.engagements."""
        words = self.words
        found: dict[str, list[Engagement]] = defaultdict(list)
        start = iso(since)
        before = f"(SELECT max(x.at) FROM engagement x WHERE {words.of_mention.format('x')} AND x.at < ?)"
        for ids in chunks(mention_ids):
            for row in self._db.rows(
                f"SELECT m.id, e.* FROM {words.by_id} JOIN engagement e ON {words.of_mention.format('e')} "
                f"AND e.at >= coalesce({before}, ?) WHERE {words.id} IN ({marks(ids)}) ORDER BY e.at",
                (start, start, *ids),
            ):
                found[row["id"]].append(rows.engagement(row))
        return dict(found)

    def hot(self, mention_ids: Collection[str]) -> dict[str, list[HotRank]]:
        """See Posts.hot."""
        words = self.words
        found: dict[str, list[HotRank]] = defaultdict(list)
        for ids in chunks(mention_ids):
            for row in self._db.rows(
                f"SELECT m.id, h.* FROM {words.by_id} JOIN hot h ON {words.of_mention.format('h')} "
                f"WHERE {words.id} IN ({marks(ids)}) ORDER BY h.at",
                ids,
            ):
                found[row["id"]].append(rows.hot(row))
        return dict(found)

    def reposts_by(self, origin_ids: Collection[str]) -> dict[str, list[Mention]]:
        """See Posts.reposts_by."""
        found: dict[str, list[Mention]] = {}
        for origin in origin_ids:
            listed = self._db.rows(
                f"SELECT {self.words.columns()} FROM mention m {AUTHORS} WHERE m.repost_of = ? "
                "ORDER BY coalesce(a.followers, 0) DESC, m.n LIMIT 20",
                (origin,),
            )
            if listed:
                found[origin] = [rows.mention(row) for row in listed]
        return found

    def record(self, page: Sequence[Observation]) -> Recorded:
        """See Posts.record."""
        seen = one_each(page)
        if not seen:
            return Recorded((), 0)
        on_page = len(seen)
        with self._db.transaction(durable=False) as tx:
            seen = unforgotten(self._db, seen)
            known = known_posts(self._db, self.words, seen)
            unknown = [o.mention for i, o in seen.items() if i not in known]
            added = self._add(tx, unknown)
            new = [m for m in unknown if m.id in added]
            # What another process stored at this very moment has its number from there.
            elsewhere = self.keys([m.id for m in unknown if m.id not in added])
            keys = added | elsewhere | {i: self._key(k) for i, k in known.items()}
            self._db.put(tx, AUTHOR, author_rows(seen.values()))
            changed = [o.mention for i, o in seen.items() if i in known and known[i].is_outdone_by(o.mention)]
            for mention in changed:
                self._replace_text(tx, known[mention.id], mention)
            self._db.put(tx, MENTION_BRAND, brand_rows((*new, *changed), keys))
            self._db.put(tx, ENGAGEMENT, engagement_rows(seen.values(), keys))
            # A copy of what is new in words; that counts move is told by `engagement`.
            if copies := copy_rows((seen[m.id] for m in (*new, *changed) if m.brands), keys):
                tx.executemany(put_copy(self.words.key), copies)
            if back := [k.n for k in known.values() if k.gone]:
                at = iso(max(seen[i].mention.first_seen for i, k in known.items() if k.gone))
                tx.execute(
                    f"UPDATE gone SET back = ? WHERE back IS NULL AND mention IN ({marks(back)})", (at, *back)
                )
            if entries := [o for o in seen.values() if o.hot is not None]:
                put_hot(self._db, tx, self.words, entries, keys)
            asked = task_rows(SCORE, [(keys[m.id][0], m.first_seen) for m in (*new, *changed) if m.brands])
            asked += task_rows(
                JUDGE,
                [(k.n, e.at) for i, k in known.items() if k.scored and (e := seen[i].engagement) is not None],
            )
            # A list is a fact, whatever a model says of its words: nobody waits for a score.
            asked += task_rows(
                JUDGE, [(keys[o.mention.id][0], h.at) for o in entries if o.mention.brands and (h := o.hot)]
            )
            self._db.put(tx, TASK, asked)
        return Recorded(tuple(m.id for m in new), on_page, refused=on_page - len(seen))

    @abstractmethod
    def _add(self, tx: Transaction, new: Sequence[Mention]) -> dict[str, Key]:
        """Give posts never seen before their numbers, store and index them; those that were not there."""

    def _key(self, known: Known) -> Key:
        return (known.n, known.first_seen) if "first_seen" in self.words.key else (known.n,)

    def _replace_text(self, tx: Transaction, known: Known, mention: Mention) -> None:
        key = self._key(known)
        if not known.truncated:
            self._db.put(tx, REVISION, [(*key, iso(mention.first_seen), known.text)])
        self._rewrite(tx, known, mention)
        if known.truncated:
            self._complete(tx, known, mention)
        others = f"AND brand NOT IN ({marks(mention.brands)})" if mention.brands else ""
        tx.execute(f"DELETE FROM mention_brand WHERE mention = ? {others}", (known.n, *mention.brands))
        tx.execute("DELETE FROM task WHERE queue = ? AND mention = ?", (SCORE, known.n))
        # Whether it still says what another one does is seen when it is judged; until then it counts for itself.
        tx.execute("DELETE FROM fingerprint WHERE mention = ?", (known.n,))
        tx.execute(
            "UPDATE mention_brand SET original = ? WHERE mention = ? AND original = ?", (True, known.n, False)
        )

    def _complete(self, tx: Transaction, known: Known, mention: Mention) -> None:
        """Who wrote a post and when, where a list or a feed that showed it first did not say so, or said less."""
        row = "n = ? AND first_seen = ?"
        if (author := mention.author) is not None and not mention.truncated:
            vague = "author_id IS NULL OR author_platform <> ? OR substr(author_id, 1, 5) = 'name:'"
            tx.execute(
                f"UPDATE mention SET author_platform = ?, author_id = ? WHERE {row} AND ({vague})",
                (author.platform, author.id, known.n, known.first_seen, author.platform),
            )
        if mention.published is not None:
            tx.execute(
                f"UPDATE mention SET published = ? WHERE {row} AND published IS NULL",
                (iso(mention.published), known.n, known.first_seen),
            )

    @abstractmethod
    def _rewrite(self, tx: Transaction, known: Known, mention: Mention) -> None:
        """Put another text into the mention's row, and into the index."""

    def add_brands(self, mention_id: str, brands: Sequence[str], at: datetime) -> None:
        """See Posts.add_brands."""
        with self._db.transaction() as tx:
            keys = self.keys([mention_id])
            for found in self.get([mention_id]).values():
                lacking = [brand for brand in brands if brand not in found.mention.brands]
                if lacking:
                    self._db.put(tx, MENTION_BRAND, brand_rows([replace(found.mention, brands=(*lacking,))], keys))
                    self._relabel(tx, [keys[mention_id]])
                    self._db.put(tx, TASK, task_rows(SCORE, [(keys[mention_id][0], at)]))

    def add_scores(self, scores: Iterable[Score]) -> None:
        """See Posts.add_scores."""
        listed = list(scores)
        with self._db.transaction() as tx:
            keys = self.keys({s.mention_id for s in listed})
            here = [s for s in listed if s.mention_id in keys]
            self._db.put(
                tx,
                SCORES,
                [
                    (*keys[s.mention_id], iso(s.at), s.model, s.negativity, s.label, rows.dumps(s.words))
                    for s in here
                ],
            )
            self._relabel(tx, [keys[s.mention_id] for s in here])
            self._db.put(tx, TASK, task_rows(JUDGE, [(keys[s.mention_id][0], s.at) for s in here]))

    def _relabel(self, tx: Transaction, keys: Sequence[Key]) -> None:
        """Let the roll-ups count mentions under their latest judgement."""
        words = self.words
        latest = (
            f"SELECT s.label FROM score s WHERE {words.same.format('s', 'mention_brand')} "
            "ORDER BY s.at DESC LIMIT 1"
        )
        for chunk in chunks(keys):
            within, bounds = words.within("mention_brand", chunk)
            tx.execute(
                f"UPDATE mention_brand SET label = coalesce(({latest}), '{UNSCORED}') "
                f"WHERE mention IN ({marks(chunk)}){within}",
                (*(key[0] for key in chunk), *bounds),
            )

    def keys(self, mention_ids: Collection[str]) -> dict[str, Key]:
        """What the rows of other tables begin with, of those of the mentions that exist."""
        columns = ", ".join(f"k.{c}" for c in self.words.key)
        return {
            row["id"]: tuple(row[c] for c in self.words.key)
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT k.id, {columns} FROM {self._db.KEYS} k WHERE k.id IN ({marks(ids)})", ids
            )
        }

    def search(self, query: Search) -> list[Found]:
        """See Posts.search."""
        newest = self._search.newest(query)
        return self._numbered(newest) if newest else []

    def each(self, query: Search) -> Iterator[Found]:
        """See Posts.each."""
        for page in self._search.pages(query):
            yield from self._numbered(page)

    def count(self, query: Search) -> int:
        """See Posts.count."""
        return self._search.count(query)

    def _numbered(self, page: Sequence[Row]) -> list[Found]:
        """The mentions of these rows (the columns of `seen_order`), in their order."""
        numbers = [row["n"] for row in page]
        within, bounds = self.words.within("m", [tuple(row[c] for c in self.words.key) for row in page])
        listed = {
            row["n"]: rows.mention(row)
            for ns in chunks(numbers)
            for row in self._db.rows(
                f"SELECT {self.words.columns()} FROM mention m {AUTHORS} WHERE m.n IN ({marks(ns)}){within}",
                (*ns, *bounds),
            )
        }
        return self._with_latest([listed[n] for n in numbers if n in listed])
