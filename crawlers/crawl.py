"""Running a source: one visit, from the opened row of the run to the finished one."""

import asyncio
import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

import structlog

from crawlers.browsing import browser
from crawlers.browsing.ending import end
from crawlers.browsing.screenshots import SCREENSHOT
from crawlers.conduct.budget import SHARE
from crawlers.conduct.inside import leads_inside
from crawlers.reactor import in_thread
from crawlers.rereads import FIRST, Rereads
from crawlers.seeking import LOOKED, due, searches
from crawlers.settings import set_log_level, settings
from crawlers.source import Fetch, Gate, Source
from crawlers.tally import INTERRUPTED
from crawlers.visit import Visit
from mentions.brands import Brand, BrandMatcher
from mentions.runs import CrawlRun
from mentions.store import Store, StoreError
from mentions.types import Observation

NO_PAUSES: Mapping[str, timedelta] = MappingProxyType({})
REREAD_LEASE = timedelta(minutes=5)
LOOK_BACK = timedelta(minutes=10)
"""How far a site's clock may differ from ours before a change is missed."""
RUNS_TO_ASK = 100
STANDING_BLOCKS = frozenset({"no_permission", "robots.txt forbids"})
"""Blocks that another look will not lift: a run with only these saw all that can be seen."""
WALLED = frozenset({"login_wall", "captcha", "throttled"})
"""Blocks after which a host is asked nothing more in a visit."""
NO_BROWSER = "{kind} is read through a browser: {why}. Or bring its posts in through RSSHub or `tingfeng import`."
NOT_OPENED = "The post's page is at no address of the internet; it was not opened."
STOP_SECONDS = 5.0
"""How long an interrupted visit waits for its last answers."""
log = structlog.get_logger()


async def crawl(
    name: str,
    source: Source,
    *,
    store: Store,
    matcher: BrandMatcher,
    brands: Sequence[Brand],
    clock: Callable[[], datetime],
    user_agent: str,
    pauses: Mapping[str, timedelta] = NO_PAUSES,
    reread_lease: timedelta = REREAD_LEASE,
    reread_share: float = SHARE,
    elsewhere: bool = True,
    log_level: str = "ERROR",
) -> CrawlRun:
    """Look once at what is new on a source, and again at those of its suspect posts that are due.

    `pauses` are the strictest that the sources of a site ask for, where others have sources there too.
    `elsewhere`: the words of watched posts are looked for besides.
    Must run on the loop of `crawlers.reactor.run_in_reactor`. Returns the finished row of the run, also where
    every page was blocked; raises StoreError where even the row cannot be written. Cancelled, it finishes the
    row with the note "interrupted" first.
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
    )
    visit.elsewhere = elsewhere
    run = await in_thread(store.runs.start, name, clock(), "crawl", undo=lambda row: finish(visit, row))
    return await run_visit(visit, run, brands, reread_lease, log_level)


async def reread(
    name: str,
    source: Source,
    *,
    store: Store,
    matcher: BrandMatcher,
    clock: Callable[[], datetime],
    user_agent: str,
    pauses: Mapping[str, timedelta] = NO_PAUSES,
    reread_lease: timedelta = REREAD_LEASE,
    reread_share: float = SHARE,
    log_level: str = "ERROR",
) -> CrawlRun | None:
    """Look again at the suspect posts of a source that are due; None where none is. Otherwise as `crawl`."""
    visit = visit_of(
        name,
        source,
        store=store,
        matcher=matcher,
        clock=clock,
        user_agent=user_agent,
        share=reread_share,
        pauses=pauses,
    )
    return await run_due(visit, "reread", reread_lease, log_level)


async def look(
    name: str,
    source: Source,
    fetch: Fetch,
    *,
    store: Store,
    matcher: BrandMatcher,
    clock: Callable[[], datetime],
    user_agent: str,
    pauses: Mapping[str, timedelta] = NO_PAUSES,
    log_level: str = "ERROR",
) -> tuple[CrawlRun, list[Observation], str]:
    """Look at one page that a person named, politely and lawfully as ever.

    Also what it showed, which is stored, and the address where it was found in the end. The run is of the kind
    "watch". Otherwise as `crawl`.
    """
    visit = visit_of(
        name,
        source,
        store=store,
        matcher=matcher,
        clock=clock,
        user_agent=user_agent,
        share=SHARE,
        pauses=pauses,
    )
    visit.shown, visit.first = [], [fetch]
    run = await in_thread(store.runs.start, name, clock(), "watch", undo=lambda row: finish(visit, row))
    finished = await run_visit(visit, run, None, REREAD_LEASE, log_level)
    return finished, visit.shown, visit.landed or fetch.url


def visit_of(
    name: str,
    source: Source,
    *,
    store: Store,
    matcher: BrandMatcher,
    clock: Callable[[], datetime],
    user_agent: str,
    share: float,
    pauses: Mapping[str, timedelta],
    kind: type[Rereads] = Rereads,
) -> Visit:
    """A visit that has asked for nothing yet; `kind` is what its claimed rows ask for."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    visit = Visit(name, source, store, matcher, clock, user_agent, kind(store, owner, share), (), pauses=pauses)
    if source.lawful_note:
        visit.tally.note(source.lawful_note)
    return visit


async def run_due(visit: Visit, kind: str, lease: timedelta, log_level: str) -> CrawlRun | None:
    """A visit of this kind for the rows that are due, where any can be claimed."""
    rereads, clock = visit.rereads, visit.clock
    await in_thread(
        rereads.claim, visit.name, visit.source, clock(), lease, undo=lambda _: rereads.release(clock())
    )
    if not rereads.fetches:
        return None
    run = await in_thread(visit.store.runs.start, visit.name, clock(), kind, undo=lambda row: finish(visit, row))
    return await run_visit(visit, run, None, lease, log_level)


async def run_visit(
    visit: Visit, run: CrawlRun, brands: Sequence[Brand] | None, lease: timedelta, log_level: str
) -> CrawlRun:
    """From the opened row to the finished one. `brands` is None where only posts are looked at again."""
    try:
        await asyncio.to_thread(_look_back, visit, run)
        if brands is not None:
            await asyncio.to_thread(_prepare, visit, brands, lease)
        wanted = [
            *visit.first,
            *(_first(fetch) for fetch in visit.rereads.fetches),
            *(visit.source.start(brands) if brands is not None else ()),
            *(await asyncio.to_thread(_searches, visit, run, brands) if brands is not None else ()),
        ]
        visit.first = await _allowed(visit, await asyncio.to_thread(_readable, visit, wanted))
        set_log_level(log_level)
        await _scrape(visit)
    except asyncio.CancelledError:
        visit.tally.note(INTERRUPTED)
        finish(visit, run)  # here and now: who cancels may not wait
        raise
    except StoreError as error:
        log.error("visit failed", source=visit.name, error=str(error))  # noqa: TRY400 - its sentence says all
        visit.tally.error = visit.tally.error or f"The visit failed: {error}"
    except Exception as error:
        # The job's outer edge: the row must be finished, and say why.
        log.exception("visit failed", source=visit.name)
        words = visit.secrets.hide(f"{type(error).__name__}: {error}")
        visit.tally.error = visit.tally.error or f"The visit failed: {words}"
    finished = await in_thread(finish, visit, run)
    log.info(
        "visit finished",
        source=visit.name,
        kind=run.kind,
        pages=finished.pages,
        seen=finished.seen,
        new=finished.new,
        blocked=finished.blocked,
        error=finished.error,
    )
    return finished


def _first(fetch: Fetch) -> Fetch:
    return replace(fetch, priority=FIRST, gate=Gate.ALWAYS, again=True)


def _look_back(visit: Visit, current: CrawlRun) -> None:
    """When the source was last seen whole (a little before: clocks differ), and which visits were broken off.

    Not those that ended at a wall: one that meets it at the tenth page would ask for the same ten for ever.
    """
    broken_off, next_began = list[tuple[datetime, datetime]](), current.started
    for run in visit.store.runs.recent(visit.name, RUNS_TO_ASK):
        if run.id == current.id or run.kind == SCREENSHOT:
            continue
        if not _is_complete(run):
            if not WALLED & set(run.blocked):
                broken_off.append((run.started, run.finished or next_began))
        elif run.kind == current.kind == "crawl" and visit.since is None:
            visit.since = run.started - LOOK_BACK
        next_began = run.started
    visit.broken_off = broken_off


def _is_complete(run: CrawlRun) -> bool:
    """Whether a run saw all it was meant to see."""
    whole = run.finished is not None and run.pages and run.error is None
    return bool(whole) and not set(run.blocked) - STANDING_BLOCKS and INTERRUPTED not in (run.note or "")


def _prepare(visit: Visit, brands: Sequence[Brand], lease: timedelta) -> None:
    visit.asker = sha256(f"{visit.source.model_dump_json()}{brands!r}".encode()).hexdigest()[:16]
    visit.validators = visit.store.sites.validators(visit.name, visit.asker)
    visit.rereads.claim(visit.name, visit.source, visit.clock(), lease)
    known = {brand.name for brand in brands}
    visit.sought = [s for s in visit.store.seeking.sought(visit.clock()) if s.brand in known]


def _searches(visit: Visit, current: CrawlRun, brands: Sequence[Brand]) -> Sequence[Fetch]:
    if not (visit.elsewhere and visit.sought):
        return ()
    before = visit.store.runs.recent(visit.name, RUNS_TO_ASK)
    found = searches(visit.source, brands, due(visit.sought, before, current.started))
    if found:
        visit.tally.note(LOOKED)
    return found


def _readable(visit: Visit, wanted: Sequence[Fetch]) -> Sequence[Fetch]:
    """Those of the pages that can be read here: without a browser some cannot, which is said."""
    pages = [fetch for fetch in wanted if visit.source.in_browser(fetch)]
    if not pages:
        return wanted
    try:
        browser.check(visit.source)
    except browser.NoBrowser as why:
        sentence = NO_BROWSER.format(kind=type(visit.source).model_fields["type"].default, why=why)
    else:
        return wanted
    visit.tally.error = sentence
    for fetch in pages:
        visit.rereads.failed(fetch.url, sentence, visit.clock(), our_fault=False)
    return [fetch for fetch in wanted if fetch not in pages]


async def _allowed(visit: Visit, wanted: Sequence[Fetch]) -> Sequence[Fetch]:
    """Without the pages in our own network that a stranger's post wants to have pictured."""
    barred = [f for f in wanted if f.kind == SCREENSHOT and await leads_inside(f.url, visit.home)]
    for fetch in barred:
        visit.tally.block("private address", f"{fetch.url}: {NOT_OPENED}", again=True)
        visit.rereads.failed(fetch.url, NOT_OPENED, visit.clock(), our_fault=True)
    return [fetch for fetch in wanted if fetch not in barred] if barred else wanted


def finish(visit: Visit, run: CrawlRun) -> CrawlRun:
    """Write the row and give back the claims that were not come to; what fails here cannot be recorded."""
    finished = visit.tally.run(run, visit.clock())
    try:
        visit.rereads.release(visit.clock())
    finally:
        with visit.store.transaction():
            visit.store.runs.finish(finished)
            if visit.taken:  # somebody ended us while we asked
                visit.store.sites.leave({site: visit.clock() + visit.pause(site) for site in visit.taken})
            if visit.read and _is_complete(finished) and not finished.cap_hit:
                # Only now: had a page that these lead to failed, "not modified" would hide it for good.
                visit.store.sites.keep_validators(visit.name, visit.asker, visit.worth_keeping, visit.clock())
    interrupted = INTERRUPTED in visit.tally.notes
    looks = visit.looking.looks(visit.name, run.id, interrupted=interrupted)
    visit.store.looks.add([replace(look, query=visit.secrets.number(look.query)) for look in looks])
    visit.samples.keep(visit.name, visit.secrets, visit.store)
    return finished


async def _scrape(visit: Visit) -> None:
    # Late: Scrapy takes half a second to import, and a parser does not need it.
    from scrapy.crawler import Crawler  # noqa: PLC0415

    from crawlers.spider import SourceSpider  # noqa: PLC0415

    crawler = Crawler(SourceSpider, settings(visit))
    scraping = asyncio.ensure_future(crawler.crawl_async(visit=visit))
    try:
        await asyncio.shield(scraping)
    except asyncio.CancelledError:
        visit.over = True
        stopping = asyncio.ensure_future(crawler.stop_async())
        await asyncio.wait({stopping, scraping}, timeout=STOP_SECONDS)
        scraping.cancel()
        stopping.cancel()
        if browser.MARK in crawler.settings:  # what does not answer would stay behind
            end(visit.mark)
        raise
    spider = crawler.spider
    if isinstance(spider, SourceSpider) and len(spider.hosts):  # a fault of ours, and no quiet one
        visit.tally.error = visit.tally.error or f"The visit ended before {len(spider.hosts)} of its pages."
