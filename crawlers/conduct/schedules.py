"""Schedules as people write them: a duration, or a cron line whose weekdays count as cron's do."""

import re
from datetime import tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = 5
DAY = rf"[0-7]|{'|'.join(WEEKDAYS)}"
DAYS = re.compile(rf"({DAY})(?:-({DAY})(?:/([1-7]))?)?", re.IGNORECASE)


def cron_trigger(line: str, zone: tzinfo | None = None) -> "CronTrigger":
    """APScheduler's trigger for a cron line; ValueError if it is none.

    Cron counts Sunday as 0 or 7, APScheduler counts Monday as 0: weekdays are written out for it.
    """
    # Late: apscheduler is not needed to read a saved page.
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    fields = line.split()
    if len(fields) == FIELDS:
        fields[-1] = ",".join(map(_days, fields[-1].split(",")))
    try:
        return CronTrigger.from_crontab(" ".join(fields), timezone=zone)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{line!r} is no schedule: write a duration (2m, 1h) or a cron line (*/5 * * * *)"
        ) from error


def _days(part: str) -> str:
    """One part of cron's last field, its days by their names; what is no day or range of days stays as it is."""
    found = DAYS.fullmatch(part)
    if found is None:
        return part
    first, step = _number(found[1]), int(found[3] or 1)
    last = first if found[2] is None else _number(found[2])
    last += 0 if last >= first else len(WEEKDAYS)
    return ",".join(WEEKDAYS[day % len(WEEKDAYS)] for day in range(first, last + 1, step))


def _number(day: str) -> int:
    return int(day) if day.isdigit() else WEEKDAYS.index(day.lower())
