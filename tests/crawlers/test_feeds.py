"""Feeds that are whole, that break off, and that hold no words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.reading.feeds import feed_in, feed_of
from crawlers.source import Answer, Outcome
from crawlers.spiders.rss import Rss
from mentions.sqlite import SqliteStore
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import visit

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
ENTRIES = "<item><title>一</title></item><item><title>二</title></item>"
RSS = f'<rss version="2.0"><channel><title>x</title>{ENTRIES}</channel></rss>'
ATOM = '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>一</a:title></a:entry></a:feed>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    "<channel><title>x</title></channel><item><title>一</title></item></rdf:RDF>"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with SqliteStore(tmp_path / "x.db") as opened:
        yield opened


@pytest.mark.parametrize("feed", [RSS, ATOM, RDF])
@pytest.mark.parametrize("behind", ["", "\n", f"<!-- {'慢 ' * 500}<item> -->\n", f"<script>{'x' * 500}</script>"])
def test_a_whole_feed_is_whole_whatever_stands_behind_it(feed: str, behind: str) -> None:
    found = feed_of(feed + behind)
    assert found is not None
    assert not found.cut


@pytest.mark.parametrize("feed", [RSS, ATOM, RDF])
def test_a_feed_that_ends_within_an_entry_is_cut(feed: str) -> None:
    found = feed_of(feed[: feed.index("一") + 1])
    assert found is not None
    assert found.cut


@pytest.mark.parametrize("label", ["utf-16", "iso-8859-1"])
def test_a_feed_in_a_charset_of_its_own_is_cut_too(label: str) -> None:
    feed = f'<?xml version="1.0" encoding="{label}"?>{RSS.replace("一", "é").replace("二", "è")}'
    whole, cut = (feed_in(text.encode(label)) for text in (feed, feed[:-50]))
    assert whole is not None
    assert cut is not None
    assert (whole.cut, cut.cut) == (False, True)


def test_the_last_entry_of_a_whole_feed_is_kept_without_an_id_or_a_link() -> None:
    page = Rss.reader().read(Answer(f"{RSS}<!-- {'x' * 300} -->".encode(), NOW), "feed")
    assert [o.mention.text for o in page.observations] == ["一", "二"]
    assert page.note == ""


def test_a_visit_says_that_a_feed_was_cut(store: Store, site: Site) -> None:
    site.pages["/feed"] = Reply(RSS[: RSS.rindex("<item>")] + "<item><title>二")
    run = visit(store, Rss(feeds=(site.url + "/feed",), delay=timedelta()))
    assert (run.seen, run.error) == (1, None)
    assert run.note == f"the feed {site.url}/feed was cut off: its end is missing"


def test_a_feed_of_which_few_entries_hold_words_is_stored_and_told(store: Store, site: Site) -> None:
    site.pages["/feed"] = Reply(RSS.replace(ENTRIES, ENTRIES + "<item><headline>三</headline></item>" * 3))
    run = visit(store, Rss(feeds=(site.url + "/feed",), delay=timedelta()))
    assert (run.pages, run.new, run.blocked) == (1, 2, {Outcome.LAYOUT_CHANGED.value: 1})
