import gzip
import re
from pathlib import Path

import orjson
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.recorded import RecordedForum

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "forum" / "site.jsonl.gz"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason=f"needs the recorded forum at {RECORDED}")

LIST = "/forum.php?mod=forumdisplay&fid=2&orderby=dateline&filter=author&page=1"
ON_LISTS = (
    "tbody[id^=normalthread_] a.s.xst[href*='tid=']",
    "td.by cite a[href*='uid=']",
    "td.by em span[title]",
    "td.num a",
    "td.num + td.by em a span[title]",
    "div.pg strong",
    "div.pg a.nxt",
    "div.pg label span[title^='共 ']",
)
IN_THREADS = (
    "span#thread_subject",
    "div[id^=post_] div.authi a.xw1[href*='uid=']",
    "em[id^=authorposton] span[title]",
    "a[id^=postnum] em",
    "td.t_f[id^=postmessage_]",
)


@pytest.fixture
def site(tmp_path: Path) -> TestClient:
    """A recording of one page that we made up."""
    body = '<base href="http://old.example:99/" /><a href="http://old.example:99/x">贴</a>'
    row = {
        "url": "/forum.php?b=2&a=1",
        "status": 200,
        "content_type": "text/html",
        "fetched_at": 0,
        "body": body,
    }
    path = tmp_path / "site.jsonl.gz"
    path.write_bytes(gzip.compress(orjson.dumps(row)))
    return TestClient(RecordedForum(path).app())


@pytest.mark.parametrize("query", ["b=2&a=1", "a=1&b=2", "a=1&b=2&page=1&extra=page%3D1"])
def test_a_page_is_found_however_its_address_is_written(site: TestClient, query: str) -> None:
    answer = site.get(f"/forum.php?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert answer.headers["x-recorded-at"] == "1970-01-01T00:00:00+00:00"


def test_links_lead_to_the_served_host(site: TestClient) -> None:
    text = site.get("/forum.php?a=1&b=2").text
    assert text == '<base href="http://testserver/" /><a href="http://testserver/x">贴</a>'


def test_what_was_not_recorded_is_404(site: TestClient) -> None:
    assert site.get("/forum.php?a=1").status_code == 404


@recorded
def test_every_recorded_page_is_served() -> None:
    forum = RecordedForum(RECORDED)
    site = TestClient(forum.app())
    listed = site.get(LIST)
    assert len(forum) == 87
    assert listed.status_code == 200
    for link in set(re.findall(r'href="(forum\.php\?mod=viewthread&amp;tid=\d+)&amp;extra', listed.text)):
        assert site.get("/" + link.replace("&amp;", "&")).status_code == 200


@recorded
def test_our_own_forum_has_the_shape_of_the_recorded_one() -> None:
    real = TestClient(RecordedForum(RECORDED).app())
    ours = TestClient(Sandbox().doors["forum"])
    for address, selectors in ((LIST, ON_LISTS), ("/forum.php?mod=viewthread&tid=3", IN_THREADS)):
        for source in (real, ours):
            tree = LexborHTMLParser(source.get(address).text)
            assert [selector for selector in selectors if not tree.css(selector)] == []
