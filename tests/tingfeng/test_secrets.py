"""A secret goes to its site, and nowhere else: not into a log, a row, or a sentence."""

from pathlib import Path

import pytest

from tests.crawlers.conftest import Reply, Site, site
from tests.crawlers.visits import SEARCH, answer, post
from tests.tingfeng.running import finished

__all__ = ["site"]
COOKIE = "SUB=_2AkMsecretsecretsecret"
CONFIG = """
brands: {{听风: {{}}}}
sources:
  weibo:
    type: weibo
    base_url: "{url}"
    delay: 0s
    accounts: ["5", "6", "7"]
    cookie: ${{WEIBO_COOKIE}}
    approved_by: 张三
    approval_reason: 试验
channels: {{console: {{type: console}}}}
rules: {{any: {{type: source, title: 看不见了, severity: blue, when: source.blocked}}}}
store: store.db
"""
TIMELINE = "/api/container/getIndex?containerid=107603{}"


@pytest.mark.parametrize("status", [200, 500])
def test_a_cookie_is_nowhere_but_at_its_site(
    status: int, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after error pages, redirects elsewhere and into circles, garbage, and a wall."""
    monkeypatch.setenv("WEIBO_COOKIE", COOKIE)
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.pages = {
        SEARCH.format(1): Reply(answer(post(1), page=2).body, status),
        SEARCH.format(2): Reply(status=302, headers={"Location": f"{elsewhere}/away"}),
        TIMELINE.format(5): Reply(status=302, headers={"Location": TIMELINE.format(5)}),
        TIMELINE.format(6): Reply("\x00garbage"),
        TIMELINE.format(7): Reply('{"ok":-100}'),
    }
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(url=site.url), encoding="utf-8")
    said = ""
    for command in (("-v", "crawl"), ("crawl", "--json"), ("alert",), ("doctor", "--no-model"), ("check",)):
        said += finished(*command, "-c", config)[1]
    assert any(headers.get("cookie") == COOKIE for headers in site.headers)
    assert "too many redirects" in said
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert COOKIE.partition("=")[2] not in said
    assert COOKIE.partition("=")[2].encode() not in written


FEEDS = """
brands: {{听风: {{}}}}
sources:
  news:
    type: rss
    delay: 0s
    feeds:
      - "{url}/feed?key=TOPSECRET&n=1"
      - "{url}/wall?key=${{FEED_KEY}}"
      - "{url}/${{FEED_TOKEN}}/feed"
      - "http://127.0.0.1:9/?k=FIFTHSECRET"
    headers: {{X-Api-Key: "${{HEADER_KEY}}"}}
channels: {{console: {{type: console}}}}
rules: {{any: {{type: source, title: 看不见了, severity: blue, when: source.blocked}}}}
store: store.db
"""
FEED = '<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>听风</title></item></channel></rss>'
VALUES = {"FEED_KEY": "second/secret+1", "FEED_TOKEN": "thirdsecret3", "HEADER_KEY": "fourthsecret4"}
PATHS = ["/feed?key=TOPSECRET&n=1", "/wall?key=second/secret+1", "/thirdsecret3/feed"]
COMMANDS = (("-v", "crawl"), ("alert",), ("doctor", "--no-model"), ("source", "show", "news"))


def test_keys_of_feeds_and_headers_are_nowhere_but_at_their_site(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what stands behind the ? of an address, nor what the environment filled in; whatever the answer."""
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    replies = Reply(FEED, headers={"ETag": "x"}), Reply("no second/secret+1", 403), Reply("thirdsecret3")
    site.pages = dict(zip(PATHS, replies, strict=True))
    config = tmp_path / "config.yaml"
    config.write_text(FEEDS.format(url=site.url), encoding="utf-8")
    said = "".join(finished(*command, "-c", config)[1] for command in COMMANDS)
    config.unlink()
    assert (site.asked, site.headers[0]["x-api-key"]) == (PATHS, "fourthsecret4")
    assert "k=***" in said
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    secrets = ["TOPSECRET", "second%2Fsecret%2B1", "FIFTHSECRET", *VALUES.values()]
    assert [value for value in secrets if value in said or value.encode() in written] == []
