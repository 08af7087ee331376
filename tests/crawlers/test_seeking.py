"""Visits that look for the words of a watched post besides."""

from datetime import timedelta
from typing import Any

import pytest

from crawlers.seeking import LOOKED, due, searches, whose
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.generic import Generic
from crawlers.spiders.rss import Rss
from mentions.incidents import Finding
from mentions.runs import CrawlRun
from mentions.sought import Sought
from mentions.store import Store
from mentions.types import Severity
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import BRANDS, NOW, SEARCH, answer, post, visit, weibo
from tests.making import mention, minutes, seen

WORDS = "充电时冒烟了怎么办"
SOUGHT = "/api/container/getIndex?containerid=100103type%3D61%26q%3D%E5%85%85%E7%94%B5%E6%97%B6%E5%86%92%E7%83%9F%E4%BA%86%E6%80%8E%E4%B9%88%E5%8A%9E&page_type=searchall&page={}"  # noqa: E501 - an address
CAN_SEARCH = {"weibo", "weibo-search", "weibo-api", "tieba", "zhihu", "xiaohongshu", "bilibili", "heimao"}
BLOCKS: dict[str, dict[str, Any]] = {"weibo-api": {"search": True}, "bilibili": {"search": True}}


def watched(store: Store, mention_id: str = "note:1") -> None:
    """Somebody sent a post in, and its words are looked for."""
    store.posts.record([seen(mention(mention_id))])
    finding = Finding("watched", f"watch:{mention_id}", Severity.YELLOW, NOW, mention_id, "听风")
    store.incidents.add_finding(finding, store.incidents.open(finding, "有人转来").id)
    store.seeking.seek(mention_id, [WORDS], "听风", at=NOW, until=NOW + minutes(60))


def test_every_source_that_can_search_looks_for_them() -> None:
    readers = {
        kind: cls.model_validate({"type": kind, "enabled": False} | BLOCKS.get(kind, {}))
        for kind, cls in SOURCE_TYPES.items()
        if kind != "generic"
    }
    found = {kind: searches(source, BRANDS, [WORDS, WORDS]) for kind, source in readers.items()}
    assert {kind for kind, fetches in found.items() if fetches} == CAN_SEARCH
    assert all(len(fetches) == 1 and fetches[0].sought for fetches in found.values() if fetches)


@pytest.mark.parametrize(("address", "number"), [("http://x/?q={keyword}&p={page}", 2), ("http://x/new", 0)])
def test_a_site_of_ones_own_is_searched_where_its_address_has_a_place_for_words(address: str, number: int) -> None:
    fields = {"text": "p", "id": "@id"}
    source = Generic(platform="x", urls=(address,), item="div", fields=fields, enabled=False)
    assert len(searches(source, BRANDS, ["后盖顶开了", WORDS])) == number


def test_only_the_first_page_is_asked_for_after_all_that_the_brands_ask(store: Store, site: Site) -> None:
    watched(store)
    site.pages = {SEARCH.format(1): answer(post(1)), SEARCH.format(2): answer()}
    site.pages[SOUGHT.format(1)] = answer(post(5, f"转：{WORDS}"), page=2)
    run = visit(store, weibo(site, max_pages=3))
    assert site.asked[-1] == SOUGHT.format(1)
    assert (run.new, run.cap_hit, run.error) == (2, False, None)
    assert store.posts.get(["weibo:5"])["weibo:5"].mention.brands == ("听风",)


def test_such_a_search_says_nothing_of_how_much_is_seen(store: Store, site: Site) -> None:
    watched(store)
    site.pages = {SOUGHT.format(1): answer(post(5, WORDS)), SEARCH.format(1): Reply("no", 403)}
    run = visit(store, weibo(site))
    assert [look.query for look in store.looks.recent("x")] == ["听风"]
    assert "No page could be read" in str(run.error)
    assert store.posts.get(["weibo:5"])


def test_nothing_more_is_asked_once_the_time_is_over(store: Store, site: Site) -> None:
    watched(store)
    site.pages = {SEARCH.format(1): answer()}
    visit(store, weibo(site), NOW + timedelta(hours=1))
    assert SOUGHT.format(1) not in site.asked


def test_whose_words_a_text_holds_is_seen_through_marks_and_blanks() -> None:
    sought = [Sought("note:1", WORDS, "听风", NOW, NOW)]
    assert whose("充电时，冒烟了!!怎么 办呀", sought) == ("听风",)
    assert whose("同意//@某人:充电时冒烟了怎么办", sought) == whose("充电时冒烟了", sought) == ()


@pytest.mark.parametrize(("later", "number"), [(0, 1), (9, 1), (10, 2), (11, 2)])
def test_the_same_words_are_looked_for_every_ten_minutes_at_most(
    store: Store, site: Site, later: int, number: int
) -> None:
    watched(store)
    site.pages = {SEARCH.format(1): answer(), SOUGHT.format(1): answer()}
    assert LOOKED in str(visit(store, weibo(site)).note)
    visit(store, weibo(site), NOW + minutes(later))
    assert site.asked.count(SOUGHT.format(1)) == number
    assert site.asked.count(SEARCH.format(1)) == 2


@pytest.mark.parametrize(("sent", "words"), [(-1, []), (0, []), (2, [WORDS])])
def test_words_that_are_new_are_looked_for_at_once(sent: int, words: list[str]) -> None:
    before = [
        CrawlRun(2, "x", NOW + minutes(2), "crawl"),
        CrawlRun(1, "x", NOW, "crawl", note=f"approved; {LOOKED}"),
    ]
    sought = [Sought("note:1", WORDS, "听风", NOW + minutes(sent), NOW + minutes(99))]
    assert due(sought, before, NOW + minutes(3)) == words


def test_a_source_that_cannot_search_notes_nothing(store: Store, site: Site) -> None:
    watched(store)
    site.pages = {"/feed": Reply("<rss><channel/></rss>")}
    run = visit(store, Rss(feeds=(f"{site.url}/feed",), delay=timedelta()))
    assert LOOKED not in str(run.note)
