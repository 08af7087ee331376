"""The table of time forms, and that nothing makes the reader fail."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.times import SHANGHAI, parse_time

NOW = datetime(2026, 3, 5, 12, 0, 30, tzinfo=SHANGHAI)
CASES = {
    "刚刚": "2026-03-05 12:00:30",
    "22 秒前": "2026-03-05 12:00:08",
    "10分钟前": "2026-03-05 11:50:30",
    "10&nbsp;分钟前": "2026-03-05 11:50:30",
    "半小时前": "2026-03-05 11:30:30",
    "2小时前": "2026-03-05 10:00:30",
    "2\xa0小时前": "2026-03-05 10:00:30",
    "今天 08:05": "2026-03-05 08:05:00",
    "今天08:05": "2026-03-05 08:05:00",
    "昨天 12:25": "2026-03-04 12:25:00",
    "昨天&nbsp;03:07": "2026-03-04 03:07:00",
    "昨天 08:15 广东": "2026-03-04 08:15:00",
    "前天 09:10": "2026-03-03 09:10:00",
    "3天前": "2026-03-02 12:00:30",
    "06-14": "2025-06-14 00:00:00",
    "03-05": "2026-03-05 00:00:00",
    "03-06": "2025-03-06 00:00:00",
    "11-20": "2025-11-20 00:00:00",
    "8-7": "2025-08-07 00:00:00",
    "02-29": "2024-02-29 00:00:00",
    "12-31 23:59": "2025-12-31 23:59:00",
    "2023-12": "2023-12-01 00:00:00",
    "11月20日 18:22": "2025-11-20 18:22:00",
    "3月5日 11:59": "2026-03-05 11:59:00",
    "3月5日 12:20": "2025-03-05 12:20:00",
    "2025年11月20日 18:22": "2025-11-20 18:22:00",
    "2018-11-03": "2018-11-03 00:00:00",
    "2025-8-16 03:55": "2025-08-16 03:55:00",
    "2026-03-05 03:10:50": "2026-03-05 03:10:50",
    "2024/8/5 16:56": "2024-08-05 16:56:00",
    "2026-03-04T08:00:00+08:00": "2026-03-04 08:00:00",
    "2026-03-04T08:00:00Z": "2026-03-04 16:00:00",
    "2026-03-04T08:00:00.123+0000": "2026-03-04 16:00:00",
    "Tue Jun 08 09:35:04 +0800 2021": "2021-06-08 09:35:04",
    "Tue Jun 08 01:35:04 +0000 2021": "2021-06-08 09:35:04",
    "Tue, 08 Jun 2021 01:35:04 GMT": "2021-06-08 09:35:04",
    "Tue, 08 Jun 2021 09:35:04 +0800": "2021-06-08 09:35:04",
    "1623116104": "2021-06-08 09:35:04",
    "1623116104000": "2021-06-08 09:35:04",
    "发布于 昨天 12:25": "2026-03-04 12:25:00",
    "发表于 2025-8-16 03:55": "2025-08-16 03:55:00",
    "编辑于 06-14": "2025-06-14 00:00:00",
    "编辑于 3天前 北京": "2026-03-02 12:00:30",
    "08:05": "2026-03-05 08:05:00",
    "23:05": "2026-03-04 23:05:00",
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_form_is_read(text: str, expected: str) -> None:
    found = parse_time(text, NOW)
    assert found is not None
    assert found.tzinfo is UTC
    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") == expected


@pytest.mark.parametrize(
    "text", ["", "来自 微博网页版", "13-45", "2026-13-01", "25:61", "12楼", "1.5", "99999999年前"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time(text, NOW) is None


@pytest.mark.parametrize("number", [1_623_116_104, 1_623_116_104_000, 1_623_116_104.0])
def test_unix_numbers_are_read(number: float) -> None:
    assert parse_time(number, NOW) == datetime(2021, 6, 8, 1, 35, 4, tzinfo=UTC)


def test_a_site_whose_clock_is_a_little_ahead_means_this_year() -> None:
    assert parse_time("3月5日 12:02", NOW) == NOW.astimezone(UTC)


@given(st.integers(1, 12), st.integers(1, 28), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - a zone is added
def test_a_date_without_a_year_is_the_latest_that_is_past(month: int, day: int, now: datetime) -> None:
    aware = now.replace(tzinfo=SHANGHAI)
    found = parse_time(f"{month:02}-{day:02}", aware)
    assert found is not None
    assert aware - timedelta(days=367) <= found <= aware


@given(st.text() | st.integers() | st.floats() | st.none() | st.from_regex(r"[\d:\-/年月日天前昨 +]{1,25}"))
def test_nothing_makes_it_fail(text: str | float | None) -> None:
    found = parse_time(text, NOW)
    assert found is None or found.tzinfo is UTC
