"""Pictures of pages: of what they are taken, how politely, and what they are evidence of."""

import os
import signal
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers import crawl
from crawlers.browsing import browser, handler, screenshots
from crawlers.browsing.ending import started_with
from crawlers.browsing.picturing import picture
from crawlers.browsing.screenshots import HIGHEST, WIDE, Camera, profile_of
from crawlers.reactor import run_in_reactor
from crawlers.source import Answer, Outcome, Source
from crawlers.spiders.rss import Rss
from crawlers.spiders.zhihu import Zhihu
from crawlers.webpage import WebPage
from mentions.brands import BrandMatcher
from mentions.evidence import Copy, Kind
from mentions.incidents import Finding, Incident
from mentions.runs import CrawlRun
from mentions.store import Store
from mentions.tasks import screenshot
from mentions.types import Severity
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.test_browser import sign_in
from tests.crawlers.visits import BRANDS, NOW
from tests.making import mention, seen

PNG = b"\x89PNG\r\n\x1a\n"
PAGE = "<html><head><title>星河</title></head><body><p>{}</p></body></html>"
WORDS = "星河手机充电时冒烟，客服说要自己寄回去检测，来回的运费还要自己出，问了三次都没有人给一个说法。" * 3


@pytest.fixture
def shoot(store: Store, site: Site, chromium: str) -> Callable[..., CrawlRun | None]:  # noqa: ARG001 - it is needed
    """Picture the page at /post, of a post that has an incident, and those of more posts."""

    def once(
        *more: str,
        at: datetime = NOW,
        home: bool = True,
        by: Source | None = None,
        profile: str | None = None,
    ) -> CrawlRun | None:
        if not store.posts.get(["rss:1"]):
            for n, path in enumerate(("/post", *more), 1):
                store.posts.record(
                    [seen(replace(mention(f"rss:{n}"), source="x", url=site.url + path), reposts=1)]
                )
            opened(store)
        store.tasks.put(screenshot("x"), [f"rss:{n}" for n in range(1, 2 + len(more))], at)
        own = frozenset({site.url.removeprefix("http://")}) if home else frozenset[str]()
        return run_in_reactor(
            lambda: picture(
                "x",
                by or source(site),
                store=store,
                matcher=BrandMatcher(BRANDS),
                clock=lambda: at,
                user_agent="Tingfeng/0",
                home=own,
                profile=profile,
            )
        )

    return once


@pytest.fixture
def signed_in(site: Site, chromium: str, tmp_path: Path) -> str:
    """A profile in which somebody signed in."""
    site.pages["/sign-in"] = Reply("in", headers={"Set-Cookie": "who=me; Path=/; Max-Age=3600"})
    sign_in(chromium, tmp_path / "profile", f"{site.url}/sign-in")
    return str(tmp_path / "profile")


@pytest.fixture
def stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Browsers are stopped in the midst of the page at /post, as by a hanging disk; the marks that they bear."""
    site.pages["/post"], site.slow, marks = Reply(PAGE), frozenset({"/post"}), list[str]()
    launch = browser.launch

    def marked(mark: str) -> dict[str, Any]:
        marks.append(mark)
        return launch(mark)

    def stop(path: str) -> None:
        for process in started_with(marks[0]) if path == "/post" else ():
            os.killpg(os.getpgid(process), signal.SIGSTOP)

    monkeypatch.setattr(browser, "launch", marked)
    site.met = stop
    return marks


def source(site: Site) -> Rss:
    return Rss(feeds=(f"{site.url}/feed",), delay=timedelta())


def opened(store: Store) -> Incident:
    finding = Finding("r", "post:rss:1:星河", Severity.RED, NOW, "rss:1", "星河", {"terms": [], "words": []})
    with store.transaction():
        incident = store.incidents.open(finding, "t")
        store.incidents.add_finding(finding, incident.id)
    return incident


def pictures(store: Store) -> list[Copy]:
    return [c for c in store.evidence.copies(["rss:1"]).get("rss:1", ()) if c.kind is Kind.SCREENSHOT]


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_page_of_a_post_is_pictured_whole(shoot: Callable[..., CrawlRun], store: Store, site: Site) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS) + '<div style="height:3000px"></div>')
    run = shoot()
    (copy,) = pictures(store)
    assert (run.kind, run.pages, run.error, copy.url, copy.at) == ("screenshot", 1, None, f"{site.url}/post", NOW)
    width, height = size(store.evidence.body(copy))
    assert width == WIDE
    assert 3000 < height < 3500


def test_a_page_without_an_end_is_cut(shoot: Callable[..., CrawlRun], store: Store, site: Site) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS) + '<div style="height:200000px"></div>')
    shoot()
    assert size(store.evidence.body(pictures(store)[0])) == (WIDE, HIGHEST)


def test_a_picture_is_frozen_and_named_by_the_incident(
    shoot: Callable[..., CrawlRun], store: Store, site: Site
) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS))
    shoot()
    (copy,) = pictures(store)
    (incident,) = store.incidents.of_mention("rss:1")
    (event,) = store.incidents.events(incident.id, ["screenshot"])
    assert (event.data, copy.frozen) == ({"mention": "rss:1", "evidence": [copy.sha256]}, NOW)
    assert store.life.verify() == []


def test_a_post_that_is_gone_is_pictured_as_its_site_says_so(
    shoot: Callable[..., CrawlRun], store: Store, site: Site
) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS))
    shoot()
    site.pages["/post"] = Reply(PAGE.format("抱歉，指定的主题不存在或已被删除"), 404)
    shoot(at=NOW + timedelta(hours=1))
    assert len(pictures(store)) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("slow down", 429), "throttled"),
        (Reply(PAGE.format("请完成验证码"), 200), "captcha"),
        (Reply("sign in", 401), "no_permission"),
        (Reply("oops", 500), "error_page"),
    ],
)
def test_a_wall_is_no_evidence(
    shoot: Callable[..., CrawlRun], store: Store, site: Site, reply: Reply, reason: str
) -> None:
    site.pages["/post"] = reply
    run = shoot()
    assert (run.blocked, pictures(store)) == ({reason: 1}, [])
    assert not store.tasks.due(screenshot("x"), NOW + timedelta(minutes=29))
    assert store.tasks.due(screenshot("x"), NOW + timedelta(minutes=31))


def test_a_site_that_asks_for_a_pause_gets_it_from_pictures_too(
    shoot: Callable[..., CrawlRun], site: Site
) -> None:
    site.pages["/post"] = Reply("slow down", 429, {"Retry-After": "7200"})
    shoot()
    run = shoot(at=NOW + timedelta(minutes=31))
    assert (run.blocked, len(site.asked)) == ({"cooling": 1}, 1)


def test_robots_txt_is_obeyed(shoot: Callable[..., CrawlRun], store: Store, site: Site) -> None:
    site.pages |= {"/post": Reply(PAGE.format(WORDS)), "/robots.txt": Reply("User-agent: *\nDisallow: /post")}
    assert shoot().blocked == {"robots.txt forbids": 1}
    assert (site.asked, pictures(store)) == ([], [])


def test_a_stranger_s_post_opens_no_page_of_our_network(
    shoot: Callable[..., CrawlRun], store: Store, site: Site
) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS))
    run = shoot(home=False)
    assert (run.blocked, site.asked, pictures(store)) == ({"private address": 1}, [], [])


def test_a_page_that_leads_into_our_network_is_not_kept(
    shoot: Callable[..., CrawlRun], store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages |= {"/post": Reply("", 302, {"Location": "/inside"}), "/inside": Reply(PAGE.format(WORDS))}

    async def only(url: str, home: object) -> bool:  # noqa: ARG001 - what it stands for
        return url.endswith("/inside")

    for module in (crawl, screenshots):
        monkeypatch.setattr(module, "leads_inside", only)
    run = shoot()
    assert (run.blocked, pictures(store)) == ({"garbage": 1}, [])


def test_no_window_knows_of_another(shoot: Callable[..., CrawlRun], site: Site) -> None:
    reply = Reply(PAGE.format(WORDS), headers={"Set-Cookie": "who=me; Path=/"})
    site.pages |= {"/post": reply, "/other": reply}
    assert shoot("/other").pages == 2
    assert [headers.get("cookie") for headers in site.headers] == [None, None]


@pytest.mark.parametrize(
    ("status", "lent", "asked", "blocked"),
    [
        (200, True, [None], {}),
        (401, True, [None, "who=me"], {"login_wall": 1}),
        (401, False, [None], {"no_permission": 1}),
    ],
)
def test_a_profile_is_used_where_strangers_may_not_see_the_page_and_it_is_lent(
    shoot: Callable[..., CrawlRun],
    site: Site,
    signed_in: str,
    *,
    status: int,
    lent: bool,
    asked: list[str | None],
    blocked: dict[str, int],
) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS), status)
    assert shoot(profile=signed_in if lent else None).blocked == blocked
    cookies = [h.get("cookie") for path, h in zip(site.asked, site.headers, strict=True) if path == "/post"]
    assert cookies == asked


def test_a_page_elsewhere_is_left_to_the_reader_of_any_page(
    store: Store, site: Site, shoot: Callable[..., CrawlRun]
) -> None:
    elsewhere = replace(mention("rss:1"), source="x", url="https://elsewhere.example/1")
    store.posts.record([seen(elsewhere, reposts=1)])
    assert shoot() is None
    assert not store.tasks.due(screenshot("x"), NOW + timedelta(days=1))
    assert store.tasks.due(screenshot(None), NOW)
    assert site.asked == []


@pytest.mark.parametrize("part", ['<img src="/slow">', '<script src="/slow"></script>'])
def test_a_page_of_which_a_part_never_ends_is_pictured(
    shoot: Callable[..., CrawlRun], store: Store, site: Site, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(browser, "THERE_MS", 1000.0)
    monkeypatch.setattr(screenshots, "SETTLE_MS", 1000.0)
    site.pages["/post"], site.slow = Reply(PAGE.format(WORDS + part)), frozenset({"/slow"})
    assert shoot().blocked == {}
    assert len(pictures(store)) == 1


def test_a_browser_that_answers_no_more_is_ended_and_its_page_asked_for_later(
    shoot: Callable[..., CrawlRun], store: Store, site: Site, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "PAGE_SECONDS", 5.0)
    monkeypatch.setattr(handler, "CLOSE_SECONDS", 1.0)
    assert shoot().blocked == {"browser": 1}
    assert store.tasks.due(screenshot("x"), NOW + timedelta(minutes=31))
    assert site.asked == ["/post"]
    assert not list(started_with(stopped[0]))


def test_a_browser_that_answers_no_more_is_ended_with_the_service(
    shoot: Callable[..., CrawlRun], site: Site, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "STOP_SECONDS", 1.0)
    stop = site.met

    def met(path: str) -> None:
        stop(path)
        if path == "/post":
            os.kill(os.getpid(), signal.SIGTERM)

    site.met = met
    with pytest.raises(SystemExit):
        shoot()
    assert not list(started_with(stopped[0]))


def test_a_browser_that_does_not_start_is_told_in_one_line(
    shoot: Callable[..., CrawlRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINGFENG_CHROMIUM", "/bin/false")
    run = shoot()
    assert run.blocked == {"browser": 1}
    said = run.error or ""
    assert "The browser could not open the page: BrowserType.launch: " in said
    assert "\n" not in said
    assert "--tingfeng-visit" not in said


def test_the_same_page_is_the_same_picture(shoot: Callable[..., CrawlRun], store: Store, site: Site) -> None:
    site.pages["/post"] = Reply(PAGE.format(WORDS))
    shoot()
    shoot(at=NOW + timedelta(hours=1))
    assert len(pictures(store)) == 1


def test_nothing_is_asked_for_where_no_picture_is_wanted(store: Store, site: Site) -> None:
    made = picture(
        "x", source(site), store=store, matcher=BrandMatcher(BRANDS), clock=lambda: NOW, user_agent="Tingfeng/0"
    )
    assert run_in_reactor(lambda: made) is None


def test_only_a_source_that_reads_signed_in_lends_its_profile() -> None:
    approved = {"approved_by": "张三", "approval_reason": "监测", "profile": "/p"}
    assert profile_of(Zhihu(collection="signed-in", **approved)) == "/p"
    assert profile_of(WebPage()) is None


def test_a_sign_in_page_cools_nothing_where_nobody_is_signed_in() -> None:
    answer = Answer(b"<p>", datetime.now(UTC), status=401)
    assert Camera(picture=PNG).read(answer, WebPage()).outcome is Outcome.NO_PERMISSION
