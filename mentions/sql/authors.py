"""Authors apart from their posts, in SQL: what a profile page says, and of whom that is known."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from mentions.sql.database import Database, Transaction, marks
from mentions.sql.pages import TASK, author_row, task_rows
from mentions.sql.rows import iso
from mentions.sql.tables import AUTHOR
from mentions.tasks import JUDGE
from mentions.types import Author

JUDGED_AGAIN = timedelta(days=1)
"""Of posts that are older, nobody waits to hear that their author is widely followed."""
Key = tuple[str, str]
"""Platform and id."""


def put_authors(db: Database, tx: Transaction, authors: Collection[Author], at: datetime) -> None:
    """See Posts.record_authors."""
    shown = {(a.platform, a.id): a for a in authors}
    known = set(_keys(db, shown, "TRUE", ()))
    db.put(tx, AUTHOR, [author_row(author, at) for key, author in sorted(shown.items()) if key in known])
    for platform, ids in _by_platform(known):
        judged = db.rows(
            "SELECT m.n FROM mention m WHERE m.author_platform = ? "
            f"AND m.author_id IN ({marks(ids)}) AND m.first_seen >= ? "
            "AND EXISTS (SELECT 1 FROM score s WHERE s.mention = m.n)",
            (platform, *ids, iso(at - JUDGED_AGAIN)),
        )
        db.put(tx, TASK, task_rows(JUDGE, [(row["n"], at) for row in judged]))


def followed(db: Database, authors: Collection[Key], since: datetime) -> set[Key]:
    """See Posts.followed."""
    return set(_keys(db, authors, "followers_at >= ?", (iso(since),)))


def _keys(db: Database, authors: Collection[Key], condition: str, values: tuple[str, ...]) -> Iterator[Key]:
    for platform, ids in _by_platform(authors):
        found = db.rows(
            f"SELECT id FROM author WHERE platform = ? AND id IN ({marks(ids)}) AND {condition}",
            (platform, *ids, *values),
        )
        yield from ((platform, row["id"]) for row in found)


def _by_platform(authors: Collection[Key]) -> Iterator[tuple[str, list[str]]]:
    for platform in sorted({platform for platform, _ in authors}):
        yield platform, sorted(author for where, author in authors if where == platform)
