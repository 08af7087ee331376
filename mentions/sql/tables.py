"""The tables that hold what grows: their columns with PostgreSQL's types, and what becomes of a row that is there.

A row of an `of_mention` table begins with its mention's key: the number `n`, and in PostgreSQL, which partitions
by it, `first_seen` as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as rows are put into it in bulk. Without `update`, a row that is there already is left alone."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    update: str = ""
    newer: str = ""
    """The condition under which it is updated."""
    of_mention: bool = False

    def conflict(self, key: tuple[str, ...]) -> str:
        """What is to be done with a row that is there already; `key` as this database has it."""
        if not self.update:
            return "ON CONFLICT DO NOTHING"
        when = f" WHERE {self.newer}" if self.newer else ""
        return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {self.update}{when}"


TEXT, INT, FLOAT, BOOL, TIME, JSON = "text", "bigint", "double precision", "boolean", "timestamptz", "json"

AUTHOR = Table(
    "author",
    ("platform", "id"),
    {
        "platform": TEXT,
        "id": TEXT,
        "name": TEXT,
        "followers": INT,
        "followers_at_least": BOOL,
        "verified": BOOL,
        "verified_type": INT,
        "verified_reason": TEXT,
        "updated": TIME,
        "followers_at": TIME,
    },
    # What a page showed earlier (an old export that is brought in) never undoes what a later one showed.
    newer="excluded.updated >= author.updated",
    update="""
        name = excluded.name, updated = excluded.updated,
        followers_at_least = CASE WHEN excluded.followers IS NULL THEN author.followers_at_least
                                  ELSE excluded.followers_at_least END,
        followers = coalesce(excluded.followers, author.followers),
        followers_at = coalesce(excluded.followers_at, author.followers_at),
        verified = coalesce(excluded.verified, author.verified),
        verified_type = coalesce(excluded.verified_type, author.verified_type),
        verified_reason = coalesce(excluded.verified_reason, author.verified_reason)
    """,
)
MENTION = Table(
    "mention",
    ("n",),
    {
        "n": INT,
        "id": TEXT,
        "platform": TEXT,
        "source": TEXT,
        "url": TEXT,
        "title": TEXT,
        "text": TEXT,
        "author_platform": TEXT,
        "author_id": TEXT,
        "published": TIME,
        "first_seen": TIME,
        "repost_of": TEXT,
        "thread": TEXT,
        "region": TEXT,
        "truncated": BOOL,
    },
)
MENTION_BRAND = Table(
    "mention_brand",
    ("mention", "brand"),
    {"mention": INT, "brand": TEXT, "hour": TIME, "platform": TEXT},
    of_mention=True,
)
ENGAGEMENT = Table(
    "engagement",
    ("mention", "at"),
    {
        "mention": INT,
        "at": TIME,
        "reposts": INT,
        "comments": INT,
        "likes": INT,
        "views": INT,
        "at_least": TEXT,
    },
    of_mention=True,
)
HOT = Table(
    "hot",
    ("mention", "at"),
    {"mention": INT, "at": TIME, "until": TIME, "rank": INT, "heat": INT, "tag": TEXT},
    update="until = excluded.until, rank = excluded.rank, heat = excluded.heat, tag = excluded.tag",
    of_mention=True,
)
REVISION = Table("revision", ("mention", "until"), {"mention": INT, "until": TIME, "text": TEXT}, of_mention=True)
SCORE = Table(
    "score",
    ("mention", "at", "model"),
    {"mention": INT, "at": TIME, "model": TEXT, "negativity": FLOAT, "label": TEXT, "words": JSON},
    update="negativity = excluded.negativity, label = excluded.label, words = excluded.words",
    of_mention=True,
)
