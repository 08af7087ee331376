"""One pass of each stage: the same functions under cron, under the service, and in tests."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.delivery import Delivered, deliver_due
from alerts.health import SCORING_JOB, resolve_quiet, watch_health
from alerts.incidents import Change
from alerts.judging import judge_pending
from crawlers.browsing import browser
from crawlers.webpage import PLATFORM as WEB
from crawlers.webpage import WebPage
from mentions.life import Retained
from mentions.runs import CrawlRun
from mentions.tasks import JUDGE, screenshot
from sentiment.model import ModelUnavailable
from sentiment.scoring import Scored, score_pending
from tingfeng.desk import Desk

RETAIN_JOB = "retain"
RETAIN_EVERY = timedelta(days=1)
SITES_KEPT = timedelta(days=30)
"""What is remembered of sites and pages that were not asked for so long is of no use."""
PAUSED = "Not visited"
"""How the error of a visit begins that was not made."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """What one pass of the rules did."""

    posts: int
    changes: Counter[Change]
    failed: int


async def crawl(desk: Desk, name: str) -> CrawlRun:
    """Look at one source; the run's row says how it went."""
    from crawlers.crawl import crawl as crawl_source  # noqa: PLC0415 - late: it imports Scrapy

    if (room := desk.store.shortage()) is not None:
        return await asyncio.to_thread(_paused, desk, name, f"{PAUSED}: {room}")
    run = await crawl_source(
        name,
        desk.config.sources[name],
        store=desk.store,
        matcher=desk.matcher,
        brands=desk.brands,
        clock=desk.now,
        user_agent=desk.user_agent,
        reread_share=desk.config.reread.share,
        pauses=desk.pauses,
        elsewhere=desk.config.watch.look_elsewhere,
    )
    desk.store.runs.job_done(f"crawl:{name}", desk.now(), run.error)
    return run


def _paused(desk: Desk, name: str, why: str) -> CrawlRun:
    """The row of a visit that was not made, for whoever asks why nothing was read."""
    at = desk.now()
    with desk.store.transaction():
        run = replace(desk.store.runs.start(name, at), finished=at, error=why)
        desk.store.runs.finish(run)
        desk.store.runs.job_done(f"crawl:{name}", at, why)
    return run


async def reread(desk: Desk, name: str) -> CrawlRun | None:
    """Look again at the suspect posts of one source that are due; None if none is."""
    from crawlers.crawl import reread as reread_source  # noqa: PLC0415 - late: it imports Scrapy

    if desk.store.shortage() is not None:
        return None
    return await reread_source(
        name,
        desk.config.sources[name],
        store=desk.store,
        matcher=desk.matcher,
        clock=desk.now,
        user_agent=desk.user_agent,
        reread_share=desk.config.reread.share,
        pauses=desk.pauses,
    )


def pictures(desk: Desk) -> bool:
    """Whether pages can be pictured here: the setting is on, and there is a browser."""
    try:
        browser.check(WebPage())
    except browser.NoBrowser:
        return False
    return bool(desk.config.evidence.screenshots)


def picture_stage(desk: Desk, name: str | None) -> str:
    """What a visit for pictures has to itself: a profile opens in one browser at a time."""
    if name is not None and desk.profile(name):
        return f"crawl-{name}"
    return screenshot(name).replace(":", "-")


async def picture(desk: Desk, name: str | None) -> CrawlRun | None:
    """Picture the pages of posts of a source that raised a finding; None stands for those that no source reads."""
    from crawlers.browsing.picturing import picture as picture_pages  # noqa: PLC0415 - late: it imports Scrapy

    if desk.store.shortage() is not None:
        return None
    return await picture_pages(
        WEB if name is None else name,
        WebPage() if name is None else desk.config.sources[name],
        store=desk.store,
        matcher=desk.matcher,
        clock=desk.now,
        user_agent=desk.user_agent,
        reread_share=desk.config.reread.share,
        pauses=desk.pauses,
        home=frozenset() if name is None else desk.hosts(name),
        profile=None if name is None else desk.profile(name),
    )


def score(desk: Desk, limit: int | None = None) -> Scored:
    """Score all that waits, or at most so many.

    ModelUnavailable is also kept where `doctor` and the rules see it.
    """
    failing = SCORING_JOB in desk.store.runs.job_errors()
    try:
        scored = score_pending(desk.store, desk.config.model, owner=desk.owner, now=desk.now, limit=limit)
    except ModelUnavailable as error:
        desk.store.runs.job_done(SCORING_JOB, desk.now(), str(error))
        raise
    if failing and scored.scored:
        desk.store.runs.job_done(SCORING_JOB, desk.now())
    return scored


def begin(desk: Desk) -> None:
    """Put back what was set aside because a rule broke on it: the rules may have been mended since."""
    desk.store.tasks.revive(JUDGE)


def sign_in_again(desk: Desk) -> None:
    """Ask those again that wanted a signed-in visitor: whoever starts the service may have renewed a cookie."""
    desk.store.sites.warm_all("login_wall")


def alert(desk: Desk) -> Alerted:
    """Hold all that changed against the rules."""
    posts = failed = 0
    changes: Counter[Change] = Counter()
    while (judged := judge_pending(desk.store, desk.settings, owner=desk.owner, now=desk.now)).posts:
        posts, failed, changes = posts + judged.posts, failed + judged.failed, changes + judged.changes
    return Alerted(posts, changes, failed)


def watch(desk: Desk) -> Counter[Change]:
    """Look after the watch itself, and close what is over."""
    resolve_quiet(desk.store, desk.settings, now=desk.now)
    return Counter(watch_health(desk.store, desk.settings, now=desk.now))


def deliver(desk: Desk, channel: str) -> Delivered:
    """Send at most one due message on one channel."""
    notifier = desk.config.channels[channel]
    return deliver_due(desk.store, {channel: notifier}, language=desk.language, now=desk.now)


def deliver_all(desk: Desk) -> Delivered:
    """Send all that is due now on every channel; what failed is tried again by the next pass."""
    sent = retried = given_up = 0
    for channel in desk.config.channels:
        while (did := deliver(desk, channel)) != Delivered():
            sent, retried, given_up = sent + did.sent, retried + did.retried, given_up + did.given_up
    return Delivered(sent, retried, given_up)


def retain(desk: Desk, *, dry_run: bool = False) -> Retained:
    """Delete what is due, once; `Held` where another process is at it."""
    with desk.store.only("retain", desk.owner):
        told = desk.store.life.retain(desk.config.retention(), now=desk.now(), dry_run=dry_run)
        if not dry_run:
            desk.store.pages.expire(desk.now())
            desk.store.runs.job_done(RETAIN_JOB, desk.now())
    return told


def retain_when_due(desk: Desk) -> Retained | None:
    """Delete what is due once a day, however often it is asked for and the service is started anew."""
    if not retention_is_due(desk):
        return None
    desk.store.sites.prune(desk.now() - SITES_KEPT)
    return retain(desk)


def retention_is_due(desk: Desk) -> bool:
    """Whether a day is over since the last time."""
    last = desk.store.runs.last_done(RETAIN_JOB)
    return last is None or not last <= desk.now() < last + RETAIN_EVERY
