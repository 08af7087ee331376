"""When a job runs first after a start."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.making import NOW, minutes
from tingfeng.schedule import first_run, trigger

CHINA = ZoneInfo("Asia/Shanghai")
"""NOW is 20:00 there."""


def first(schedule: str, last_done: datetime | None) -> timedelta:
    return first_run(schedule, last_done=last_done, now=NOW, zone=CHINA) - NOW


@pytest.mark.parametrize("schedule", ["5m", "0 9 * * *"])
def test_a_job_that_never_ran_runs_at_once(schedule: str) -> None:
    assert first(schedule, None) == timedelta()


@pytest.mark.parametrize(
    ("schedule", "ago", "waits"),
    [
        ("5m", 3, 2),
        ("5m", 5, 0),
        ("5m", 600, 0),
        ("1h30m", 60, 30),
        ("0 * * * *", 30, 0),
        ("30 * * * *", 10, 30),
        ("0 9 * * *", 60, 13 * 60),
        ("0 9 * * *", 12 * 60, 0),
        ("*/10 20 * * *", 0, 10),
    ],
)
def test_a_job_runs_when_it_is_due_and_at_once_when_a_run_was_missed(
    schedule: str, ago: float, waits: float
) -> None:
    assert first(schedule, NOW - minutes(ago)) == minutes(waits)


@pytest.mark.parametrize("schedule", ["5m", "0 9 * * *"])
def test_a_clock_that_was_set_back_silences_nothing(schedule: str) -> None:
    assert first(schedule, NOW + timedelta(hours=1)) == timedelta()


def test_a_cron_line_that_names_no_day_runs_once() -> None:
    assert first("0 0 30 2 *", NOW - minutes(5)) == timedelta()


def test_a_cron_line_is_read_in_the_configured_zone() -> None:
    due = trigger("0 9 * * *", CHINA).get_next_fire_time(None, NOW)
    assert due.astimezone(UTC) == datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def test_a_duration_ticks_in_fractions_of_a_second() -> None:
    assert trigger("0.5s", CHINA).interval == timedelta(seconds=0.5)
