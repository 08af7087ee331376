"""Between rows and values. SQLite gives times and JSON as text, PostgreSQL as values; both take text."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mentions.incidents import Finding, Incident, IncidentEvent, IncidentState
from mentions.outbox import Notification, NotificationState
from mentions.runs import CrawlRun
from mentions.sql.database import Row
from mentions.types import Author, Engagement, HotRank, Label, Mention, Score, Severity

BETWEEN_BRANDS = "\x1f"
"""Joins the brands of a mention into one column."""
LONG_AGO = datetime.fromtimestamp(0, UTC)
"""When a lease ended whose holder is known to be dead."""


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


def time(stored: str | datetime) -> datetime:
    """The reverse of `iso`."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored.astimezone(UTC)


def time_or_none(stored: str | datetime | None) -> datetime | None:
    """The reverse of `iso_or_none`."""
    return None if stored is None else time(stored)


def dumps(value: Any) -> str:
    """JSON as it is stored: readable Chinese, no white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def loads(stored: Any) -> Any:
    """The reverse of `dumps`."""
    return json.loads(stored) if isinstance(stored, str) else stored


def flag(value: int | None) -> bool | None:
    """A boolean that may be unknown."""
    return None if value is None else bool(value)


def mention(row: Row) -> Mention:
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
        brands=tuple(row["brands"].split(BETWEEN_BRANDS)) if row["brands"] else (),
        repost_of=row["repost_of"],
        thread=row["thread"],
        region=row["region"],
        truncated=bool(row["truncated"]),
    )


def author(row: Row) -> Author | None:
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


def engagement(row: Row) -> Engagement:
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


def hot(row: Row) -> HotRank:
    """A row of hot joined to its mention's id."""
    return HotRank(
        mention_id=row["id"],
        at=time(row["at"]),
        rank=row["rank"],
        heat=row["heat"],
        tag=row["tag"],
        until=time_or_none(row["until"]),
    )


def score(row: Row) -> Score:
    """A row of score joined to its mention's id."""
    return Score(
        mention_id=row["id"],
        model=row["model"],
        at=time(row["at"]),
        negativity=row["negativity"],
        label=Label(row["label"]),
        words=tuple(loads(row["words"])),
    )


def crawl_run(row: Row) -> CrawlRun:
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
        blocked=loads(row["blocked"]),
        cap_hit=bool(row["cap_hit"]),
        newest=time_or_none(row["newest"]),
        oldest=time_or_none(row["oldest"]),
        error=row["error"],
        note=row["note"],
    )


def incident(row: Row) -> Incident:
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


def finding(row: Row) -> Finding:
    """A row of finding."""
    return Finding(
        rule=row["rule"],
        key=row["key"],
        severity=Severity(row["severity"]),
        at=time(row["at"]),
        mention_id=row["mention_id"],
        brand=row["brand"],
        evidence=loads(row["evidence"]),
    )


def incident_event(row: Row) -> IncidentEvent:
    """A row of incident_event."""
    return IncidentEvent(
        incident_id=row["incident_id"],
        at=time(row["at"]),
        actor=row["actor"],
        kind=row["kind"],
        reason=row["reason"],
        data=loads(row["data"]),
    )


def notification(row: Row) -> Notification:
    """A row of notification."""
    return Notification(
        id=row["id"],
        incident_id=row["incident_id"],
        channel=row["channel"],
        reason=row["reason"],
        severity=Severity(row["severity"]),
        payload=loads(row["payload"]),
        state=NotificationState(row["state"]),
        created=time(row["created"]),
        next_attempt=time(row["next_attempt"]),
        attempts=row["attempts"],
        possible_repeat=bool(row["possible_repeat"]),
        sent=time_or_none(row["sent"]),
        receipt=row["receipt"],
        last_error=row["last_error"],
    )
