"""A site that turned us away is left alone: for how long, and what a visit says meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawlers.conduct.cooling import retry_after, wait_of
from mentions.sites import Cooling
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("times", "asked", "minutes"),
    [
        *((0, None, 5), (1, None, 10), (4, None, 80), (5, None, 120), (99, None, 120)),
        *((0, 1, 1), (3, 1, 8), (0, 300, 300), (2, 300, 300), (0, 10**6, 1440)),
    ],
)
def test_a_wait_doubles_up_to_a_bound_and_is_what_the_site_asks_for(
    times: int, asked: int | None, minutes: int
) -> None:
    assert wait_of(times, None if asked is None else asked * MINUTE) == minutes * MINUTE


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (format_datetime(NOW + 2 * MINUTE, usegmt=False), 120),
        ("Thu, 05 Mar 2026 04:02:00 GMT", 120),
        ("Thu, 05 Mar 2026 03:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("Thu, 99 Mar 2026 04:02:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: int | None) -> None:
    assert retry_after(said, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_number_longer_than_the_calendar_is_a_long_time() -> None:
    assert retry_after("9" * 40, NOW) is not None


def test_while_a_site_cools_a_visit_asks_nothing_and_counts_as_blocked(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): Reply("no", 429, {"Retry-After": "600"})}
    assert visit(store, weibo(site)).blocked == {"throttled": 1}
    site.asked.clear()
    run = visit(store, weibo(site, accounts=("5",)), at=NOW + 9 * MINUTE)
    assert (site.asked, run.blocked, run.pages) == ([], {"cooling": 1}, 0)
    assert run.error is not None
    assert "Left alone until 2026-03-05 04:10:00 UTC (throttled): HTTP 429" in run.error
    assert store.runs.freshness(["x"])[0].last_success is None


def test_it_is_longer_each_time_and_over_with_the_first_page_that_is_read(store: Store, site: Site) -> None:
    def until() -> datetime | None:
        return store.runs.freshness(["x"])[0].cooling_until

    site.pages = {SEARCH.format(1): Reply("no", 418)}
    visit(store, weibo(site))
    assert until() == NOW + 5 * MINUTE
    visit(store, weibo(site), at=NOW + 5 * MINUTE)
    assert until() == NOW + 15 * MINUTE
    site.pages = {SEARCH.format(1): answer(post(1))}
    assert visit(store, weibo(site), at=NOW + 15 * MINUTE).new == 1
    assert until() is None


def test_a_server_that_says_when_it_is_back_is_left_alone_until_then(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): Reply("down", 503, {"Retry-After": "Thu, 05 Mar 2026 05:00:00 GMT"})}
    assert visit(store, weibo(site)).blocked == {"error_page": 1}
    assert store.runs.freshness(["x"])[0].cooling_until == datetime(2026, 3, 5, 5, tzinfo=UTC)


def test_a_refusal_beside_the_way_cools_nothing_down(store: Store, site: Site) -> None:
    cut = post(5, '听风手机 ...<a href="/status/5">全文</a>', isLongText=True)
    site.pages = {SEARCH.format(1): answer(cut), "/statuses/extend?id=5": Reply("验证码", 200)}
    visit(store, weibo(site))
    assert store.sites.cooling("x") == []


def test_an_address_that_was_shut_out_is_left_alone_by_every_source_of_the_site(store: Store, site: Site) -> None:
    where = site.url.removeprefix("http://")
    said = Cooling("other", where, "throttled", "HTTP 429", NOW, NOW + MINUTE, shared=True)
    store.sites.cool(said)
    assert visit(store, weibo(site)).blocked == {"cooling": 1}
    assert site.asked == []
    assert store.runs.freshness(["x"])[0].cooling_until == NOW + MINUTE
    store.sites.cool(replace(said, reason="login_wall", shared=False))
    store.sites.warm("x", where)
    visit(store, weibo(site))
    assert site.asked == [SEARCH.format(1)]
