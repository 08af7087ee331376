"""Feeds as they come: RSS, RDF and Atom in whatever bytes, and JSON Feed; all of them as feedparser shows them."""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any
from xml.sax import SAXParseException

import feedparser

from crawlers.reading.charset import KNOWN, SUPERSETS, XML_LABEL, decode
from crawlers.reading.jsontext import NotJson, read_json

Entry = Mapping[str, Any]
"""What feedparser makes of a feed, or of one entry of it."""
OURS = KNOWN | SUPERSETS.keys() | {"utf-8", "us-ascii", "ascii"}
"""Labels that may be wrong, on Chinese pages: `decode` knows which. Any other is believed."""
JSON_FEED = "https://jsonfeed.org/version/"
_PREFIX = r"(?:[\w.-]{1,40}:)?"
ENTRY = re.compile(rf"</?{_PREFIX}(?:item|entry)\b", re.IGNORECASE)
END = re.compile(rf"</{_PREFIX}(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
"""What a whole feed ends with, behind its last entry; comments and scripts may follow."""
BREAKS_OFF = frozenset({"no element found", "unclosed token", "unclosed CDATA section"})
"""What expat says of XML that ends too early."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed. `cut`: it breaks off, so its last entry may be the beginning of one."""

    about: Entry
    entries: tuple[Entry, ...]
    cut: bool = False


def feed_in(body: bytes, label: str | None = None) -> Feed | None:
    """The feed that the bytes hold; None where they hold none. `label` is the charset that the server names."""
    if body.lstrip()[:1] == b"{":
        return _json_feed(body)
    if _is_believed(body, label):
        return _parsed(body, f"text/xml; charset={label}" if label else None)
    return feed_of(decode(body, label))


def feed_of(page: str) -> Feed | None:
    """The feed that a text is."""
    # It goes in as UTF-8 and is called so: what the feed calls itself may be wrong.
    text = page.lstrip("\ufeff \r\n\t")
    text = text.partition("?>")[2] if text.startswith("<?xml") else text
    body = text.encode("utf-8", "replace")
    return _parsed(body, "application/xml; charset=utf-8", cut=_breaks_off(text))


def _breaks_off(text: str) -> bool:
    """Whether neither the last entry nor the feed is said to end."""
    text = text.rstrip()
    while text.endswith("-->") and "<!--" in text:  # it may speak of entries
        text = text[: text.rindex("<!--")].rstrip()
    last = max((found.start() for found in ENTRY.finditer(text)), default=0)
    return END.search(text, last) is None


def _is_believed(body: bytes, label: str | None) -> bool:
    """Whether the bytes are of the charset that they name: one that Chinese sites do not confuse with others."""
    if body.startswith(UTF_16):
        return True
    named = XML_LABEL.search(body[:2048])
    said = (named[1].decode("ascii") if named else label or "utf-8").lower().strip()
    if said in OURS:
        return False
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return True
    return False


def _parsed(body: bytes, content_type: str | None, *, cut: bool | None = None) -> Feed | None:
    """Without `cut` the reader of XML says whether the feed breaks off."""
    headers = {"content-type": content_type} if content_type else {}
    try:
        # A stream: bytes might name a file. We take the text only, so nothing has to be made safe for a browser.
        feed: Entry = feedparser.parse(
            BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001 - feedparser lets its XML and date readers' errors of any kind through
        return None
    if not feed.get("version"):
        return None
    if cut is None:
        why = feed.get("bozo_exception")
        cut = isinstance(why, SAXParseException) and why.getMessage() in BREAKS_OFF
    return Feed(feed.get("feed") or {}, tuple(feed["entries"]), cut)


def _json_feed(body: bytes) -> Feed | None:
    try:
        said = read_json(body)
    except NotJson:
        return None
    if not isinstance(said, dict) or not str(said.get("version") or "").startswith(JSON_FEED):
        return None
    return Feed(said, tuple(_json_entries(said.get("items"))))


def _json_entries(items: object) -> Iterator[Entry]:
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        authors = [a for a in (*_list(item.get("authors")), item.get("author")) if isinstance(a, dict)]
        text = item.get("content_text")
        bodies = (item.get("content_html"), escape(text).replace("\n", "<br>") if isinstance(text, str) else None)
        yield {
            "id": said
            if ":" in (said := _words(item.get("id")))
            else "",  # a bare number is another post elsewhere
            "link": _words(item.get("url")) or _words(item.get("external_url")),
            "title": escape(_words(item.get("title"))),
            "content": [{"value": body} for body in bodies if isinstance(body, str)],
            "summary": escape(_words(item.get("summary"))),
            "published": _words(item.get("date_published")) or _words(item.get("date_modified")),
            "author": next((escape(name) for a in authors if (name := _words(a.get("name")))), ""),
        }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
