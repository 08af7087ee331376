"""What became of posts, in SQL: the tables `revision` and `gone`."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from mentions.fates import Fate, Fates, Gone, Revision
from mentions.sql.database import Database, marks
from mentions.sql.pages import TASK, task_rows
from mentions.sql.posts import SqlPosts
from mentions.sql.rows import iso, time, time_or_none
from mentions.sql.words import chunks
from mentions.tasks import JUDGE

MISSED_ONCE = "confirmed = NULL, back = NULL, since = excluded.since"


class SqlFates(Fates):
    """Fates in SQL."""

    def __init__(self, db: Database, posts: SqlPosts) -> None:
        self._db = db
        self._posts = posts
        self._words = posts.words

    def missed(self, mention_ids: Collection[str], at: datetime) -> set[str]:
        """See Fates.missed."""
        key = self._words.key
        columns = ["mention", *key[1:], "since"]
        with self._db.transaction() as tx:
            keys = self._posts.keys(mention_ids)
            numbers = [k[0] for k in keys.values()]
            if not numbers:
                return set()
            again = {
                row["mention"]
                for row in tx.execute(
                    "UPDATE gone SET confirmed = coalesce(confirmed, ?) WHERE back IS NULL AND since < ? "
                    f"AND mention IN ({marks(numbers)}) RETURNING mention",
                    (iso(at), iso(at), *numbers),
                ).fetchall()
            }
            tx.executemany(
                f"INSERT INTO gone ({', '.join(columns)}) VALUES ({marks(columns)}) "
                f"ON CONFLICT (mention{', first_seen' if len(key) > 1 else ''}) DO UPDATE SET {MISSED_ONCE} "
                "WHERE gone.back IS NOT NULL",
                [(*k, iso(at)) for _, k in sorted(keys.items()) if k[0] not in again],
            )
            self._db.put(tx, TASK, task_rows(JUDGE, [(n, at) for n in sorted(again)]))
        return {i for i, k in keys.items() if k[0] in again}

    def of(self, mention_ids: Collection[str]) -> dict[str, Fate]:
        """See Fates.of."""
        revisions: dict[str, list[Revision]] = defaultdict(list)
        gone: dict[str, Gone] = {}
        words = self._words
        for ids in chunks(mention_ids):
            where = f"WHERE {words.id} IN ({marks(ids)})"
            for row in self._db.rows(
                f"SELECT {words.id} AS id, r.until, r.text FROM {words.by_id} "
                f"JOIN revision r ON {words.of_mention.format('r')} {where} ORDER BY r.until",
                ids,
            ):
                revisions[row["id"]].append(Revision(time(row["until"]), row["text"]))
            for row in self._db.rows(
                f"SELECT {words.id} AS id, g.since, g.confirmed, g.back FROM {words.by_id} "
                f"JOIN gone g ON {words.of_mention.format('g')} {where}",
                ids,
            ):
                gone[row["id"]] = Gone(
                    time(row["since"]), time_or_none(row["confirmed"]), time_or_none(row["back"])
                )
        return {i: Fate(tuple(revisions.get(i, ())), gone.get(i)) for i in {*revisions, *gone}}
