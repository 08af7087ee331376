"""One pass of each stage: the same functions under cron, under the service, and in tests."""

from collections import Counter
from dataclasses import dataclass

from alerts.delivery import Delivered, deliver_due
from alerts.health import SCORING_JOB, resolve_quiet, watch_health
from alerts.incidents import Change
from alerts.judging import judge_pending
from mentions.types import CrawlRun
from sentiment.model import ModelUnavailable
from sentiment.scoring import Scored, score_pending
from tingfeng.desk import Desk


@dataclass(frozen=True, slots=True)
class Alerted:
    """What one pass of the rules did."""

    posts: int
    changes: Counter[Change]
    failed: int


async def crawl(desk: Desk, name: str) -> CrawlRun:
    """Look at one source; the run's row says how it went."""
    from crawlers.crawl import crawl as crawl_source  # noqa: PLC0415 - late: it imports Scrapy

    run = await crawl_source(
        name,
        desk.config.sources[name],
        store=desk.store,
        matcher=desk.matcher,
        brands=desk.brands,
        clock=desk.now,
        user_agent=desk.user_agent,
    )
    desk.store.runs.job_done(f"crawl:{name}", desk.now(), run.error)
    return run


async def reread(desk: Desk, name: str) -> CrawlRun | None:
    """Look again at the suspect posts of one source that are due; None if none is."""
    from crawlers.crawl import reread as reread_source  # noqa: PLC0415 - late: it imports Scrapy

    return await reread_source(
        name,
        desk.config.sources[name],
        store=desk.store,
        matcher=desk.matcher,
        clock=desk.now,
        user_agent=desk.user_agent,
    )


def score(desk: Desk) -> Scored:
    """Score all that waits. ModelUnavailable is also kept where `doctor` and the rules see it."""
    failing = SCORING_JOB in desk.store.runs.job_errors()
    try:
        scored = score_pending(desk.store, desk.config.model, owner=desk.owner, now=desk.now)
    except ModelUnavailable as error:
        desk.store.runs.job_done(SCORING_JOB, desk.now(), str(error))
        raise
    if failing and scored.scored:
        desk.store.runs.job_done(SCORING_JOB, desk.now())
    return scored


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
