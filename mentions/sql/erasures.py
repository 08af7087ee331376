"""Who asked to be forgotten, as the store remembers it: a salted digest, so that it does not itself name them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from mentions.chain import digest, new_salt
from mentions.erasures import Erasure
from mentions.sql.database import Database, Transaction, marks
from mentions.sql.rows import iso, time

AUTHORS_AT_ONCE = 10_000
AT_ONCE = 900
"""Digests in one statement."""
NEXT_SALT = "SELECT min(salt) AS salt FROM erasure WHERE salt > ?"


def forgotten(
    db: Database, authors: Iterable[tuple[str, str]], which: str = ""
) -> dict[tuple[str, str], datetime]:
    """Those of the authors who were erased, and when. One look at an empty table where nobody ever was."""
    salts = _salts(db)
    if not salts:
        return {}
    listed = set(authors)
    by_digest = {digest(salt, author): author for salt in salts for author in listed}
    names = list(by_digest)
    found = (
        row
        for start in range(0, len(names), AT_ONCE)
        for some in [names[start : start + AT_ONCE]]
        for row in db.rows(f"SELECT author, at FROM erasure WHERE author IN ({marks(some)}) {which}", some)
    )
    return {by_digest[row["author"]]: time(row["at"]) for row in found}


def _salts(db: Database) -> list[str]:
    """The different salts, by jumps through their index: one, or two where two processes were the first."""
    found: list[str] = []
    while salt := db.rows(NEXT_SALT, (found[-1] if found else "",))[0]["salt"]:
        found.append(salt)
    return found


class Erasures:
    """The table `erasure`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def remember(self, tx: Transaction, erasure: Erasure) -> str:
        """Write the wish down, to be done; returns its digest. A later one of the same author replaces it."""
        salts = _salts(self._db)
        author = (erasure.platform, erasure.author)
        known = {digest(salt, author): salt for salt in salts or [new_salt()]}
        there = tx.execute(
            f"SELECT author, at FROM erasure WHERE author IN ({marks([*known])})", [*known]
        ).fetchone()
        if there is not None:
            at = iso(max(erasure.at, time(there["at"])))
            tx.execute("UPDATE erasure SET at = ?, done = NULL WHERE author = ?", (at, there["author"]))
            return str(there["author"])
        named, salt = next(iter(known.items()))
        tx.execute(
            "INSERT INTO erasure (author, platform, salt, at, unpurged) VALUES (?, ?, ?, ?, 0)",
            (named, erasure.platform, salt, iso(erasure.at)),
        )
        return named

    def known_done(self, erasures: Iterable[Erasure]) -> set[Erasure]:
        """Those of which the store knows that nothing is left: it was copied after they were done."""
        listed = list(erasures)
        times = forgotten(self._db, [(e.platform, e.author) for e in listed], "AND done IS NOT NULL")
        return {e for e in listed if (at := times.get((e.platform, e.author))) is not None and at >= e.at}

    def waiting(self) -> list[Erasure]:
        """Those that are not done, as far as their authors are still known to the store."""
        pending = {
            row["author"]: row
            for row in self._db.rows("SELECT author, platform, salt, at FROM erasure WHERE done IS NULL")
        }
        salts = {row["salt"] for row in pending.values()}
        platforms = {row["platform"] for row in pending.values()}
        return [
            Erasure(platform, author, time(pending[named]["at"]))
            for platform in sorted(platforms)
            for author in self._authors(platform)
            for salt in salts
            if (named := digest(salt, (platform, author))) in pending
        ]

    def _authors(self, platform: str) -> Iterator[str]:
        after = ""
        while found := self._db.rows(
            "SELECT id FROM author WHERE platform = ? AND id > ? ORDER BY id LIMIT ?",
            (platform, after, AUTHORS_AT_ONCE),
        ):
            yield from (row["id"] for row in found)
            after = found[-1]["id"]

    def count_waiting(self) -> int:
        """How many are not done."""
        return int(self._db.rows("SELECT count(*) AS n FROM erasure WHERE done IS NULL")[0]["n"])

    def unpurged(self) -> bool:
        """Whether rows were deleted whose bytes may still stand in the database's files."""
        return bool(self._db.rows("SELECT 1 FROM erasure WHERE unpurged = 1 LIMIT 1"))

    def purged(self) -> None:
        """Those bytes are gone."""
        with self._db.transaction() as tx:
            tx.execute("UPDATE erasure SET unpurged = 0 WHERE unpurged = 1")

    def done(self, erasures: Iterable[Erasure], now: datetime) -> None:
        """Nothing is left of these."""
        named = self._digests(erasures)
        with self._db.transaction() as tx:
            tx.executemany("UPDATE erasure SET done = ? WHERE author = ?", [(iso(now), one) for one in named])

    def done_but(self, suspended: Iterable[Erasure], now: datetime) -> None:
        """Of all others nothing is left, also of those whose author the store does not know any more."""
        kept = self._digests(suspended)
        but = f"AND author NOT IN ({marks(kept)})" if kept else ""
        with self._db.transaction() as tx:
            tx.execute(f"UPDATE erasure SET done = ? WHERE done IS NULL {but}", (iso(now), *kept))

    def _digests(self, erasures: Iterable[Erasure]) -> list[str]:
        salts = _salts(self._db)
        return [digest(salt, (e.platform, e.author)) for e in erasures for salt in salts]
