"""One visit that takes pictures of the pages of posts that raised a finding."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from crawlers.browsing.screenshots import SCREENSHOT, Pictures
from crawlers.conduct.budget import SHARE
from crawlers.crawl import NO_PAUSES, run_due, visit_of
from crawlers.source import Source
from mentions.brands import BrandMatcher
from mentions.runs import CrawlRun
from mentions.store import Store

LEASE = timedelta(minutes=10)


async def picture(
    name: str,
    source: Source,
    *,
    store: Store,
    matcher: BrandMatcher,
    clock: Callable[[], datetime],
    user_agent: str,
    pauses: Mapping[str, timedelta] = NO_PAUSES,
    reread_share: float = SHARE,
    home: frozenset[str] = frozenset(),
    profile: str | None = None,
    log_level: str = "ERROR",
) -> CrawlRun | None:
    """Picture the pages of posts that raised a finding; None where none is asked for. Otherwise as `crawl`.

    `home` are the source's own sites, which may stand in our network; no other page there is opened. `profile`
    is the browser's with which a page is pictured that strangers may not see.
    """
    visit = visit_of(
        name,
        source,
        store=store,
        matcher=matcher,
        clock=clock,
        user_agent=user_agent,
        share=reread_share,
        pauses=pauses,
        kind=Pictures,
    )
    visit.home, visit.profile = home, profile
    return await run_due(visit, SCREENSHOT, LEASE, log_level)
