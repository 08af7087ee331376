"""The RSS feed of a board (`forum.php?mod=rss&fid=2`): the newest 20 threads, cut short. It leads to them."""

from calendar import timegm
from datetime import UTC, datetime, timedelta

from crawlers.reading.feeds import feed_of
from crawlers.sites.discuz.page import TO_THE_MINUTE, Listing, Row, tid_in

TTL = timedelta(minutes=60)
"""Discuz!'s default: so often, and no oftener, it makes the feed anew."""


def is_feed(page: str) -> bool:
    """Whether a page is a feed at all."""
    return "<rss" in page[:2_000]


def shown(page: str) -> Listing:
    """The threads of a feed. One may appear in it as late as its `ttl` after it was opened."""
    feed = feed_of(page)
    if feed is None:
        return Listing(())
    ttl = str(feed.about.get("ttl") or "")
    late = timedelta(minutes=min(int(ttl), 1_440)) if ttl.isdecimal() and len(ttl) < 6 else TTL  # noqa: PLR2004
    rows = []
    for entry in feed.entries:
        if (tid := tid_in(str(entry.get("link") or ""))) is not None:
            opened = entry.get("published_parsed")
            at = datetime.fromtimestamp(timegm(opened), UTC) if opened else None
            rows.append(Row(tid, changed=at + late + TO_THE_MINUTE if at is not None else None))
    return Listing(tuple(rows))
