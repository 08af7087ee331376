"""What a source is signed in with goes to its own sites, whatever address a row names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawlers.source import Fetch
from crawlers.sources import SOURCE_TYPES
from crawlers.spider import for_anyone
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.hot import Hot
from mentions.brands import Brand
from mentions.store import Store
from mentions.tasks import reread as queue
from mentions.types import Mention
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, look_again, post, visit, weibo

SIGNED_IN = {"cookie": "SUB=very-secret", "approved_by": "a", "approval_reason": "b"}
POST = Mention("discuz:bbs.test:5", "discuz", "x", "", "", NOW)


def forum(url: str) -> Discuz:
    return Discuz(base_url=url, forums=(2,), delay=timedelta(), **SIGNED_IN)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/forum.php?mod=viewthread&tid=7",
        "https://bbs.test.evil.test/thread-7-1-1.html",
        "https://bbs.test@evil.test/thread-7-1-1.html",
        "https://bbs.test:8443/thread-7-1-1.html",
        "https://bbs.test/other.php?url=https://evil.test/",
        "",
    ],
)
def test_a_forum_looks_again_at_its_own_threads_only(url: str) -> None:
    assert forum("https://bbs.test").reread(replace(POST, url=url)) is None


def test_a_forum_looks_again_where_the_post_stood() -> None:
    stood = replace(POST, url="https://bbs.test/forum.php?mod=viewthread&tid=7&page=3#pid5")
    found = forum("https://bbs.test").reread(stood)
    assert found is not None
    assert (found.url, found.headers["Cookie"]) == (stood.url.partition("#")[0], "SUB=very-secret")


def test_a_row_that_names_another_site_gets_no_visit_and_no_cookie(store: Store, site: Site) -> None:
    """An import may bring a row that claims to be the forum's, and an address of somebody else's."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    source = forum(site.url)
    rows = [replace(POST, url=f"{elsewhere}/thread-7-1-1.html")]
    assert [source.reread(row) for row in rows] == [None]
    assert look_again(store, source) is None
    assert site.headers == []


def test_the_crawler_itself_signs_requests_to_the_source_s_own_sites_only(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a source is mistaken."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    source = weibo(site, headers={"X-Token": "t"}, **SIGNED_IN)
    site.pages = {SEARCH.format(1): answer(post(1)), "/stray": Reply("what?")}
    visit(store, source)
    assert site.headers[-1]["cookie"] == "SUB=very-secret"
    stray = Fetch(f"{elsewhere}/stray", "post", source.signed_headers)
    monkeypatch.setattr(type(source), "reread", lambda _source, _mention: stray)
    store.tasks.put(queue("x"), ["weibo:1"], NOW)
    look_again(store, source)
    assert site.asked[-1] == "/stray"
    assert not {"cookie", "x-token", "referer"} & site.headers[-1].keys()


def test_headers_for_anyone_name_no_account() -> None:
    given = {"Accept": "text/html", "Cookie": "a=b", "Authorization": "OAuth2 t", "X-XSRF-TOKEN": "t"}
    assert for_anyone(given) == {"Accept": "text/html"}


BLOCKS: dict[str, dict[str, object]] = {
    "discuz": {"base_url": "https://bbs.test", "forums": [2]},
    "rss": {"feeds": ["https://news.test/feed"]},
    "generic": {"urls": ["https://a.test/list"], "item": "li", "fields": {"text": "p"}},
    "tieba": {"forums": ["听风"]},
    "mi-community": {"boards": ["1"]},
    "bilibili": {"search": True},
    "heimao": {"companies": ["1"]},
}
OFF = {"enabled": False}


@pytest.mark.parametrize("kind", SOURCE_TYPES)
def test_every_page_that_a_source_begins_with_is_at_home(kind: str) -> None:
    source = SOURCE_TYPES[kind].model_validate({"type": kind, **OFF, **BLOCKS.get(kind, {})})
    homes = {home.split("/")[2] for home in source.home}
    assert {fetch.url.split("/")[2] for fetch in source.start([Brand("听风")])} <= homes


def test_hot_lists_are_at_home_where_config_says_that_they_are() -> None:
    assert Hot(lists=("weibo",), base_urls={"weibo": "http://h.test"}).home[0].startswith("http://h.test/")
