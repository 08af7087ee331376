"""RSS and Atom feeds: news sites, blogs, forums that offer one, RSSHub."""

import hashlib
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import feedparser
from pydantic import field_validator, model_validator

from crawlers.html import to_text
from crawlers.jsontext import write_json
from crawlers.refusals import refused
from crawlers.source import Answer, Fetch, Outcome, Page, Source, blocked
from crawlers.times import parse_time
from mentions.brands import Brand
from mentions.types import Author, Mention, Observation

Entry = Mapping[str, Any]
"""What feedparser makes of a feed, or of one entry of it."""
PLATFORM = "rss"
STATUSES = {
    401: (Outcome.NO_PERMISSION, "the site does not let us read this feed"),
    403: (Outcome.NO_PERMISSION, "the site does not let us read this feed"),
    404: (Outcome.NOT_FOUND, "the feed is not there"),
    410: (Outcome.NOT_FOUND, "the feed is not there"),
}
FEEDS = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"


class Rss(Source):
    """The entries of feeds. A feed shows no counts, so there is nothing to look at again."""

    type: Literal["rss"] = "rss"
    feeds: tuple[str, ...] = ()

    @field_validator("feeds")
    @classmethod
    def _feeds_are_addresses(cls, feeds: tuple[str, ...]) -> tuple[str, ...]:
        for feed in feeds:
            if urlsplit(feed).scheme not in {"http", "https"}:
                raise ValueError(f"the feed {feed!r} is no http(s) address")
        return feeds

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.enabled and not self.feeds:
            raise ValueError("feeds is empty: name at least one feed by its address")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - a feed cannot search
        """Every feed."""
        headers = {"Accept": FEEDS, **self.signed_headers}
        yield from (Fetch(feed, "feed", headers, query=f"[{feed}]") for feed in self.feeds)

    def reread(self, mention: Mention) -> Fetch | None:  # noqa: ARG002 - see the class
        """Nothing: an entry has no counts."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a feed of any kind that feedparser knows."""
        if (refusal := refused(answer, STATUSES)) is not None:
            return refusal
        feed = _parse(answer)
        if not feed or not feed.get("version"):
            if b"<html" in answer.body[:2000].lower():
                return blocked(Outcome.LAYOUT_CHANGED, "The address holds a web page, not a feed.")
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no feed.")
        entries = tuple(Observation(_mention(e, answer, name), raw=write_json(e)) for e in feed["entries"])
        if not entries:
            return blocked(Outcome.EMPTY, "The feed holds no entries.")
        return Page(Outcome.MENTIONS, entries, detail=f"The feed holds {len(entries)} entries.")


def _parse(answer: Answer) -> Entry | None:
    """What feedparser makes of it; None where it fails. It gets a stream: bytes might name a file."""
    headers = {"content-type": f"text/xml; charset={answer.charset}"} if answer.charset else {}
    try:
        # We take the text only, so nothing has to be made safe for a browser.
        feed: Entry = feedparser.parse(
            BytesIO(answer.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001 - feedparser lets its XML and date readers' errors of any kind through
        return None
    return feed


def _mention(entry: Entry, answer: Answer, name: str) -> Mention:
    link = str(entry.get("link") or "")
    title = to_text(str(entry.get("title") or "")) or None
    text = to_text(_body(entry))
    identity = str(entry.get("id") or "") or link or f"{title}\n{text}"
    return Mention(
        id=f"{PLATFORM}:{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:16]}",
        platform=PLATFORM,
        source=name,
        url=link if _scheme(link) in {"http", "https"} else "",
        text=text or title or "",
        first_seen=answer.fetched_at,
        published=_published(entry, answer.fetched_at),
        author=_author(entry, link),
        title=title,
    )


def _scheme(url: str) -> str:
    """The scheme of an address, or nothing where it is no address at all."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _body(entry: Entry) -> str:
    """The fullest of what the entry offers: Atom has both a summary and the content."""
    bodies = [str(part.get("value") or "") for part in entry.get("content") or ()]
    return max([*bodies, str(entry.get("summary") or "")], key=len)


def _published(entry: Entry, now: datetime) -> datetime | None:
    for key in ("published", "updated", "created"):
        parsed = entry.get(f"{key}_parsed")
        try:
            if parsed:
                return datetime.fromtimestamp(timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        if found := parse_time(str(entry.get(key) or ""), now):
            return found
    return None


def _author(entry: Entry, link: str) -> Author | None:
    name = to_text(str(entry.get("author") or ""))
    if not name:
        return None
    try:
        host = urlsplit(link).hostname
    except ValueError:
        host = None
    return Author(PLATFORM, f"{host}:{name}" if host else name, name)
