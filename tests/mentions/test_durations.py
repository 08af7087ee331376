from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86_400),
        ("2w", 1_209_600),
        ("3y", 94_608_000),
        ("1h30m", 5400),
        (" 1.5H ", 5400),
        ("0s", 0),
        ("0.5s", 0.5),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "5 m", "m", "-5m", "5分钟", "1h-30m", "1e3s", "5mm", None, 5, 1.5, True, ["5m"]]
)
def test_anything_else_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="is no duration: write 30s, 5m, 2h, 1d or 1h30m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["9999999999d", "9" * 400 + "s", "999999999d999999999d"])
def test_what_no_clock_can_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than anything lasts"):
        parse_duration(text)


def test_a_timedelta_is_one_already() -> None:
    assert parse_duration(timedelta(minutes=5)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (30, "30s"), (300, "5m"), (5400, "1h30m"), (86_400, "1d"), (90_061, "1d1h1m1s"), (0.5, "0.5s")],
)
def test_durations_are_written_shortest(seconds: float, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


@given(st.integers(0, 10**10).map(lambda tenths: timedelta(milliseconds=100 * tenths)))
def test_what_is_written_is_read_back(length: timedelta) -> None:
    assert abs(parse_duration(format_duration(length)) - length) < timedelta(milliseconds=1)
