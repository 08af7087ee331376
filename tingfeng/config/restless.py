"""Rules on sources that fire although all is well: they ask for looks more often than the schedule has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.rules.expression import RuleFailed
from alerts.rules.facts import SourceFacts, SourceView
from alerts.rules.reading import NO_END
from alerts.rules.rules import SourceRule
from crawlers.conduct.schedules import cron_trigger
from mentions.durations import parse_duration
from tingfeng.config.blocks import Config

RUNS = 500
"""So many runs of a cron line are looked at for the longest pause between two of them."""


@dataclass(frozen=True, slots=True)
class Restless:
    """A rule that a source meets before its next visit is due, `pause` after the last."""

    rule: str
    source: str
    pause: timedelta


def restless(config: Config, now: datetime) -> Iterator[Restless]:
    """Each rule with each source that meets it between two visits that read everything."""
    for name, source in config.enabled_sources().items():
        pause = longest_pause(source.schedule, now)
        for rule, block in config.rules.items():
            if not isinstance(block, SourceRule) or (block.sources and name not in block.sources):
                continue
            if any(
                _meets(block, _well(name, brand, pause)) and not _meets(block, _well(name, brand, timedelta()))
                for brand in block.brands or [""]
            ):
                yield Restless(rule, name, pause)


def _meets(rule: SourceRule, view: SourceView) -> bool:
    try:
        return rule.meet(view) is not None
    except RuleFailed:  # told when it is asked in earnest
        return False


def longest_pause(schedule: str, now: datetime) -> timedelta:
    """How long a schedule lets a source rest between two visits."""
    try:
        return parse_duration(schedule)
    except ValueError:
        trigger = cron_trigger(schedule, now.tzinfo)
    longest, last = timedelta(), trigger.get_next_fire_time(None, now)
    for _ in range(RUNS):
        due = last and trigger.get_next_fire_time(last, last)
        if due is None:
            break
        longest, last = max(longest, due - last), due
    return longest


def _well(name: str, brand: str, pause: timedelta) -> SourceView:
    """A source of which all was read at the last visit, just before the next one."""
    minutes = pause.total_seconds() / 60
    return SourceView(
        SourceFacts(
            name=name,
            brand=brand,
            minutes_since_run=minutes,
            minutes_since_success=minutes,
            minutes_since_new=0,
            query_unread_minutes=0,
            blocked=False,
            cap_hit=False,
            capped_in_a_row=0,
            missing=0,
            missing_at_least=0,
            missing_known=True,
            signed_in=False,
            cookie_days_left=NO_END,
            walls=0,
            walls_before=0,
            layout_changed=False,
            drift=0,
            cooling_minutes=0,
        )
    )
