from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.discuz import MEMBERS_ONLY, NO_SUCH_THREAD
from tingfeng.sandbox.sites.times import forum_relative

At = Callable[[float], Sandbox]
NEWEST = "forum.php?mod=forumdisplay&fid=2&filter=author&orderby=dateline"


def page(sandbox: Sandbox, address: str, status: int = 200) -> LexborHTMLParser:
    answer = TestClient(sandbox.doors["forum"]).get(f"/{address}")
    assert answer.status_code == status
    return LexborHTMLParser(answer.text)


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    return [node.text().strip() for node in tree.css(selector)]


def thread_id(sandbox: Sandbox, title: str) -> str:
    for number in (1, 2):
        for row in page(sandbox, f"{NEWEST}&page={number}").css("tbody[id^=normalthread_]"):
            if title in row.text():
                return str(row.id).removeprefix("normalthread_")
    raise AssertionError(title)


def test_newest_threads_come_first_twenty_a_page(at: At) -> None:
    first, second = (page(at(40), f"{NEWEST}&page={number}") for number in (1, 2))
    assert len(first.css("tbody[id^=normalthread_]")) == 20
    assert texts(first, "a.s.xst")[1] == "我的星河X9电池也鼓了，客服说人为损坏，拒绝保修"
    assert texts(first, "div.pg strong")[0] == "1"
    assert first.css_first("div.pg a.nxt") is not None
    assert first.css_first("div.pg label span[title='共 2 页']") is not None
    assert second.css_first("div.pg a.nxt") is None
    assert not set(texts(first, "tbody[id^=normalthread_] a.s.xst")) & set(texts(second, "a.s.xst"))


def test_without_an_order_the_last_reply_counts(at: At) -> None:
    assert texts(page(at(45), "forum.php?mod=forumdisplay&fid=2"), "a.s.xst")[1].startswith("我的星河X9电池也鼓了")
    assert texts(page(at(30), "forum.php?mod=forumdisplay&fid=2"), "a.s.xst")[1].startswith("星河X9充电起火")


def test_a_row_has_author_date_and_counts(at: At) -> None:
    row = page(at(40), NEWEST).css_first("tbody[id^=normalthread_]")
    assert row is not None
    assert [node.text() for node in row.css("td.by cite a[href*='uid=']")] == ["半夏"]
    assert [node.text() for node in row.css("td.by em span[title='2026-11-22']")] == ["9\xa0秒前"]
    assert row.css_first("td.num a").text() == "1"  # type: ignore[union-attr]
    assert row.css_first("td.num em").text().isdigit()  # type: ignore[union-attr]


def test_pinned_threads_stand_before_the_separator(at: At) -> None:
    bodies = [node.id for node in page(at(0), NEWEST).css("#threadlisttableid tbody")]
    assert bodies[:2] == ["stickthread_1", "separatorline"]


def test_a_thread_has_all_its_posts_ten_a_page(at: At) -> None:
    sandbox = at(80)
    address = f"forum.php?mod=viewthread&tid={thread_id(sandbox, '星河X9充电起火')}"
    first, second = page(sandbox, address), page(sandbox, f"{address}&page=2")
    assert texts(first, "span#thread_subject") == ["星河X9充电起火，把人烧伤了，太可怕了"]
    numbers = [int(text) for tree in (first, second) for text in texts(tree, "a[id^=postnum] em")]
    assert numbers == list(range(1, 14))
    assert len(first.css("div[id^=post_]")) == len(first.css("td.t_f[id^=postmessage_]")) == 10
    assert texts(second, "div.authi a.xw1") == ["小北", "码农老李", "骑行者"]


def test_a_post_says_when_to_the_second_in_beijing_time(at: At) -> None:
    sandbox = at(20)
    tree = page(sandbox, f"forum.php?mod=viewthread&tid={thread_id(sandbox, '星河X9充电起火')}")
    when = tree.css_first("em[id^=authorposton] span")
    assert when is not None
    assert when.attributes["title"] == "2026-11-22 12:00:17"
    assert texts(tree, "em[id^=authorposton]")[0] == "发表于 3\xa0秒前"


def test_guests_are_refused_with_200_and_missing_threads_with_404(at: At) -> None:
    sandbox = at(10)
    private = page(sandbox, f"forum.php?mod=viewthread&tid={thread_id(sandbox, '内部测试')}")
    assert texts(private, "div#messagetext.alert_info p") == [MEMBERS_ONLY]
    for tid in ("999", "x", "27"):
        missing = page(sandbox, f"forum.php?mod=viewthread&tid={tid}", 404)
        assert texts(missing, "div#messagetext p") == [NO_SUCH_THREAD]
    page(sandbox, "forum.php?mod=forumdisplay&fid=9", 404)


def test_links_resolve_against_the_served_host(at: At) -> None:
    base = page(at(0), "forum.php").css_first("base")
    assert base is not None
    assert base.attributes["href"] == "http://testserver/"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(0), "刚刚"),
        (timedelta(seconds=40), "40&nbsp;秒前"),
        (timedelta(minutes=12), "12&nbsp;分钟前"),
        (timedelta(minutes=45), "半小时前"),
        (timedelta(hours=5), "5&nbsp;小时前"),
        (timedelta(hours=20), "昨天&nbsp;16:00"),
        (timedelta(days=2), "前天&nbsp;12:00"),
        (timedelta(days=7), "7&nbsp;天前"),
        (timedelta(days=8), None),
    ],
)
def test_times_as_discuz_writes_them(start: datetime, age: timedelta, text: str | None) -> None:
    assert forum_relative(start - age, start) == text
