"""One host is asked by one of us at a time, and not sooner than its pause allows."""

from datetime import timedelta

import pytest

from crawlers.pace import neighbours, pause
from crawlers.rereads import Rereads
from crawlers.source import Fetch
from crawlers.spiders.rss import Rss
from crawlers.visit import Visit
from mentions.brands import BrandMatcher
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site, site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo

__all__ = ["site"]
SECOND = timedelta(seconds=1)


def about_to_begin(store: Store, delay: timedelta, *urls: str) -> Visit:
    source = Rss(feeds=[*urls], delay=delay)
    rereads = Rereads(store, "me")
    return Visit(
        "news", source, store, BrandMatcher([]), lambda: NOW, "Tingfeng", rereads, [Fetch(u, "feed") for u in urls]
    )


def test_a_host_that_nobody_asked_is_asked_at_once(store: Store) -> None:
    assert pause(about_to_begin(store, 9 * SECOND, "https://a.test/feed")) == 0.0


@pytest.mark.parametrize(("ago", "left"), [(0, 9), (4, 5), (9, 0), (3600, 0), (-3600, 9)])
def test_the_pause_goes_on_from_the_visit_before_and_is_never_longer_than_asked(
    ago: int, left: int, store: Store
) -> None:
    """A clock that was set back must not silence a host for an hour."""
    store.runs.ask({"a.test": NOW - ago * SECOND, "b.test": NOW})
    assert pause(about_to_begin(store, 9 * SECOND, "https://a.test/feed")) == float(left)


def test_an_earlier_time_never_replaces_a_later_one(store: Store) -> None:
    store.runs.ask({"a.test": NOW})
    store.runs.ask({"a.test": NOW - SECOND, "b.test": NOW - SECOND})
    assert store.runs.asked(["a.test", "b.test", "c.test"]) == {"a.test": NOW, "b.test": NOW - SECOND}


def test_a_visit_leaves_behind_when_its_host_answered(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1))}
    visit(store, weibo(site))
    (host,) = store.runs.asked([site.url.removeprefix("http://")])
    assert site.url.endswith(host)


def test_sources_of_one_host_take_turns_also_where_a_third_one_joins_them() -> None:
    turns = neighbours({"a": {"x"}, "b": {"y"}, "c": {"x", "y"}, "d": {"z"}, "e": set()})
    assert turns["a"] == turns["b"] == turns["c"] == "x"
    assert (turns["d"], turns["e"]) == ("z", "e")


def test_a_visit_that_was_refused_counts_as_asked(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): Reply("", status=503)}
    visit(store, weibo(site))
    assert store.runs.asked([site.url.removeprefix("http://")])
