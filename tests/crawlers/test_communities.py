"""Visits to 小米社区, Bilibili and 黑猫投诉, and to sources that need a browser."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.browsing.browser import NAMED
from crawlers.source import Answer, Source
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.bilibili import Bilibili
from crawlers.spiders.heimao import Heimao
from crawlers.spiders.mi_community import MiCommunity
from crawlers.spiders.xiaohongshu import Xiaohongshu
from crawlers.spiders.zhihu import Zhihu
from mentions.posts import Search
from mentions.store import Store
from mentions.tasks import JUDGE, reread
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, look_again, visit
from tests.making import mention, seen

FIXTURES = Path(__file__).parent / "fixtures"
S = 1772683000
BOARD = "/api/community/board/search/announce?boardId=5&limit=10&after={}&profileType=1&filterTab=1"
COMMENTS = "/mtop/planet/vip/content/comments?postId={}&limit=10&after="
COMPLAINTS = "/api/company/received_complaints?couid=7&type=1&page_size=10&page={}"
VIEW = "/x/web-interface/view?bvid=BV17x411w7KC"
REPLIES = "/x/v2/reply?type=1&oid=170001&sort=0&ps=20&pn={}"
APPROVED = {"approved_by": "法务王", "approval_reason": "只读公开内容"}


def said(value: object) -> Reply:
    return Reply(json.dumps(value))


def mi_post(number: int, text: str = "听风手机坏了", comments: int = 0) -> dict[str, Any]:
    author = {"name": "甲", "userId": "9"}
    counted = {"commentCnt": comments, "likeCnt": 1}
    return {
        "id": number,
        "title": "求助",
        "textContent": text,
        "createTime": S * 1000,
        "author": author,
        **counted,
    }


def board(*posts: dict[str, Any], after: str = "") -> Reply:
    return said({"code": 200, "entity": {"after": after, "records": posts}})


def mi(site: Site, **block: Any) -> MiCommunity:
    return MiCommunity(base_url=site.url, boards=("5",), delay=timedelta(), **block)


def test_a_board_is_read_on_while_pages_hold_news(store: Store, site: Site) -> None:
    site.pages = {
        BOARD.format(""): board(mi_post(3), after="c1"),
        BOARD.format("c1"): board(mi_post(2), after="c2"),
        BOARD.format("c2"): board(mi_post(1), after="c3"),
    }
    first = visit(store, mi(site, max_pages=2))
    assert (first.pages, first.new, first.cap_hit, first.error) == (2, 2, True, None)
    site.asked.clear()
    assert visit(store, mi(site, max_pages=2)).new == 0
    assert site.asked == [BOARD.format("")]


def test_comments_are_read_where_a_brand_is_meant_and_a_cut_text_is_completed(store: Store, site: Site) -> None:
    comment = {"commentId": 8, "text": "同款", "createTime": S * 1000, "author": {"name": "乙", "userId": "8"}}
    site.pages = {
        BOARD.format(""): board(mi_post(3, "听风手机充电…", comments=1), mi_post(4, "别的", comments=5)),
        "/api/community/post/detail?postId=3": said({"code": 200, "entity": mi_post(3, "听风手机充电起火")}),
        COMMENTS.format(3): board(comment),
    }
    assert visit(store, mi(site)).new == 3
    stored = store.posts.get(["mi-community:3", "mi-community:comment:8"])
    assert stored["mi-community:3"].mention.text == "听风手机充电起火"
    assert stored["mi-community:comment:8"].mention.thread == "mi-community:3"
    assert COMMENTS.format(4) not in site.asked


def test_a_sign_in_that_is_asked_for_ends_the_visit(store: Store, site: Site) -> None:
    site.pages = {BOARD.format(""): said({"code": 401, "message": "请先登录"})}
    assert visit(store, mi(site)).blocked == {"login_wall": 1}


def complaints(*numbers: int, pages: int = 1) -> Reply:
    listed = [{"main": {"sn": n, "title": "听风手机", "summary": "坏了", "timestamp": S}} for n in numbers]
    return said(
        {"result": {"status": {"code": 0}, "data": {"complaints": listed, "pager": {"page_amount": pages}}}}
    )


def test_complaints_are_read_by_company_and_by_word(store: Store, site: Site) -> None:
    site.pages = {
        COMPLAINTS.format(1): complaints(4, 3, pages=2),
        COMPLAINTS.format(2): complaints(2, 1, pages=2),
        "/api/index/s?keywords=%E5%90%AC%E9%A3%8E&page_size=10&page=1": complaints(4, 5),
    }
    run = visit(store, Heimao(base_url=site.url, companies=("7",), delay=timedelta()))
    assert (run.pages, run.new, run.cap_hit, run.error) == (3, 5, False, None)


def complaint_page(*steps: tuple[str, str]) -> Reply:
    """The page of complaint 4; its steps, the newest first, each a status and words."""
    said = "".join(
        f'<div class="ts-d-item"><span class="u-name">客服</span><span class="u-status">{status}</span>'
        f'<span class="u-date">2026-03-05 11:0{n}:00</span><div class="ts-d-cont"><p>{words}</p></div></div>'
        for n, (status, words) in reversed(list(enumerate((("发起投诉", "坏了"), *steps))))
    )
    head = '<h1>听风手机</h1><ul class="ts-q-list"><li><label>投诉编号：</label>4</li></ul>'
    return Reply(f'<div class="ts-d-question">{head}</div><div class="ts-d-steplist">{said}</div>')


def test_a_complaint_is_looked_at_again_and_its_answers_and_steps_are_kept(store: Store, site: Site) -> None:
    source = Heimao(base_url=site.url, companies=("7",), search=False, delay=timedelta())
    site.pages = {COMPLAINTS.format(1): complaints(4), "/complaint/view/4/": complaint_page()}
    visit(store, source)
    for steps in ((), (("回复", "已退款"),), (("回复", "已退款"), ("已完成", ""))):
        site.pages["/complaint/view/4/"] = complaint_page(*steps)
        store.tasks.put(reread("x"), ["heimao:4"], NOW)
        look_again(store, source)
    words = {found.mention.text for found in store.posts.search(Search(platform="heimao"))}
    assert words == {"坏了", "已退款", "已完成"}
    assert store.fates.of(["heimao:4"]) == {}
    assert store.tasks.backlog(JUDGE).waiting == 1


def test_the_whole_of_a_cut_complaint_is_read_from_its_page_once(store: Store, site: Site) -> None:
    listed = {"sn": 4, "title": "听风手机", "summary": "坏…", "timestamp": S}
    site.pages = {COMPLAINTS.format(1): said({"result": {"data": {"complaints": [{"main": listed}]}}})}
    site.pages["/complaint/view/4/"] = complaint_page()
    for _ in range(2):
        visit(store, Heimao(base_url=site.url, companies=("7",), search=False, delay=timedelta()))
    assert store.posts.get(["heimao:4"])["heimao:4"].mention.text == "坏了"
    assert site.asked.count("/complaint/view/4/") == 1


def bilibili(site: Site, **block: Any) -> Bilibili:
    return Bilibili(base_url=site.url, search_url=site.url, delay=timedelta(), **block)


def video(replies: int = 0, text: str = "别的") -> Reply:
    named = {"bvid": "BV17x411w7KC", "aid": 170001, "title": text, "desc": "-", "pubdate": S}
    return said({"code": 0, "data": {**named, "owner": {"mid": 1, "name": "甲"}, "stat": {"reply": replies}}})


def replies(*numbers: int, count: int) -> Reply:
    listed = [
        {"rpid": n, "oid": 170001, "type": 1, "ctime": S, "content": {"message": "听风坏了"}, "member": {"mid": 2}}
        for n in numbers
    ]
    return said({"code": 0, "data": {"page": {"count": count}, "replies": listed or None}})


def test_a_watched_video_is_read_with_its_comments_whatever_it_is_about(store: Store, site: Site) -> None:
    site.pages = {
        VIEW: video(replies=25),
        REPLIES.format(1): replies(3, 2, count=25),
        REPLIES.format(2): replies(1, count=25),
    }
    run = visit(store, bilibili(site, videos=("BV17x411w7KC",)))
    assert (run.pages, run.new, run.blocked, run.error) == (3, 4, {}, None)
    assert store.posts.get(["bilibili:reply:1"])["bilibili:reply:1"].mention.thread == "bilibili:BV17x411w7KC"


def test_dynamics_of_an_account_are_read_page_by_page(store: Store, site: Site) -> None:
    def dynamic(number: int) -> dict[str, Any]:
        author = {"mid": 7, "name": "乙", "pub_ts": S}
        modules = {"module_author": author, "module_dynamic": {"desc": {"text": "听风"}}}
        return {"id_str": str(number), "type": "DYNAMIC_TYPE_WORD", "modules": modules}

    space = "/x/polymer/web-dynamic/v1/feed/space?host_mid=7&offset={}"
    site.pages = {
        space.format(""): said(
            {"code": 0, "data": {"has_more": True, "offset": "5", "items": [dynamic(6), dynamic(5)]}}
        ),
        space.format(5): said({"code": 0, "data": {"has_more": False, "offset": "", "items": [dynamic(4)]}}),
    }
    assert visit(store, bilibili(site, accounts=("7",))).new == 3


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without one."""
    monkeypatch.setenv(NAMED, "/none/chromium")


@pytest.mark.parametrize(("code", "reason"), [(-412, "throttled"), (-352, "captcha"), (-101, "login_wall")])
def test_a_refusal_of_bilibili_ends_the_visit(store: Store, site: Site, code: int, reason: str) -> None:
    site.pages = {VIEW: said({"code": code, "message": "no"})}
    run = visit(store, bilibili(site, videos=("BV17x411w7KC",), accounts=("7",)))
    assert run.blocked == {reason: 1}
    assert site.asked == [VIEW]


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize("source", [Zhihu(**APPROVED), Xiaohongshu(**APPROVED)], ids=lambda s: str(s.type))
def test_a_source_that_needs_a_browser_says_so_and_asks_for_nothing(store: Store, source: Source) -> None:
    run = visit(store, source)
    assert run.error is not None
    assert run.error.startswith(f"{type(source).model_fields['type'].default} is read through a browser: ")
    assert (run.pages, run.blocked) == (0, {})


@pytest.mark.parametrize(
    "source",
    [Zhihu(questions=("64",), **APPROVED), Xiaohongshu(accounts=("5b0000000000000000000002",), **APPROVED)],
    ids=lambda source: source.type,
)
def test_a_page_that_carries_its_first_posts_is_handed_on_itself(source: Source) -> None:
    opened = [fetch for fetch in source.start(()) if fetch.kind == "page"]
    assert opened
    assert all(urlsplit(fetch.url).path.startswith(source.listens) for fetch in opened)


@pytest.mark.usefixtures("no_browser")
def test_what_needs_no_browser_is_read_and_the_rest_is_said(store: Store, site: Site) -> None:
    site.pages = {VIEW: video()}
    run = visit(store, bilibili(site, videos=("BV17x411w7KC",), search=True))
    assert run.new == 1
    assert run.error is not None
    assert "read through a browser" in run.error


@pytest.mark.usefixtures("no_browser")
def test_a_suspect_post_that_only_a_browser_shows_comes_back_later(store: Store) -> None:
    suspect = mention("zhihu:answer:5", url="https://www.zhihu.com/answer/5")
    store.posts.record([seen(suspect, NOW)])
    store.tasks.put(reread("x"), ["zhihu:answer:5"], NOW)
    run = look_again(store, Zhihu(**APPROVED))
    assert run is not None
    assert run.error is not None
    assert look_again(store, Zhihu(**APPROVED)) is None
    assert look_again(store, Zhihu(**APPROVED), NOW + timedelta(minutes=6)) is not None


def test_a_video_that_an_account_announces_is_read_whole_and_asked_for_once(store: Store, site: Site) -> None:
    archive = {"bvid": "BV17x411w7KC", "title": "开箱", "desc": "开头"}
    said_there = {"desc": None, "major": {"type": "MAJOR_TYPE_ARCHIVE", "archive": archive}}
    modules = {"module_author": {"mid": 7, "name": "乙", "pub_ts": S}, "module_dynamic": said_there}
    item = {"id_str": "9", "type": "DYNAMIC_TYPE_AV", "modules": modules}
    site.pages = {
        "/x/polymer/web-dynamic/v1/feed/space?host_mid=7&offset=": said({"code": 0, "data": {"items": [item]}}),
        VIEW: video(text="听风开箱"),
    }
    for _ in range(2):
        assert visit(store, bilibili(site, accounts=("7",))).error is None
    stored = store.posts.get(["bilibili:BV17x411w7KC"])["bilibili:BV17x411w7KC"].mention
    assert (stored.text, stored.truncated, site.asked.count(VIEW)) == ("听风开箱", False, 1)


VIDEO = {"type": "video", "bvid": "BV1xx411c7mD", "title": "星河"}


@pytest.mark.parametrize(
    ("kind", "case", "cut"),
    [("zhihu", "search", True), ("zhihu", "comments", False), ("xiaohongshu", "web_search", True)],
)
def test_a_search_of_which_more_could_be_scrolled_to_is_cut(kind: str, case: str, *, cut: bool) -> None:
    body = (FIXTURES / kind / case / "input.json").read_bytes()
    assert SOURCE_TYPES[kind].reader().read(Answer(body, NOW), kind).cap_hit is cut


@pytest.mark.parametrize(("page", "pages", "cut"), [(1, 50, True), (1, 1, False), (2, 2, False)])
def test_a_search_of_bilibili_that_found_more_pages_is_cut(page: int, pages: int, *, cut: bool) -> None:
    said = {"code": 0, "data": {"page": page, "numPages": pages, "result": [VIDEO]}}
    assert SOURCE_TYPES["bilibili"].reader().read(Answer(json.dumps(said).encode(), NOW), "b").cap_hit is cut
