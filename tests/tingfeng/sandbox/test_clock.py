from datetime import datetime, timedelta

import pytest

from tingfeng.sandbox import StoryClock


def test_an_hour_of_story_is_a_minute_of_wall(start: datetime) -> None:
    clock = StoryClock(start, 60)
    assert clock.story(start + timedelta(minutes=1)) == 3600
    assert clock.wall(3600) == start + timedelta(minutes=1)


def test_the_past_is_not_accelerated(start: datetime) -> None:
    clock = StoryClock(start, 60)
    assert clock.wall(-7200) == start - timedelta(hours=2)
    assert clock.story(start - timedelta(hours=2)) == -7200


def test_the_moment_is_the_injected_clocks(start: datetime) -> None:
    assert StoryClock(start, 10, lambda: start + timedelta(seconds=3)).moment() == 30


def test_a_naive_start_or_a_standing_story_is_refused(start: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        StoryClock(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="speed 0"):
        StoryClock(start, 0)
