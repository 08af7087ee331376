"""Who said a thing again, in SQL: what a group of copies, and the habits of an author, give away."""

from collections.abc import Iterable
from datetime import datetime

from mentions.authenticity import Peer
from mentions.copies import Kin
from mentions.sql.database import Database
from mentions.sql.rows import time
from mentions.sql.words import WHEN

PEERS = 50
"""Of a group's copies, the last stored that are looked at for what a crowd gives away."""
LAST_POSTS = 10


def group(db: Database, origin: int) -> Kin | None:
    """An origin with those who said it again; None where nobody did."""
    counted = db.rows(
        "SELECT m.platform, count(f.distance) AS copies, count(*) AS posts FROM fingerprint f "
        "JOIN mention m ON m.n = f.mention WHERE f.origin = ? GROUP BY m.platform",
        (origin,),
    )
    if not counted:
        return None
    named = db.rows("SELECT coalesce(repost_of, id) AS said, platform FROM mention WHERE n = ?", (origin,))
    copies = sum(row["copies"] for row in counted)
    return Kin(
        origin=named[0]["said"] if named else "",
        copies=copies,
        reposts=sum(row["posts"] for row in counted) - copies,
        platforms=len({row["platform"] for row in (*counted, *named)}),
        peers=tuple(_peers(db, origin)) if copies else (),
    )


def _peers(db: Database, origin: int) -> Iterable[Peer]:
    last = (
        f"SELECT mention FROM fingerprint WHERE origin = ? AND distance IS NOT NULL ORDER BY mention DESC "
        f"LIMIT {PEERS}"
    )
    listed = db.rows(
        f"SELECT m.author_platform, m.author_id, {WHEN} AS at, a.verified FROM mention m "
        "LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id "
        f"WHERE m.n = ? OR m.n IN ({last}) ORDER BY at, m.n",
        (origin, origin),
    )
    for row in listed:
        author = None if row["author_id"] is None else (row["author_platform"], row["author_id"])
        yield Peer(author, time(row["at"]), bool(row["verified"]))


def last_times(db: Database, platform: str, author: str) -> list[datetime]:
    """When an author wrote his last few posts."""
    # Materialised: a database that knows little of the author might walk back through the posts of everybody.
    listed = db.rows(
        f"WITH theirs AS MATERIALIZED (SELECT {WHEN} AS at FROM mention m "
        "WHERE m.author_id = ? AND m.author_platform = ?) "
        f"SELECT at FROM theirs ORDER BY at DESC LIMIT {LAST_POSTS}",
        (author, platform),
    )
    return [time(row["at"]) for row in listed]
