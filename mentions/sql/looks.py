"""Looks at queries and what they say of what was missed, in SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from mentions.coverage import Basis, Coverage, estimate
from mentions.looks import Covered, Look, Looks
from mentions.sql.database import Database, Row, Transaction, marks
from mentions.sql.rows import dumps, iso, iso_or_none, loads, time, time_or_none
from mentions.sql.words import chunks
from mentions.text import fold, scrub
from mentions.windows import Seen, middle

REMEMBERED = 16
"""Looks at a query whose posts are remembered."""
WITHIN = timedelta(days=1)
"""Older ones say nothing of now."""
WORKED_OUT = timedelta(minutes=5)
"""How often the estimates are worked out: they change slowly, and cost more than a page."""
UNCUT = ("", "mentions", "empty")
"""Outcomes of the last page of a look that the site itself ended."""
BESIDE = 400
"""Looks at other queries that are searched for posts which one should have shown."""
NEWEST = 2000
"""Posts of other lists that are looked through."""
LAYOUT_CHANGED = "layout_changed"
COLUMNS = ("source", "query", "run", "at", "pages", "shown", "known", "oldest", "newest", "cap_hit", "outcome")
ESTIMATED = ("basis", "share", "low", "high", "one_look", "looks", "posts")


class SqlLooks(Looks):
    """Looks in SQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, looks: Sequence[Look]) -> None:
        """See Looks.add."""
        if not looks:
            return
        numbers = self._numbers({post for look in looks for post in look.posts})
        with self._db.transaction(durable=False) as tx:
            for look in looks:
                self._add(tx, look, [numbers[post] for post in look.posts if post in numbers])
                self._stands(tx, look)
        source, now = looks[0].source, max(look.at for look in looks)
        last = self._db.rows("SELECT max(worked) AS at FROM coverage WHERE source = ?", (source,))[0]["at"]
        if last is None or not timedelta() <= now - time(last) < WORKED_OUT:
            self.work_out(source)

    def _add(self, tx: Transaction, look: Look, posts: Sequence[int]) -> None:
        values = (look.source, scrub(look.query), look.run, iso(look.at), look.pages, look.shown, look.known)
        ends = (iso_or_none(look.oldest), iso_or_none(look.newest), look.cap_hit, look.outcome)
        tx.execute(
            f"INSERT INTO look ({', '.join(COLUMNS)}, posts) VALUES ({marks(COLUMNS)}, ?)",
            (*values, *ends, dumps(posts) if posts else None),
        )
        tx.execute(
            "UPDATE look SET posts = NULL WHERE source = ? AND query = ? AND posts IS NOT NULL AND id NOT IN "
            "(SELECT id FROM look WHERE source = ? AND query = ? AND posts IS NOT NULL ORDER BY id DESC LIMIT ?)",
            (look.source, look.query, look.source, look.query, REMEMBERED),
        )

    def _stands(self, tx: Transaction, look: Look) -> None:
        """How its query stands after a look."""
        key, at = (look.source, scrub(look.query)), iso(look.at)
        tx.execute(
            "INSERT INTO coverage (source, query, at, capped, since) VALUES (?, ?, ?, 0, ?) "
            "ON CONFLICT (source, query) DO NOTHING",
            (*key, at, at),
        )
        tx.execute(
            "UPDATE coverage SET asked = ?, outcome = ?, brand = ?, unread = unread + 1 "
            "WHERE source = ? AND query = ?",
            (at, look.outcome, look.brand, *key),
        )
        if look.outcome == LAYOUT_CHANGED:
            tx.execute(
                "UPDATE coverage SET broken = coalesce(broken, ?) WHERE source = ? AND query = ?", (at, *key)
            )
        elif look.is_read:
            tx.execute("UPDATE coverage SET broken = NULL WHERE source = ? AND query = ?", key)
        if look.is_read:
            tx.execute("UPDATE coverage SET read = ?, unread = 0 WHERE source = ? AND query = ?", (at, *key))
        if look.pages:
            capped = "capped + 1" if look.cap_hit else "0"
            tx.execute(f"UPDATE coverage SET at = ?, capped = {capped} WHERE source = ? AND query = ?", (at, *key))

    def _numbers(self, ids: Collection[str]) -> dict[str, int]:
        return {
            row["id"]: row["n"]
            for chunk in chunks(ids)
            for row in self._db.rows(
                f"SELECT k.id, k.n FROM {self._db.KEYS} k WHERE k.id IN ({marks(chunk)})", chunk
            )
        }

    def work_out(self, source: str) -> None:
        """See Looks.work_out."""
        listed = self._db.rows(
            "SELECT query, at FROM coverage c WHERE source = ? AND (SELECT count(*) FROM look l "
            "WHERE l.source = c.source AND l.query = c.query AND l.posts IS NOT NULL) > 1",
            (source,),
        )
        queries = {row["query"]: time(row["at"]) for row in listed}
        if not queries:
            return
        now = max(queries.values())
        current = [query for query, at in queries.items() if at > now - WITHIN]
        looks = {query: self.seen(source, query) for query in current}
        beside = self._beside(source, [query for query in current if not query.startswith("[")], now)
        with self._db.transaction(durable=False) as tx:
            for query in current:
                c = estimate(looks[query], beside.get(query))
                tx.execute(
                    f"UPDATE coverage SET worked = ?, {', '.join(f'{name} = ?' for name in ESTIMATED)}, "
                    "gap_seconds = ? WHERE source = ? AND query = ?",
                    (iso(now), *(getattr(c, name) for name in ESTIMATED), c.gaps.total_seconds(), source, query),
                )

    def seen(self, source: str, query: str) -> list[Seen]:
        """See Looks.seen."""
        listed = self._db.rows(
            "SELECT at, posts, cap_hit, outcome FROM look WHERE source = ? AND query = ? AND posts IS NOT NULL "
            "ORDER BY id DESC LIMIT ?",
            (source, query, REMEMBERED),
        )
        if not listed:
            return []
        since = time(listed[0]["at"]) - WITHIN
        rows = [row for row in reversed(listed) if time(row["at"]) > since]
        published = self._published({n for row in rows for n in loads(row["posts"])})
        return [
            Seen(
                time(row["at"]),
                {n: published[n] for n in loads(row["posts"]) if n in published},
                cut=bool(row["cap_hit"]) or row["outcome"] not in UNCUT,
            )
            for row in rows
        ]

    def _published(self, numbers: Iterable[int]) -> dict[int, datetime]:
        return {
            row["n"]: middle(time(row["published"]), time(row["first_seen"]))
            for chunk in chunks(numbers)
            for row in self._db.rows(
                "SELECT n, published, first_seen FROM mention "
                f"WHERE n IN ({marks(chunk)}) AND published IS NOT NULL",
                chunk,
            )
        }

    def _beside(self, source: str, words: Sequence[str], now: datetime) -> dict[str, dict[int, datetime]]:
        """By searched word the posts of its platform that other lists showed and that hold the word."""
        if not words:
            return {}
        listed = self._db.rows(
            "SELECT source, query, posts FROM look WHERE at > ? AND posts IS NOT NULL ORDER BY id DESC LIMIT ?",
            (iso(now - WITHIN), BESIDE),
        )
        shown: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row in listed:
            shown[row["source"], row["query"]] |= set(loads(row["posts"]))
        if len(shown) <= 1:
            return {}
        texts = list(self._texts(sorted(set().union(*shown.values()))[-NEWEST:]))
        platform = {row["n"]: row["platform"] for row in texts}
        own = {platform[n] for (name, _), posts in shown.items() if name == source for n in posts if n in platform}
        folded = [(row, fold(f"{row['title'] or ''}\n{row['text']}")) for row in texts if row["platform"] in own]
        found: dict[str, dict[int, datetime]] = {}
        for word in words:
            others = set().union(*(posts for key, posts in shown.items() if key != (source, word)))
            needle = fold(word)
            found[word] = {
                row["n"]: middle(time(row["published"]), time(row["first_seen"]))
                for row, text in folded
                if row["n"] in others and needle in text
            }
        return found

    def _texts(self, numbers: Iterable[int]) -> Iterable[Row]:
        for chunk in chunks(numbers):
            yield from self._db.rows(
                "SELECT n, platform, title, text, published, first_seen FROM mention "
                f"WHERE n IN ({marks(chunk)}) AND published IS NOT NULL",
                chunk,
            )

    def recent(self, source: str, query: str | None = None, limit: int = 20) -> list[Look]:
        """See Looks.recent."""
        one = "" if query is None else "AND query = ? "
        listed = self._db.rows(
            f"SELECT {', '.join(COLUMNS)} FROM look WHERE source = ? {one}ORDER BY id DESC LIMIT ?",
            (source, *(() if query is None else (query,)), limit),
        )
        return [
            Look(
                source=row["source"],
                query=row["query"],
                at=time(row["at"]),
                run=row["run"],
                pages=row["pages"],
                shown=row["shown"],
                known=row["known"],
                oldest=time_or_none(row["oldest"]),
                newest=time_or_none(row["newest"]),
                cap_hit=bool(row["cap_hit"]),
                outcome=row["outcome"],
            )
            for row in listed
        ]

    def covered(self, sources: Collection[str], since: datetime) -> dict[str, list[Covered]]:
        """See Looks.covered."""
        names = list(sources)
        found: dict[str, list[Covered]] = {name: [] for name in names}
        if names:
            for row in self._db.rows(
                f"SELECT * FROM coverage WHERE source IN ({marks(names)}) AND asked >= ? ORDER BY source, query",
                (*names, iso(since)),
            ):
                found[row["source"]].append(_covered(row, since))
        return found


def _covered(row: Row, since: datetime) -> Covered:
    return Covered(
        source=row["source"],
        query=row["query"],
        at=time(row["at"]),
        capped=row["capped"],
        coverage=_coverage(row, since),
        since=time(row["since"]),
        asked=time(row["asked"]),
        read=time_or_none(row["read"]),
        outcome=row["outcome"],
        broken=time_or_none(row["broken"]),
        unread=row["unread"],
        brand=row["brand"],
    )


def _coverage(row: Row, since: datetime) -> Coverage:
    """What was worked out; an old estimate says nothing of a query that is not read any more."""
    if row["basis"] is None or time(row["at"]) < since:
        return Coverage(Basis.TOO_FEW)
    return Coverage(
        basis=Basis(row["basis"]),
        share=row["share"],
        low=row["low"],
        high=row["high"],
        one_look=row["one_look"],
        looks=row["looks"],
        posts=row["posts"],
        gaps=timedelta(seconds=row["gap_seconds"]),
    )
