"""What the alerting stages are told: the configuration, with names resolved and expressions read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from alerts.repolling import Schedule
from alerts.rules.expression import Expression
from alerts.rules.facts import PostFacts
from alerts.rules.rules import RuleBook
from mentions.types import ReachThresholds

DEFAULT_SUSPECT = 'score.label == "negative"'


@dataclass(frozen=True, slots=True)
class Settings:
    """`channels` are all that are configured, `sources` those that are enabled.

    A post that meets `suspect` is looked at again when `looks` says.
    `accounts` are the sources that read signed in, with the day on which the cookie ends where it is known;
    `unwatched` the platforms that no enabled source watches; `searched` the brands by the words that are searched.
    `pictured` are the sources that picture the pages of their own posts; None where no pictures are taken.
    `resolve_after`: a matter on which no rule has been met for so long is closed. `alert_within`: a post that was
    older when we first saw it is history and raises nothing. `speed`: see `velocity`.
    """

    book: RuleBook
    channels: tuple[str, ...]
    sources: tuple[str, ...]
    suspect: Expression[PostFacts]
    thresholds: ReachThresholds = field(default_factory=ReachThresholds)
    looks: Schedule = field(default_factory=Schedule)
    resolve_after: timedelta = timedelta(days=1)
    alert_within: timedelta = timedelta(days=7)
    speed: float = 1.0
    accounts: Mapping[str, date | None] = field(default_factory=dict)
    unwatched: tuple[str, ...] = ()
    pictured: frozenset[str] | None = None
    searched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def notified(self, rule: str) -> tuple[str, ...]:
        """The channels that hear of a rule's findings."""
        named = self.book.notify.get(rule)
        return self.channels if named is None else tuple(named)
