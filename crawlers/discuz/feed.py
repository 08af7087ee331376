"""The RSS feed of a board (`forum.php?mod=rss&fid=2`): the newest 20 threads, cut short. It leads to them."""

from calendar import timegm
from datetime import UTC, datetime, timedelta
from io import BytesIO

import feedparser

from crawlers.discuz.page import TO_THE_MINUTE, Listing, Row, tid_in

TTL = timedelta(minutes=60)
"""Discuz!'s default: so often, and no oftener, it makes the feed anew."""


def is_feed(page: str) -> bool:
    """Whether a page is a feed at all."""
    return "<rss" in page[:2_000]


def shown(page: str) -> Listing:
    """The threads of a feed. One may appear in it as late as its `ttl` after it was opened."""
    # The text goes in as UTF-8 and is called so: what the feed calls itself may be wrong.
    said = {"content-type": "application/xml; charset=utf-8"}
    body = page.partition("?>")[2] if page.lstrip("\ufeff \r\n\t").startswith("<?xml") else page
    try:
        feed = feedparser.parse(
            BytesIO(body.encode("utf-8", "replace")),
            response_headers=said,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception:  # noqa: BLE001 - feedparser lets its XML and date readers' errors of any kind through
        return Listing(())
    ttl = str(feed.get("feed", {}).get("ttl") or "")
    late = timedelta(minutes=min(int(ttl), 1_440)) if ttl.isdecimal() and len(ttl) < 6 else TTL  # noqa: PLR2004
    rows = []
    for entry in feed.get("entries") or ():
        if (tid := tid_in(str(entry.get("link") or ""))) is not None:
            opened = entry.get("published_parsed")
            at = datetime.fromtimestamp(timegm(opened), UTC) if opened else None
            rows.append(Row(tid, changed=at + late + TO_THE_MINUTE if at is not None else None))
    return Listing(tuple(rows))
