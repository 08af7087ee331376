"""Pictures on their whole way: a service finds a post, and its page is evidence; and where none can be taken."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawlers.browsing import browser
from crawlers.browsing.browser import NoBrowser
from mentions.evidence import Kind
from mentions.stores import open_store
from tests.crawlers.conftest import Reply, Site, serving
from tests.tingfeng.fleets import eventually, processes, write_config
from tingfeng.cli import keeping, main
from tingfeng.config import load_config
from tingfeng.desk import open_desk
from tingfeng.jobs import jobs_of
from tingfeng.stages import picture_stage

FEED = """<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>星河手机冒烟</title>
<link>{}/post</link></item></channel></rss>"""
NEWS = {"type": "rss", "schedule": "1h", "delay": "0s"}
RULES = {"any": {"type": "post", "title": "提到了", "severity": "red"}}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        page = "<html><title>星河</title><body><p>星河手机充电时冒烟，客服说要等。</p></body></html>"
        served.pages |= {"/feed": Reply(FEED.format(served.url)), "/post": Reply(page)}
        yield served


@pytest.fixture
def config(site: Site, tmp_path: Path) -> Path:
    news = NEWS | {"feeds": [f"{site.url}/feed"]}
    return write_config(tmp_path, "store.db", sources={"news": news}, rules=RULES, evidence={"screenshots": True})


def missing(*_given: Any) -> None:
    raise NoBrowser("no Chromium is installed")


def test_a_service_pictures_the_page_of_what_it_found(
    config: Path, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        browser.executable()
    except NoBrowser as none:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"{none}")
    with processes(("run", "-c", config)), open_store(str(tmp_path / "store.db")) as store:
        eventually(
            lambda: any(
                copy.kind is Kind.SCREENSHOT
                for incident in store.incidents.recent()
                for copies in store.evidence.copies(store.incidents.mentions(incident.id)).values()
                for copy in copies
            ),
            "its page was pictured",
        )
    options = ["-c", str(config)]
    assert main(["incident", "evidence", "1", "--json", "--out", str(tmp_path / "out"), *options]) == 0
    (shot,) = [copy for copy in json.loads(capsys.readouterr().out) if copy["kind"] == "screenshot"]
    assert shot["page"] == f"{site.url}/post"
    assert (tmp_path / "out" / shot["file"]).read_bytes().startswith(b"\x89PNG")
    assert main(["incident", "verify", *options]) == 0


def test_without_a_browser_nothing_is_asked_and_doctor_says_so(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "check", missing)
    with open_desk(load_config(config)) as desk:
        assert not [name for name in jobs_of(desk) if name.startswith("screenshot")]
        assert list(keeping.evidence(desk)) == [("screenshots", False, "none are taken: no Chromium is installed")]


def test_a_machine_without_a_chinese_font_is_told(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "check", lambda _: None)
    monkeypatch.setattr(keeping, "has_chinese_font", lambda: False)
    with open_desk(load_config(config)) as desk:
        ((_, well, said),) = keeping.evidence(desk)
    assert not well
    assert "fonts-noto-cjk" in said


def test_pictures_of_which_none_succeeds_are_told(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "check", lambda _: None)
    monkeypatch.setattr(browser, "executable", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(keeping, "has_chinese_font", lambda: True)
    with open_desk(load_config(config)) as desk:
        run = desk.store.runs.start("news", desk.now(), "screenshot")
        desk.store.runs.finish(replace(run, finished=desk.now(), blocked={"browser": 2}))
        failed = list(keeping.evidence(desk))
        desk.store.runs.finish(replace(run, finished=desk.now(), pages=1))
        ((_, well, _),) = keeping.evidence(desk)
    said = "the last visits pictured no page (browser 2): 0 set aside, 0 waiting"
    assert failed == [("screenshots", False, said)]
    assert well


def test_a_profile_is_lent_to_pictures_where_the_operator_says_so(tmp_path: Path) -> None:
    zhihu = {
        "type": "zhihu",
        "profile": "p",
        "collection": "signed-in",
        "approved_by": "甲",
        "approval_reason": "乙",
    }
    lent = {}
    for setting in (True, "signed-in"):
        blocks = {"sources": {"zhihu": zhihu}, "evidence": {"screenshots": setting}}
        with open_desk(load_config(write_config(tmp_path, "store.db", **blocks))) as desk:
            lent[setting] = (desk.profile("zhihu"), picture_stage(desk, "zhihu"))
    assert lent[True] == (None, "screenshot-zhihu")
    assert lent["signed-in"] == (str(tmp_path / "p"), "crawl-zhihu")


def test_pictures_stand_in_the_way_of_no_visit(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "check", lambda _: None)
    with open_desk(load_config(config)) as desk:
        jobs = jobs_of(desk)
    pictures = {jobs[name].turn for name in ("screenshot", "screenshot:news")}
    assert pictures == {"pictures"}
    assert jobs["crawl:news"].stage != jobs["screenshot:news"].stage
