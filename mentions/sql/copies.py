"""Copies, reposts and authenticity, in SQL.

`fingerprint` has one row for each mention that was looked at. Its origin is NULL where it is one itself, and only
such rows are in the indexes over the blocks: a text that ten thousand accounts post is one candidate.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mentions.authenticity import Authenticity, Reason, Signal
from mentions.copies import Copies, Kin
from mentions.fingerprints import BLOCK_BITS, BLOCKS, Fingerprint, blocks, distance, fingerprint
from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.kin import group, last_times
from mentions.sql.rows import BETWEEN_BRANDS, dumps, iso, loads, time
from mentions.sql.words import WHEN, Words, chunks
from mentions.types import Mention

CANDIDATES = 200
"""Rows of one block that are looked at, the earliest stored first. Among 381,000 different real posts a lookup met
8 in a block, 43 in one of a hundred lookups, and 101 at most."""
MASK = (1 << BLOCK_BITS) - 1
BLOCK = [f"(hash >> {place * BLOCK_BITS}) & {MASK}" for place in range(BLOCKS)]
"""The blocks as both schemas index them."""
IS_ORIGIN = "origin IS NULL AND hash IS NOT NULL"
LOOKUP = " UNION ALL ".join(
    f"SELECT * FROM (SELECT mention, hash FROM fingerprint WHERE {block} = ? AND {IS_ORIGIN} "
    f"ORDER BY mention LIMIT {CANDIDATES}) b{place}"
    for place, block in enumerate(BLOCK)
)


@dataclass(frozen=True, slots=True)
class _Post:
    """A mention that is being linked."""

    n: int
    mention: Mention
    print: Fingerprint | None
    """None for a repost, whose words are beside what it passes on, and for a text that is too short to tell."""

    @property
    def order(self) -> tuple[datetime, int]:
        return self.mention.published or self.mention.first_seen, self.n


class SqlCopies(Copies):
    """Copies in SQL."""

    def __init__(self, db: Database, words: Words, *, lock: Sequence[str] = ()) -> None:
        """Take the statements that keep erasing and retaining out while links are written."""
        self._db = db
        self._words = words
        self._lock = lock

    def link(self, mentions: Collection[Mention], at: datetime) -> set[str]:
        """See Copies.link."""
        new = self._unlooked(mentions)
        prints = {m.id: None if m.repost_of else fingerprint(m.words) for m in new}
        if not new:
            return set()
        touched: set[int] = set()
        with self._db.transaction(durable=False) as tx:
            for statement in self._lock:
                tx.execute(statement)
            numbers = self._numbers([m.id for m in new])
            posts = [_Post(numbers[m.id], m, prints[m.id]) for m in new if m.id in numbers]
            for post in sorted(posts, key=lambda post: post.order):
                touched |= self._place(tx, post, at)
        return set(self._ids(touched).values())

    def _unlooked(self, mentions: Iterable[Mention]) -> list[Mention]:
        listed = {m.id: m for m in mentions}
        known = {
            row["id"]
            for ids in chunks(listed)
            for row in self._db.rows(
                f"SELECT k.id FROM {self._db.KEYS} k JOIN fingerprint f ON f.mention = k.n "
                f"WHERE k.id IN ({marks(ids)})",
                ids,
            )
        }
        return [m for i, m in listed.items() if i not in known]

    def _place(self, tx: Transaction, post: _Post, at: datetime) -> set[int]:
        """Find one post its place among the others; the origins whose kin changed."""
        tx.execute(
            "INSERT INTO fingerprint (mention, hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (post.n, post.print.bits if post.print else None),
        )
        origin, touched = post.n, set[int]()
        if post.mention.repost_of is not None:
            origin = self._passed_on(tx, post.mention.repost_of, post.n)
            if origin != post.n:
                self._attach(tx, post.n, origin, None, at)
                touched.add(origin)
        elif (found := self._nearest(tx, post)) is not None:
            other, bits, when = found
            if (when, other) <= post.order:
                origin = other
                self._attach(tx, post.n, other, bits, at)
            else:
                self._attach(tx, other, post.n, bits, at)
            touched.add(origin)
        for stand_in in self._stand_ins(tx, post, origin):
            self._attach(tx, stand_in, origin, None, at)
            touched.add(origin)
        return touched

    def _passed_on(self, tx: Transaction, passed_on: str, n: int) -> int:
        """The origin of what a repost passes on; where that is not stored, the first linked repost stands in."""
        stored = tx.execute(
            f"SELECT coalesce(f.origin, k.n) AS origin FROM {self._db.KEYS} k "
            "LEFT JOIN fingerprint f ON f.mention = k.n WHERE k.id = ?",
            (passed_on,),
        ).fetchone()
        found = (
            stored
            or tx.execute(
                "SELECT coalesce(f.origin, f.mention) AS origin "
                "FROM mention r JOIN fingerprint f ON f.mention = r.n "
                "WHERE r.repost_of = ? AND r.n <> ? LIMIT 1",
                (passed_on, n),
            ).fetchone()
        )
        return n if found is None else int(found["origin"])

    @staticmethod
    def _stand_ins(tx: Transaction, post: _Post, origin: int) -> list[int]:
        """Origins that stood in for this post, which was not stored when its reposts were linked."""
        found = tx.execute(
            "SELECT DISTINCT coalesce(f.origin, f.mention) AS n "
            "FROM mention r JOIN fingerprint f ON f.mention = r.n "
            "WHERE r.repost_of = ?",
            (post.mention.id,),
        ).fetchall()
        return [row["n"] for row in found if row["n"] not in {post.n, origin}]

    def _nearest(self, tx: Transaction, post: _Post) -> tuple[int, int, datetime] | None:
        """The origin that says the same of the same brands: its number, how far it is, and when it was said."""
        if post.print is None:
            return None
        near = _near(tx.execute(LOOKUP, blocks(post.print.bits)).fetchall(), post.print)
        near.pop(post.n, None)
        said = [
            (near[row["n"]], time(row["at"]), int(row["n"]))
            for row in self._named(tx, near)
            if _brands(row) == {*post.mention.brands}
        ]
        if not said:
            return None
        bits, when, n = min(said)
        return n, bits, when

    def _named(self, tx: Transaction, numbers: Collection[int]) -> list[Row]:
        if not numbers:
            return []
        return tx.execute(
            f"SELECT m.n, {WHEN} AS at, (SELECT {self._words.joined_brands} FROM mention_brand b "
            f"WHERE {self._words.of_mention.format('b')}) AS brands FROM mention m "
            f"WHERE m.n IN ({marks([*numbers])})",
            [*numbers],
        ).fetchall()

    def _attach(self, tx: Transaction, n: int, origin: int, bits: int | None, at: datetime) -> None:
        """Link a mention, and all that was linked to it, to an origin; the roll-ups count it as a copy."""
        tx.execute("UPDATE fingerprint SET origin = ? WHERE origin = ?", (origin, n))
        tx.execute(
            "UPDATE fingerprint SET origin = ?, distance = ?, at = ? WHERE mention = ?", (origin, bits, iso(at), n)
        )
        tx.execute("UPDATE mention_brand SET original = ? WHERE mention = ?", (False, n))

    def alike(self, text: str) -> dict[str, int]:
        """See Copies.alike."""
        asked = fingerprint(text)
        if asked is None:
            return {}
        near = _near(self._db.rows(LOOKUP, blocks(asked.bits)), asked)
        return {mention_id: near[n] for n, mention_id in self._ids(near).items()}

    def origins(self, mention_ids: Collection[str]) -> dict[str, str]:
        """See Copies.origins."""
        number_of = self._origins(mention_ids)
        ids = self._ids(set(number_of.values()))
        return {i: ids[n] for i, n in number_of.items() if n in ids}

    def of_origins(self, mention_ids: Collection[str], limit: int) -> dict[str, list[str]]:
        """See Copies.of_origins."""
        found = {
            i: self._db.rows(
                "SELECT mention FROM fingerprint WHERE origin = ? AND distance IS NOT NULL "
                "ORDER BY mention DESC LIMIT ?",
                (n, limit),
            )
            for i, n in self._numbers(mention_ids).items()
        }
        ids = self._ids({row["mention"] for listed in found.values() for row in listed})
        return {i: [ids[row["mention"]] for row in listed[::-1]] for i, listed in found.items() if listed}

    def _origins(self, mention_ids: Collection[str]) -> dict[str, int]:
        """The numbers of the origins of mentions that were looked at."""
        return {
            row["id"]: row["origin"]
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT k.id, coalesce(f.origin, f.mention) AS origin FROM {self._db.KEYS} k "
                f"JOIN fingerprint f ON f.mention = k.n WHERE k.id IN ({marks(ids)})",
                ids,
            )
        }

    def kin(self, mention_ids: Collection[str]) -> dict[str, Kin]:
        """See Copies.kin."""
        origin_of = self._origins(mention_ids)
        groups = {
            origin: kin for origin in set(origin_of.values()) if (kin := group(self._db, origin)) is not None
        }
        return {i: groups[origin] for i, origin in origin_of.items() if origin in groups}

    def earlier(self, mentions: Collection[Mention]) -> dict[str, list[datetime]]:
        """See Copies.earlier."""
        authors = {(m.author.platform, m.author.id) for m in mentions if m.author is not None}
        times = {author: last_times(self._db, *author) for author in sorted(authors)}
        return {m.id: times[m.author.platform, m.author.id] for m in mentions if m.author is not None}

    def note(self, judged: Collection[Authenticity]) -> None:
        """See Copies.note."""
        known = self.authenticity([a.mention_id for a in judged])
        changed = [a for a in judged if _said_of(a) != _said_of(known.get(a.mention_id))]
        if not changed:
            return
        with self._db.transaction(durable=False) as tx:
            for statement in self._lock:
                tx.execute(statement)
            numbers = self._numbers([a.mention_id for a in changed])
            for a in changed:
                if a.mention_id in numbers:
                    n = numbers[a.mention_id]
                    tx.execute("DELETE FROM authenticity WHERE mention = ?", (n,))
                    if a.reasons:
                        tx.execute(
                            "INSERT INTO authenticity (mention, at, value, reasons) VALUES (?, ?, ?, ?)",
                            (n, iso(a.at), a.value, _written(a.reasons)),
                        )

    def authenticity(self, mention_ids: Collection[str]) -> dict[str, Authenticity]:
        """See Copies.authenticity."""
        return {
            row["id"]: Authenticity(
                row["id"],
                time(row["at"]),
                row["value"],
                tuple(Reason(Signal(r["signal"]), r["numbers"]) for r in loads(row["reasons"])),
            )
            for ids in chunks(mention_ids)
            for row in self._db.rows(
                f"SELECT k.id, t.at, t.value, t.reasons FROM {self._db.KEYS} k JOIN authenticity t "
                f"ON t.mention = k.n WHERE k.id IN ({marks(ids)})",
                ids,
            )
        }

    def _numbers(self, mention_ids: Collection[str]) -> dict[str, int]:
        return {
            row["id"]: row["n"]
            for ids in chunks(mention_ids)
            for row in self._db.rows(f"SELECT k.id, k.n FROM {self._db.KEYS} k WHERE k.id IN ({marks(ids)})", ids)
        }

    def _ids(self, numbers: Collection[int]) -> dict[int, str]:
        return {
            row["n"]: row["id"]
            for ns in chunks(numbers)
            for row in self._db.rows(f"SELECT n, id FROM {self._db.KEYS} WHERE n IN ({marks(ns)})", ns)
        }


def _near(candidates: Iterable[Row], asked: Fingerprint) -> dict[int, int]:
    """Those of the candidates that say the same, and how far they are."""
    far = ((row["mention"], distance(row["hash"], asked.bits)) for row in candidates)
    return {n: bits for n, bits in far if bits <= asked.within}


def _brands(row: Row) -> set[str]:
    return set(row["brands"].split(BETWEEN_BRANDS)) if row["brands"] else set()


def _said_of(a: Authenticity | None) -> object:
    return () if a is None else a.reasons


def _written(reasons: Iterable[Reason]) -> str:
    return dumps([{"signal": r.signal.value, "numbers": dict(r.numbers)} for r in reasons])
