"""Mentions, their authors, counts over time, scores, and the search index."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.table("author").create(
        {
            "platform": str,
            "id": str,
            "name": str,
            "followers": int,
            "followers_at_least": int,
            "verified": int,
            "verified_type": int,
            "verified_reason": str,
            "updated": str,
        },
        pk=("platform", "id"),
    )
    db.table("mention").create(
        {
            "n": int,
            "id": str,
            "platform": str,
            "source": str,
            "url": str,
            "title": str,
            "text": str,
            "author_platform": str,
            "author_id": str,
            "published": str,
            "first_seen": str,
            "repost_of": str,
            "thread": str,
            "region": str,
            "truncated": int,
        },
        pk="n",
        not_null={"id", "platform", "source", "url", "text", "first_seen"},
    )
    db.table("mention").create_index(["id"], unique=True)
    db.table("mention").create_index(["first_seen"])
    db.execute("CREATE INDEX idx_mention_time ON mention (coalesce(published, first_seen))")
    db.execute("CREATE INDEX idx_mention_repost_of ON mention (repost_of) WHERE repost_of IS NOT NULL")
    db.execute(
        "CREATE TABLE mention_brand (mention INTEGER NOT NULL, brand TEXT NOT NULL, "
        "PRIMARY KEY (mention, brand)) WITHOUT ROWID"
    )
    db.table("mention_brand").create_index(["brand", "mention"])
    db.execute(
        "CREATE TABLE engagement (mention INTEGER NOT NULL, at TEXT NOT NULL, reposts INTEGER, "
        "comments INTEGER, likes INTEGER, views INTEGER, at_least TEXT, "
        "PRIMARY KEY (mention, at)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE revision (mention INTEGER NOT NULL, until TEXT NOT NULL, text TEXT NOT NULL, "
        "PRIMARY KEY (mention, until)) WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE score (mention INTEGER NOT NULL, at TEXT NOT NULL, model TEXT NOT NULL, "
        "negativity REAL NOT NULL, label TEXT NOT NULL, words TEXT NOT NULL, "
        "PRIMARY KEY (mention, at, model)) WITHOUT ROWID"
    )
    # The index holds bigrams only (the text stands in `mention`), and symbols, so that emoji can be found.
    db.execute(
        "CREATE VIRTUAL TABLE mention_search USING fts5(words, content='', columnsize=0, "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co So'\")"
    )
