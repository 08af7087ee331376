"""The rows that a page becomes.

Crawling and importing come through here with every post, so each table gets its rows in one list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mentions.bigrams import index_text
from mentions.evidence import Kind, hashed, packed
from mentions.sql.database import Values, marks
from mentions.sql.rows import iso, iso_or_none
from mentions.sql.tables import INT, TEXT, TIME, Table
from mentions.text import scrub
from mentions.types import Author, Engagement, HotRank, Mention, Observation

Key = tuple[int] | tuple[int, str | datetime]
"""A mention's number, and in PostgreSQL when it was first seen: what the rows of other tables begin with."""
HOUR_DIGITS = len("2026-11-21T12")
TASK = Table(
    "task",
    ("queue", "mention"),
    {"queue": TEXT, "mention": INT, "due": TIME},
    update="due = excluded.due, version = task.version + 1",
)
UNSCORED = "unscored"
"""The label of a mention that no model has judged, in the roll-ups."""


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


def author_rows(page: Iterable[Observation]) -> list[Values]:
    """Who wrote the posts, each once and as the last of them shows him."""
    found: dict[tuple[str, str], tuple[Author, datetime]] = {
        (a.platform, a.id): (a, o.engagement.at if o.engagement else o.mention.first_seen)
        for o in page
        if (a := o.mention.author) is not None
    }
    return [author_row(a, at) for _, (a, at) in sorted(found.items())]  # in one order: see task_rows


def author_row(author: Author, at: datetime) -> Values:
    """An account as a page showed it at a moment."""
    reason = author.verified_reason
    return (
        author.platform,
        author.id,
        scrub(author.name),
        author.followers,
        author.followers_at_least,
        author.verified,
        author.verified_type,
        None if reason is None else scrub(reason),
        iso(at),
        None if author.followers is None else iso(at),
    )


def mention_rows(new: Sequence[Mention], keys: Mapping[str, Key]) -> list[Values]:
    """Posts never seen before."""
    return [
        (
            keys[m.id][0],
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


def hour(mention: Mention) -> str:
    """The hour of UTC in which the roll-ups count it."""
    return iso(mention.published or mention.first_seen)[:HOUR_DIGITS] + ":00:00.000000+00:00"


def brand_rows(mentions: Iterable[Mention], keys: Mapping[str, Key]) -> list[Values]:
    """The brands that the posts mention."""
    return [(*keys[m.id], brand, at, m.platform) for m in mentions for at in [hour(m)] for brand in m.brands]


def task_rows(queue: str, due: Iterable[tuple[int, datetime]]) -> list[Values]:
    """Work that is asked for on mentions by their number."""
    # In one order, whoever asks: two that lock the same rows never wait for each other in a circle.
    return [(queue, n, iso(at)) for n, at in sorted(dict(due).items())]


def engagement_rows(page: Iterable[Observation], keys: Mapping[str, Key]) -> list[Values]:
    """The counts under the posts that show any."""
    return [
        (*keys[o.mention.id], iso(e.at), e.reposts, e.comments, e.likes, e.views, _capped(e))
        for o in page
        if (e := o.engagement) is not None
    ]


def hot_rows(ranks: Iterable[HotRank], keys: Mapping[str, Key]) -> list[Values]:
    """Where entries stood on hot lists; of two rows of one moment the later one stays."""
    found = {(h.mention_id, h.at): h for h in ranks}
    return [
        (*keys[h.mention_id], iso(h.at), iso_or_none(h.until), h.rank, h.heat, scrub(h.tag))
        for h in found.values()
    ]


def _capped(engagement: Engagement) -> str | None:
    return ",".join(sorted(engagement.at_least)) if engagement.at_least else None


def copy_rows(page: Iterable[Observation], keys: Mapping[str, Key]) -> list[Values]:
    """The posts as they stood on the page, where the parser gave them."""
    return [
        (*keys[m.id], hashed(o.raw), iso(m.first_seen), Kind.POST.value, len(o.raw), packed(o.raw))
        for o in page
        for m in [o.mention]
        if o.raw
    ]


def put_copy(key: Sequence[str], *more: str) -> str:
    """How a copy is written, behind the columns of its mention's key; one that is there is left alone."""
    columns = ["mention", *key[1:], "sha256", "at", "kind", "size", "body", *more]
    return f"INSERT INTO evidence ({', '.join(columns)}) VALUES ({marks(columns)}) ON CONFLICT DO NOTHING"
