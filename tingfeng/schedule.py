"""When each job runs: APScheduler ticks, and what was missed while the process was down is made up for."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from apscheduler.triggers.interval import IntervalTrigger

from crawlers.conduct.schedules import cron_trigger
from mentions.durations import parse_duration


def trigger(schedule: str, zone: tzinfo) -> Any:
    """APScheduler's trigger for a duration or a cron line, both checked when config.yaml was read."""
    try:
        length = parse_duration(schedule)
    except ValueError:
        return cron_trigger(schedule, zone)
    return IntervalTrigger(seconds=length.total_seconds(), timezone=zone)


def overdue(schedule: str, *, last_done: datetime, now: datetime, zone: tzinfo) -> timedelta:
    """By how much the run that should have followed the last one is late; nothing where it is not."""
    return max(now - first_run(schedule, last_done=last_done, now=last_done, zone=zone), timedelta())


def first_run(schedule: str, *, last_done: datetime | None, now: datetime, zone: tzinfo) -> datetime:
    """When a job runs first after a start: at once if it never ran or a run was missed, else when it is due.

    APScheduler itself forgets a job that was due, or running, while the process was down.
    """
    if last_done is None or last_done > now:  # a clock that was set back must not silence a source
        return now
    due: datetime | None
    try:
        due = last_done + parse_duration(schedule)
    except ValueError:
        due = trigger(schedule, zone).get_next_fire_time(last_done, last_done)
    return now if due is None else max(due, now)  # none: a cron line that names no day, as 30 February
