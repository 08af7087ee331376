"""A cookie goes to its site, and nowhere else: not into a log, a row, or a sentence."""

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
