"""Ids of imported posts, and times as exports write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mentions.exchange.ids import id_from_number, id_from_url, platform_of
from mentions.exchange.times import is_null_date, parse_moment
from mentions.weiboid import weibo_number

URLS = {
    "https://weibo.com/1645372340/K3fnuEfZK?from=page_100505": "weibo:4607741009594608",
    "http://m.weibo.cn/status/4607741009594608": "weibo:4607741009594608",
    "https://m.weibo.cn/detail/K3fnuEfZK": "weibo:4607741009594608",
    "weibo.com/1645372340/K3fnuEfZK#comment": "weibo:4607741009594608",
    "https://m.weibo.cn/detail/4607741009594608#comment-4607741009594700": "weibo:comment:4607741009594700",
    "https://www.v2ex.com/t/1096573": "v2ex:1096573",
    "https://www.v2ex.com/t/1096573#r_15900001": "v2ex:reply:15900001",
    "https://www.bilibili.com/video/BV1xx411c7mD/?spm_id_from=333": "bilibili:BV1xx411c7mD",
    "https://m.bilibili.com/video/av170001?p=2": "bilibili:BV17x411w7KC",
    "https://www.bilibili.com/video/BV17x411w7KC#reply812345": "bilibili:reply:812345",
    "https://t.bilibili.com/916751749918752793?tab=2": "bilibili:916751749918752793",
    "https://www.bilibili.com/opus/916751749918752793": "bilibili:916751749918752793",
    "https://www.zhihu.com/question/646087842/answer/3458972610": "zhihu:answer:3458972610",
    "https://api.zhihu.com/answers/3458972610": "zhihu:answer:3458972610",
    "https://www.zhihu.com/answer/3458972610#comment-9900": "zhihu:comment:9900",
    "https://zhuanlan.zhihu.com/p/66001?utm_id=0": "zhihu:article:66001",
    "https://www.zhihu.com/zvideo/1400000000": "zhihu:zvideo:1400000000",
    "https://www.zhihu.com/pin/1500000000": "zhihu:pin:1500000000",
    "https://www.zhihu.com/question/646087842": "zhihu:question:646087842",
    "https://www.xiaohongshu.com/explore/67ff2df8000000001b03ebc7?xsec_token=AB": (
        "xiaohongshu:67ff2df8000000001b03ebc7"
    ),
    "https://web.vip.miui.com/page/info/mio/mio/detail?postId=40412345&app_version=dev": "mi-community:40412345",
    "https://tousu.sina.com.cn/complaint/view/17371234567/": "heimao:17371234567",
}


@pytest.mark.parametrize("url", URLS)
def test_a_crawled_and_an_imported_post_are_one(url: str) -> None:
    assert id_from_url("web", url) == URLS[url]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.a.com/x/?utm_source=b", "http://a.com/x", True),
        ("https://a.com/x?id=1&b=2", "https://a.com/x?b=2&id=1", True),
        ("https://a.com/x?id=1", "https://a.com/x?id=2", False),
        ("https://www.v2ex.com/t/1#reply2", "https://www.v2ex.com/t/1", False),
    ],
)
def test_an_address_is_the_same_however_its_reader_came(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (id_from_url("web", one) == id_from_url("web", other)) is same


@pytest.mark.parametrize("url", ["", "无", "https://", "https://weibo.com", "http://[", "javascript:1"])
def test_what_is_no_address_of_a_post_makes_no_id(url: str) -> None:
    assert id_from_url("web", url) is None


@given(st.text())
def test_no_address_makes_the_reader_fail(url: str) -> None:
    id_from_url("web", url)
    platform_of(url)
    weibo_number(url)


def test_a_number_that_a_spreadsheet_has_rounded_is_no_id() -> None:
    assert id_from_number("weibo", "5.09123E+15") is None
    assert id_from_number("weibo", 5_091_234_567_890_120.0) is None
    assert id_from_number("weibo", "5091234567890123") == "weibo:5091234567890123"
    assert id_from_number("tieba", 123.0) == "tieba:123"


def test_a_bare_number_that_several_kinds_of_posts_share_is_no_id() -> None:
    assert id_from_number("zhihu", "3458972610") is None
    assert id_from_number("bilibili", "170001") is None
    assert id_from_number("bilibili", "916751749918752793") == "bilibili:916751749918752793"
    assert id_from_number("bilibili", "BV17x411w7KC") == "bilibili:BV17x411w7KC"


MOMENTS = {
    "2026/11/21 12:30": "2026-11-21T12:30",
    "2026年11月21日 12:30:05": "2026-11-21T12:30:05",
    "2026年11月21日12时30分": "2026-11-21T12:30",
    "2026-11-21 12:30:05": "2026-11-21T12:30:05",
    "2026.1.2": "2026-01-02T00:00",
    "2026-11-21T04:30:05.123456Z": "2026-11-21T12:30:05.123456",
    "2026-11-21 04:30:05 +0000": "2026-11-21T12:30:05",
    "06-Jul-2025 10:35PM": "2025-07-06T22:35",
    "06-Jul-25 12:05 AM": "2025-07-06T00:05",
    "1732160000": "2024-11-21T11:33:20",
    46_347.520_833_333_336: "2026-11-21T12:30",
}


@pytest.mark.parametrize("written", MOMENTS, ids=str)
def test_times_are_read_as_exports_write_them(written: str | float) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert parse_moment(written, zone) == datetime.fromisoformat(MOMENTS[written]).replace(tzinfo=zone)


@example(30_000)
@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.booleans(), st.dates(), st.datetimes()))
def test_no_cell_makes_the_reader_of_times_fail(value: object) -> None:
    found = parse_moment(value, ZoneInfo("Asia/Shanghai"))
    assert found is None or found.utcoffset() == timedelta()
    assert not isinstance(value, int | float) or found is None or found >= datetime(1990, 1, 1, tzinfo=UTC)
    assert is_null_date(value) in {True, False}


@pytest.mark.parametrize(
    "written",
    [
        *(
            "0001-01-01",
            "0001-01-01 00:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01T08:05:43+08:05",
            "0001/1/1 0:00:00",
        ),
        *("1/1/0001 12:00:00 AM", "01-Jan-0001", "0001年1月1日", "0000-00-00", "0000-00-00 00:00:00"),
    ],
)
def test_a_time_that_a_program_never_set_is_a_null_date(written: str) -> None:
    assert is_null_date(written)


@pytest.mark.parametrize(
    "written", ["2001-01-01", "0001-01-11", "0001-01-01x", "1/1/2001", "01-Jan-01", "1732160000"]
)
def test_a_time_that_was_set_is_none(written: str) -> None:
    assert not is_null_date(written)


def test_a_year_of_four_digits_is_never_taken_for_one_of_two() -> None:
    assert parse_moment("06-Jul-0025", UTC) == datetime(25, 7, 6, tzinfo=UTC)
