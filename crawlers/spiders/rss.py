"""RSS and Atom feeds: news sites, blogs, forums that offer one, RSSHub."""

import hashlib
from calendar import timegm
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, Self
from urllib.parse import urljoin, urlsplit

from pydantic import field_validator, model_validator

from crawlers.reading.feeds import Entry, Feed, feed_in
from crawlers.reading.html import to_text
from crawlers.reading.jsontext import write_json
from crawlers.reading.refusals import refused
from crawlers.reading.times import parse_time
from crawlers.source import Answer, Fetch, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.exchange.ids import post_at, split
from mentions.types import Author, Mention, Observation

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

    @property
    def home(self) -> tuple[str, ...]:
        """See Source.home."""
        return self.feeds

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - a feed cannot search
        """Every feed."""
        headers = {"Accept": FEEDS, **self.signed_headers}
        yield from (Fetch(feed, "feed", headers, query=f"[{feed}]") for feed in self.feeds)

    def reread(self, mention: Mention) -> Fetch | None:  # noqa: ARG002 - see the class
        """Nothing: an entry has no counts."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a feed of any kind."""
        if (refusal := refused(answer, STATUSES)) is not None:
            return refusal
        feed = feed_in(answer.body, answer.charset)
        if feed is None:
            if b"<html" in answer.body[:2000].lower():
                return blocked(Outcome.LAYOUT_CHANGED, "The address holds a web page, not a feed.")
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no feed.")
        return _page(feed, answer, name)


def _page(feed: Feed, answer: Answer, name: str) -> Page:
    base = _home(feed.about) or answer.url
    entries = list(feed.entries)
    if feed.cut and entries and not (entries[-1].get("id") or entries[-1].get("link")):
        entries.pop()  # whole, it will come under another id
    mentions = [(_mention(entry, base, answer, name), entry) for entry in entries]
    if feed.cut and mentions:
        mentions[-1] = (replace(mentions[-1][0], truncated=True), mentions[-1][1])
    found = tuple(Observation(m, raw=write_json(entry)) for m, entry in mentions if m.text)
    wordless = len(feed.entries) - len(found)
    notes = " It is cut off: the end is missing." * feed.cut
    notes += f" {wordless} more hold no words." * bool(wordless and not feed.cut)
    if found:
        detail = f"The feed holds {len(found)} entries.{notes}"
        missing = blocked(Outcome.LAYOUT_CHANGED, f"Of {len(feed.entries)} entries {wordless} hold no words.")
        few = (missing,) if len(found) * 2 < len(feed.entries) - feed.cut else ()
        note = f"the feed {answer.url} was cut off: its end is missing" if feed.cut else ""
        return Page(Outcome.MENTIONS, found, detail=detail, refused=few, note=note)
    if wordless or feed.cut:
        return blocked(Outcome.GARBAGE if feed.cut else Outcome.LAYOUT_CHANGED, f"No entry holds words.{notes}")
    return blocked(Outcome.EMPTY, "The feed holds no entries.")


def _home(about: Entry) -> str:
    """The site that a feed is of, to which links without a host belong (not where a mirror serves it from)."""
    home = str(about.get("link") or about.get("home_page_url") or "")
    return home if _scheme(home) in {"http", "https"} else ""


def _mention(entry: Entry, base: str, answer: Answer, name: str) -> Mention:
    link = str(entry.get("link") or "")
    url = _url(base, link)
    title = to_text(str(entry.get("title") or "")) or None
    text = to_text(_body(entry))
    identity = str(entry.get("id") or "") or link or f"{title}\n{text}"
    own = post_at(parts) if url and (parts := split(url)) is not None else None
    return Mention(
        id=own or f"{PLATFORM}:{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:16]}",
        platform=own.partition(":")[0] if own else PLATFORM,
        source=name,
        url=url,
        text=text or title or "",
        first_seen=answer.fetched_at,
        published=_published(entry, answer.fetched_at),
        author=_author(entry, url),
        title=title,
        # A feed retells the post of a site that we know: its own words, read there, are not overwritten by these.
        truncated=own is not None,
    )


def _url(base: str, link: str) -> str:
    try:
        url = urljoin(base, link) if link else ""
    except ValueError:
        return ""
    return url if _scheme(url) in {"http", "https"} else ""


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
    """As written where we can read it: feedparser takes a time without a zone for UTC; here it is Shanghai's."""
    for key in ("published", "updated", "created"):
        if found := parse_time(str(entry.get(key) or ""), now):
            return found
        parsed = entry.get(f"{key}_parsed")
        try:
            if parsed:
                return datetime.fromtimestamp(timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            continue
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
