"""The rows that a page becomes, and the statements that write them.

Crawling and importing come through here with every post, so each table gets its rows in one list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mentions.bigrams import index_text
from mentions.sqlite.rows import iso, iso_or_none
from mentions.text import scrub
from mentions.types import Author, Engagement, Mention, Observation

Row = tuple[object, ...]

PUT_AUTHOR = """
INSERT INTO author (platform, id, name, followers, followers_at_least, verified, verified_type,
                    verified_reason, updated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (platform, id) DO UPDATE SET
    name = excluded.name, updated = excluded.updated,
    followers_at_least = iif(excluded.followers IS NULL, followers_at_least, excluded.followers_at_least),
    followers = coalesce(excluded.followers, followers),
    verified = coalesce(excluded.verified, verified),
    verified_type = coalesce(excluded.verified_type, verified_type),
    verified_reason = coalesce(excluded.verified_reason, verified_reason)
"""
PUT_MENTION = """
INSERT INTO mention (n, id, platform, source, url, title, text, author_platform, author_id, published, first_seen,
                     repost_of, thread, region, truncated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
PUT_WORDS = "INSERT INTO mention_search (rowid, words) VALUES (?, ?)"
PUT_BRAND = "INSERT OR IGNORE INTO mention_brand (mention, brand) VALUES (?, ?)"
PUT_ENGAGEMENT = """
INSERT OR IGNORE INTO engagement (mention, at, reposts, comments, likes, views, at_least)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def one_each(page: Sequence[Observation]) -> dict[str, Observation]:
    """A post that stands twice on a page is one: the fuller text, the last counts."""
    seen: dict[str, Observation] = {}
    for observation in page:
        mention = observation.mention
        before = seen.get(mention.id)
        if before is not None and before.mention.truncated < mention.truncated:
            observation = replace(observation, mention=before.mention)  # noqa: PLW2901 - the same post
        seen[mention.id] = observation
    return seen


def words(title: str | None, text: str) -> str:
    """What the search index holds of a post."""
    return index_text(f"{title}\n{text}" if title else text)


def author_rows(page: Iterable[Observation]) -> list[Row]:
    """Who wrote the posts, each once and as the last of them shows him."""
    found: dict[tuple[str, str], tuple[Author, datetime]] = {
        (a.platform, a.id): (a, o.engagement.at if o.engagement else o.mention.first_seen)
        for o in page
        if (a := o.mention.author) is not None
    }
    return [
        (
            a.platform,
            a.id,
            scrub(a.name),
            a.followers,
            a.followers_at_least,
            a.verified,
            a.verified_type,
            None if a.verified_reason is None else scrub(a.verified_reason),
            iso(at),
        )
        for a, at in found.values()
    ]


def mention_rows(new: Sequence[Mention], numbers: Mapping[str, int]) -> list[Row]:
    """Posts never seen before."""
    return [
        (
            numbers[m.id],
            m.id,
            m.platform,
            m.source,
            scrub(m.url),
            None if m.title is None else scrub(m.title),
            scrub(m.text),
            None if m.author is None else m.author.platform,
            None if m.author is None else m.author.id,
            iso_or_none(m.published),
            iso(m.first_seen),
            m.repost_of,
            m.thread,
            None if m.region is None else scrub(m.region),
            m.truncated,
        )
        for m in new
    ]


def engagement_rows(page: Iterable[Observation], numbers: Mapping[str, int]) -> list[Row]:
    """The counts under the posts that show any."""
    return [
        (numbers[o.mention.id], iso(e.at), e.reposts, e.comments, e.likes, e.views, _capped(e))
        for o in page
        if (e := o.engagement) is not None
    ]


def _capped(engagement: Engagement) -> str | None:
    return ",".join(sorted(engagement.at_least)) if engagement.at_least else None
