"""What analysts read."""

from sqlite_utils import Database


def step(db: Database) -> None:
    db.create_view(
        "mention_now",
        """
        SELECT m.id, m.platform, m.source,
               (SELECT group_concat(brand, '|') FROM mention_brand WHERE mention = m.n) AS brands,
               m.published, m.first_seen, m.title, m.text, m.url, m.region, m.repost_of, m.thread,
               a.name AS author, a.followers, a.verified, a.verified_type,
               e.reposts, e.comments, e.likes, e.views, e.at AS counted_at,
               s.negativity, s.label, s.model
        FROM mention m
        LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id
        LEFT JOIN engagement e ON e.mention = m.n
             AND e.at = (SELECT max(at) FROM engagement WHERE mention = m.n)
        LEFT JOIN score s ON s.mention = m.n
             AND s.at = (SELECT max(at) FROM score WHERE mention = m.n)
        """,
    )
