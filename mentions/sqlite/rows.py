"""Between rows and values."""

import json
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mentions.types import (
    Author,
    CrawlRun,
    Engagement,
    Finding,
    Incident,
    IncidentEvent,
    IncidentState,
    Label,
    Mention,
    Notification,
    NotificationState,
    Score,
    Severity,
)

MENTION_COLUMNS = """
    m.n, m.id, m.platform, m.source, m.url, m.title, m.text, m.author_platform, m.author_id, m.published,
    m.first_seen, m.repost_of, m.thread, m.region, m.truncated,
    (SELECT group_concat(brand, char(31)) FROM mention_brand WHERE mention = m.n) AS brands,
    a.name AS author_name, a.followers, a.followers_at_least, a.verified, a.verified_type, a.verified_reason
"""
MENTION_TABLES = "mention m LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id"


def iso(at: datetime) -> str:
    """Text that sorts as time does: always UTC, always with microseconds."""
    return _written(at if at.tzinfo is UTC else at.astimezone(UTC))


@lru_cache(maxsize=1024)
def _written(at: datetime) -> str:
    """All rows of a page bear the time of its fetch, in several tables."""
    return at.isoformat() if at.microsecond else at.isoformat(timespec="microseconds")


def iso_or_none(at: datetime | None) -> str | None:
    """The same for a time that may be unknown."""
    return None if at is None else iso(at)


def time(text: str) -> datetime:
    """The reverse of `iso`."""
    return datetime.fromisoformat(text)


def time_or_none(text: str | None) -> datetime | None:
    """The reverse of `iso_or_none`."""
    return None if text is None else datetime.fromisoformat(text)


def dumps(value: Any) -> str:
    """JSON as it is stored: readable Chinese, no white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def flag(value: int | None) -> bool | None:
    """A boolean that may be unknown."""
    return None if value is None else bool(value)


def mention(row: sqlite3.Row) -> Mention:
    """A row of MENTION_COLUMNS."""
    return Mention(
        id=row["id"],
        platform=row["platform"],
        source=row["source"],
        url=row["url"],
        text=row["text"],
        first_seen=time(row["first_seen"]),
        published=time_or_none(row["published"]),
        author=author(row),
        title=row["title"],
        brands=tuple(row["brands"].split("\x1f")) if row["brands"] else (),
        repost_of=row["repost_of"],
        thread=row["thread"],
        region=row["region"],
        truncated=bool(row["truncated"]),
    )


def author(row: sqlite3.Row) -> Author | None:
    """The author columns of a mention's row."""
    if row["author_id"] is None:
        return None
    return Author(
        platform=row["author_platform"],
        id=row["author_id"],
        name=row["author_name"] or "",
        followers=row["followers"],
        followers_at_least=bool(row["followers_at_least"]),
        verified=flag(row["verified"]),
        verified_type=row["verified_type"],
        verified_reason=row["verified_reason"],
    )


def engagement(row: sqlite3.Row) -> Engagement:
    """A row of engagement joined to its mention's id."""
    return Engagement(
        mention_id=row["id"],
        at=time(row["at"]),
        reposts=row["reposts"],
        comments=row["comments"],
        likes=row["likes"],
        views=row["views"],
        at_least=frozenset(row["at_least"].split(",")) if row["at_least"] else frozenset(),
    )


def score(row: sqlite3.Row) -> Score:
    """A row of score joined to its mention's id."""
    return Score(
        mention_id=row["id"],
        model=row["model"],
        at=time(row["at"]),
        negativity=row["negativity"],
        label=Label(row["label"]),
        words=tuple(json.loads(row["words"])),
    )


def crawl_run(row: sqlite3.Row) -> CrawlRun:
    """A row of crawl_run."""
    return CrawlRun(
        id=row["id"],
        source=row["source"],
        started=time(row["started"]),
        kind=row["kind"],
        finished=time_or_none(row["finished"]),
        pages=row["pages"],
        seen=row["seen"],
        new=row["new"],
        blocked=json.loads(row["blocked"]),
        cap_hit=bool(row["cap_hit"]),
        newest=time_or_none(row["newest"]),
        oldest=time_or_none(row["oldest"]),
        error=row["error"],
        note=row["note"],
    )


def incident(row: sqlite3.Row) -> Incident:
    """A row of incident."""
    return Incident(
        id=row["id"],
        key=row["key"],
        title=row["title"],
        state=IncidentState(row["state"]),
        severity=Severity(row["severity"]),
        opened=time(row["opened"]),
        updated=time(row["updated"]),
        brand=row["brand"],
        owner=row["owner"],
        resolved=time_or_none(row["resolved"]),
    )


def finding(row: sqlite3.Row) -> Finding:
    """A row of finding."""
    return Finding(
        rule=row["rule"],
        key=row["key"],
        severity=Severity(row["severity"]),
        at=time(row["at"]),
        mention_id=row["mention_id"],
        brand=row["brand"],
        evidence=json.loads(row["evidence"]),
    )


def incident_event(row: sqlite3.Row) -> IncidentEvent:
    """A row of incident_event."""
    return IncidentEvent(
        incident_id=row["incident_id"],
        at=time(row["at"]),
        actor=row["actor"],
        kind=row["kind"],
        reason=row["reason"],
        data=json.loads(row["data"]),
    )


def notification(row: sqlite3.Row) -> Notification:
    """A row of notification."""
    return Notification(
        id=row["id"],
        incident_id=row["incident_id"],
        channel=row["channel"],
        reason=row["reason"],
        severity=Severity(row["severity"]),
        payload=json.loads(row["payload"]),
        state=NotificationState(row["state"]),
        created=time(row["created"]),
        next_attempt=time(row["next_attempt"]),
        attempts=row["attempts"],
        possible_repeat=bool(row["possible_repeat"]),
        sent=time_or_none(row["sent"]),
        receipt=row["receipt"],
        last_error=row["last_error"],
    )
