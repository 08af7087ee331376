"""Copies of posts, in SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

import orjson

from mentions.evidence import Copy, Damaged, DamagedCopy, Evidence, Harm, Kind, hashed, packed, unpacked
from mentions.shape import iso_utc, mention_json
from mentions.sql import rows
from mentions.sql.database import Database, Row, marks
from mentions.sql.pages import put_copy
from mentions.sql.posts import SqlPosts
from mentions.sql.rows import iso, time, time_or_none
from mentions.sql.words import chunks
from mentions.text import scrub

COLUMNS = "e.sha256, e.at, e.kind, e.size, e.frozen, e.url, e.stamped"
AT_ONCE = 100
"""Copies that are read together to be checked."""


class SqlEvidence(Evidence):
    """Evidence in SQL."""

    def __init__(self, db: Database, posts: SqlPosts) -> None:
        self._db = db
        self._posts = posts
        self._words = posts.words

    def keep(
        self, mention_id: str, body: bytes, kind: Kind, at: datetime, *, url: str | None = None
    ) -> str | None:
        """See Evidence.keep."""
        digest, stored = hashed(body), packed(body)  # before the transaction: a picture takes its time
        where = None if url is None else scrub(url)
        with self._db.transaction() as tx:
            key = self._posts.keys([mention_id]).get(mention_id)
            if key is None:
                return None
            values = (*key, digest, iso(at), kind.value, len(body), stored, where)
            tx.execute(put_copy(self._words.key, "url"), values)
        return digest

    def freeze(self, mention_id: str, at: datetime) -> list[str]:
        """See Evidence.freeze."""
        with self._db.transaction() as tx:
            if self._lacks_one(mention_id) and (found := self._posts.get([mention_id]).get(mention_id)):
                known = mention_json(found.mention, found.engagement)
                known |= {"first_seen": iso_utc(found.mention.first_seen)}
                self.keep(mention_id, orjson.dumps(known, option=orjson.OPT_INDENT_2), Kind.ROW, at)
            tx.execute(
                "UPDATE evidence SET frozen = ? WHERE frozen IS NULL "
                f"AND mention = (SELECT n FROM {self._db.KEYS} WHERE id = ?)",
                (iso(at), mention_id),
            )
            return [copy.sha256 for copy in self.copies([mention_id]).get(mention_id, ())]

    def _lacks_one(self, mention_id: str) -> bool:
        of = self._words.of_mention.format
        row = self._db.rows(
            f"SELECT (SELECT max(e.at) FROM evidence e WHERE {of('e')} AND e.kind IN ('post', 'row')) AS copied, "
            f"(SELECT max(r.until) FROM revision r WHERE {of('r')}) AS changed "
            f"FROM {self._words.by_id} WHERE {self._words.id} = ?",
            (mention_id,),
        )
        if not row:
            return False
        copied, changed = time_or_none(row[0]["copied"]), time_or_none(row[0]["changed"])
        return copied is None or (changed is not None and copied < changed)

    def copies(self, mention_ids: Collection[str]) -> dict[str, list[Copy]]:
        """See Evidence.copies."""
        found: dict[str, list[Copy]] = defaultdict(list)
        for ids in chunks(mention_ids):
            for row in self._db.rows(
                f"SELECT {self._words.id} AS id, {COLUMNS} FROM {self._words.by_id} "
                f"JOIN evidence e ON {self._words.of_mention.format('e')} "
                f"WHERE {self._words.id} IN ({marks(ids)}) ORDER BY e.at, e.sha256",
                ids,
            ):
                found[row["id"]].append(_copy(row))
        return dict(found)

    def body(self, copy: Copy) -> bytes:
        """See Evidence.body."""
        body = self._body(copy.mention_id, copy.sha256)
        if body is None or hashed(body) != copy.sha256:
            harm = Harm.MISSING if body is None else Harm.CHANGED
            raise DamagedCopy(f"The copy {copy.sha256[:12]} of {copy.mention_id} cannot be used: {harm.value}.")
        return body

    def _body(self, mention_id: str, digest: str) -> bytes | None:
        """What stands there: None where nothing does, nothing where it was never packed by us."""
        listed = self._db.rows(
            f"SELECT e.body FROM evidence e WHERE e.mention = (SELECT n FROM {self._db.KEYS} WHERE id = ?) "
            "AND e.sha256 = ?",
            (mention_id, digest),
        )
        return (unpacked(bytes(listed[0]["body"])) or b"") if listed else None

    def unstamped(self, since: datetime | None = None) -> Iterator[Copy]:
        """See Evidence.unstamped."""
        after: tuple[object, ...] = (iso(since or datetime(1970, 1, 1, tzinfo=UTC)), -1, "")
        while listed := self._db.rows(
            f"SELECT k.id, e.mention, {COLUMNS} FROM evidence e JOIN {self._db.KEYS} k ON k.n = e.mention "
            "WHERE e.frozen IS NOT NULL AND e.token IS NULL AND (e.frozen, e.mention, e.sha256) > (?, ?, ?) "
            "ORDER BY e.frozen, e.mention, e.sha256 LIMIT ?",
            (*after, AT_ONCE),
        ):
            yield from map(_copy, listed)
            after = (listed[-1]["frozen"], listed[-1]["mention"], listed[-1]["sha256"])

    def stamp(self, copy: Copy, token: bytes, at: datetime) -> None:
        """See Evidence.stamp."""
        with self._db.transaction() as tx:
            tx.execute(
                "UPDATE evidence SET token = ?, stamped = ? WHERE sha256 = ? AND token IS NULL "
                f"AND mention = (SELECT n FROM {self._db.KEYS} WHERE id = ?)",
                (token, iso(at), copy.sha256, copy.mention_id),
            )

    def tokens(self, mention_ids: Collection[str] | None = None) -> Iterator[tuple[Copy, bytes]]:
        """See Evidence.tokens."""
        after: tuple[object, ...] = (-1, "")
        while listed := self._db.rows(
            f"SELECT k.id, e.mention, e.token, {COLUMNS} "
            f"FROM evidence e JOIN {self._db.KEYS} k ON k.n = e.mention "
            "WHERE e.token IS NOT NULL AND (e.mention, e.sha256) > (?, ?) ORDER BY e.mention, e.sha256 LIMIT ?",
            (*after, AT_ONCE),
        ):
            for row in listed:
                if mention_ids is None or row["id"] in mention_ids:
                    yield _copy(row), bytes(row["token"])
            after = (listed[-1]["mention"], listed[-1]["sha256"])

    def damaged(self) -> list[Damaged]:
        """See Evidence.damaged."""
        return [*self._changed(), *self._missing()]

    def _changed(self) -> Iterable[Damaged]:
        after: tuple[object, ...] = (-1, "")
        while listed := self._db.rows(
            f"SELECT k.id, e.mention, {COLUMNS} FROM evidence e JOIN {self._db.KEYS} k ON k.n = e.mention "
            "WHERE (e.mention, e.sha256) > (?, ?) ORDER BY e.mention, e.sha256 LIMIT ?",
            (*after, AT_ONCE),
        ):
            for row in listed:
                body = self._body(row["id"], row["sha256"])  # one by one: a hundred pictures fill a gigabyte
                if body is not None and hashed(body) != row["sha256"]:
                    yield Damaged(row["id"], row["sha256"], Harm.CHANGED)
            after = (listed[-1]["mention"], listed[-1]["sha256"])

    def _missing(self) -> Iterable[Damaged]:
        """Of open incidents only: retention may take the copies of the others."""
        named: dict[str, set[str]] = defaultdict(set)
        for row in self._db.rows(
            "SELECT e.data FROM incident_event e JOIN incident i ON i.id = e.incident_id "
            "WHERE i.state <> 'resolved' OR i.hold IS NOT NULL"
        ):
            data = rows.loads(row["data"]) or {}
            if data.get("evidence") and data.get("mention"):
                named[data["mention"]] |= set(data["evidence"])
        there = {i: {copy.sha256 for copy in copies} for i, copies in self.copies(named).items()}
        for mention_id, digests in sorted(named.items()):
            for digest in sorted(digests - there.get(mention_id, set())):
                yield Damaged(mention_id, digest, Harm.MISSING)


def _copy(row: Row) -> Copy:
    return Copy(
        row["id"],
        row["sha256"],
        time(row["at"]),
        Kind(row["kind"]),
        row["size"],
        time_or_none(row["frozen"]),
        row["url"],
        time_or_none(row["stamped"]),
    )
