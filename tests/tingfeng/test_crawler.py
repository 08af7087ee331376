"""The crawler process: does the jobs, and is replaced when it hangs, grows or dies."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from crawlers.reactor import run_in_reactor
from crawlers.spiders.rss import Rss
from mentions.posts import Search
from tests.crawlers.conftest import Reply, Site, site
from tests.tingfeng.crawling import FEED, Greedy, Stuck, StuckOnce, desk_with, feed
from tingfeng.crawler.process import Crawler, CrawlerDied
from tingfeng.crawler.supervisor import Supervisor
from tingfeng.desk import Desk
from tingfeng.jobs import jobs_of

__all__ = ["site"]
REPLACED_WITHIN = 10.0
MOST_MEMORY = 300_000_000
Do = Callable[[str], Awaitable[None]]


@pytest.fixture(autouse=True)
def a_feed(site: Site) -> None:
    site.pages = {"/feed": Reply(FEED)}


def supervised(desk: Desk, scene: Callable[[Do, Supervisor], Awaitable[None]]) -> None:
    """Play a scene beside a running supervisor; `do` has a job done by its name."""

    async def main() -> None:
        supervisor = Supervisor(desk)
        jobs = supervisor.supervised(jobs_of(desk))
        async with supervisor.running():
            await scene(lambda name: jobs[name].work(), supervisor)

    run_in_reactor(main)


def current(supervisor: Supervisor) -> Crawler:
    crawler = supervisor._crawler
    assert crawler is not None
    return crawler


async def until(what: Callable[[], bool]) -> None:
    """Wait for something that happens in another process or thread."""
    while not what():  # noqa: ASYNC110 - they set no event of ours
        await asyncio.sleep(0.01)


async def settled(supervisor: Supervisor) -> Crawler:
    """The crawler at work, once the other one stands by with all that it needs."""
    await until(lambda: supervisor._crawler is not None and supervisor._waiting is not supervisor._crawler)
    standing_by = supervisor._waiting
    assert standing_by is not None
    await until(lambda: standing_by.memory > 0)
    return current(supervisor)


async def replaced(supervisor: Supervisor, first: Crawler) -> float:
    """How long it took until another one was at work, in seconds."""
    before = time.monotonic()
    await until(lambda: current(supervisor) is not first)
    return time.monotonic() - before


async def asked(site: Site) -> None:
    """Wait until the site is being read."""
    await until(lambda: bool(site.asked))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_makes_all_visits(site: Site, tmp_path: Path) -> None:
    pids = set()

    async def scene(do: Do, supervisor: Supervisor) -> None:
        for _ in range(3):
            await do("crawl:news")
            pids.add(current(supervisor).pid)

    with desk_with(tmp_path, news=feed(Rss, site.url)) as desk:
        supervised(desk, scene)
        assert [run.pages for run in desk.store.runs.recent("news")] == [1, 1, 1]
        assert desk.store.posts.count(Search()) == 1
    assert len(pids) == 1
    assert not is_there(pids.pop())


def test_a_parser_that_never_ends_is_cut_off_and_the_visit_made_again(site: Site, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.touch()
    took = []

    async def scene(do: Do, supervisor: Supervisor) -> None:
        first = await settled(supervisor)
        visiting = asyncio.ensure_future(do("crawl:news"))
        await asked(site)
        took.append(await replaced(supervisor, first))
        await visiting

    with desk_with(tmp_path, news=feed(StuckOnce, site.url, while_there=trap)) as desk:
        supervised(desk, scene)
        again, died = desk.store.runs.recent("news")
    assert took[0] < REPLACED_WITHIN
    assert (again.pages, again.error) == (1, None)
    assert died.error == "The process died during this visit."


def test_a_visit_that_kills_twice_is_given_up_and_others_go_on(site: Site, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.touch()

    async def scene(do: Do, _supervisor: Supervisor) -> None:
        with pytest.raises(CrawlerDied, match="crawl:stuck"):
            await do("crawl:stuck")
        await do("crawl:news")

    with desk_with(tmp_path, news=feed(Rss, site.url), stuck=feed(Stuck, site.url, while_there=trap)) as desk:
        supervised(desk, scene)
        assert [run.error for run in desk.store.runs.recent("stuck")] == [
            "The process died during this visit."
        ] * 2
        assert desk.store.runs.recent("news")[0].pages == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_is_killed_or_stopped_is_replaced(
    number: signal.Signals, site: Site, tmp_path: Path
) -> None:
    took = []

    async def scene(do: Do, supervisor: Supervisor) -> None:
        first = await settled(supervisor)
        os.kill(first.pid, number)
        took.append(await replaced(supervisor, first))
        await do("crawl:news")
        assert not is_there(first.pid)

    with desk_with(tmp_path, news=feed(Rss, site.url)) as desk:
        supervised(desk, scene)
    assert took[0] < REPLACED_WITHIN


def test_a_process_that_grew_finishes_its_job_and_is_replaced(site: Site, tmp_path: Path) -> None:
    async def scene(do: Do, supervisor: Supervisor) -> None:
        await do("crawl:news")
        first = current(supervisor).pid
        while current(supervisor).pid == first:
            await do("crawl:news")
        await do("crawl:news")

    with desk_with(tmp_path, MOST_MEMORY, news=feed(Greedy, site.url)) as desk:
        supervised(desk, scene)
        assert {(run.pages, run.error) for run in desk.store.runs.recent("news", 1000)} == {(1, None)}
