"""A site that names the version of a page is asked whether that is still the one."""

from datetime import timedelta

import pytest

from crawlers.spiders.rss import Rss
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo

FEED = '<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>听风</title></item></channel></rss>'
NOT_MODIFIED = Reply("", 304)


@pytest.fixture
def news(site: Site) -> Rss:
    return Rss(feeds=(f"{site.url}/feed",), delay=timedelta())


@pytest.mark.parametrize(
    ("header", "value", "condition"),
    [
        ("ETag", '"v1"', "if-none-match"),
        ("Last-Modified", "Thu, 05 Mar 2026 04:02:00 GMT", "if-modified-since"),
    ],
)
def test_nothing_new_is_a_success_that_read_a_page(
    header: str, value: str, condition: str, store: Store, site: Site, news: Rss
) -> None:
    site.pages = {"/feed": Reply(FEED, headers={header: value})}
    visit(store, news)
    site.pages = {"/feed": NOT_MODIFIED}
    for minutes in (5, 10):
        run = visit(store, news, at=NOW + timedelta(minutes=minutes))
        assert (run.pages, run.new, run.blocked, run.error) == (1, 0, {}, None)
    assert [headers.get(condition) for headers in site.headers] == [None, value, value]


def test_a_site_that_names_no_version_is_asked_for_the_page(store: Store, site: Site, news: Rss) -> None:
    site.pages = {"/feed": Reply(FEED)}
    visit(store, news)
    visit(store, news)
    assert not {"if-none-match", "if-modified-since"} & site.headers[-1].keys()


def test_a_version_is_remembered_only_after_a_visit_that_read_all_it_led_to(store: Store, site: Site) -> None:
    """Else "not modified" would hide for good what could not be read the first time."""
    first = answer(post(1), page=2)
    first.headers["ETag"] = '"v1"'
    site.pages = {SEARCH.format(1): first, SEARCH.format(2): Reply("", 500)}
    visit(store, weibo(site))
    visit(store, weibo(site))
    assert "if-none-match" not in site.headers[-1]


def test_with_other_settings_or_brands_a_page_is_read_anew(store: Store, site: Site, news: Rss) -> None:
    site.pages = {"/feed": Reply(FEED, headers={"ETag": '"v1"'})}
    visit(store, news)
    visit(store, news.model_copy(update={"max_pages": 7}))
    assert "if-none-match" not in site.headers[-1]


def test_a_304_that_nobody_asked_for_is_no_quiet_page(store: Store, site: Site, news: Rss) -> None:
    site.pages = {"/feed": NOT_MODIFIED}
    assert visit(store, news).blocked == {"error_page": 1}
