"""What a rule may ask about: the names and types that its expression is checked against.

Nothing here is ever unknown, since an expression over an unknown value has no answer: counts that a site does not
show are 0, texts are empty, a judgement that is missing has negativity 0 and the label "unscored".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mentions.hot import LISTS
from mentions.types import Label, Reach

UNSCORED = "unscored"
"""The label of a post that no model has judged yet."""
VALUES: Mapping[str, tuple[str, ...]] = {
    "hot.list": LISTS,
    "author.reach": tuple(reach.value for reach in Reach),
    "score.label": (*(label.value for label in Label), UNSCORED),
}
"""The texts that can only be one of a few: an expression that asks for another would never hold."""


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """The post itself. `age_minutes` since it was published, or first seen where that is unknown."""

    id: str
    platform: str
    source: str
    text: str
    title: str
    region: str
    is_repost: bool
    age_minutes: float


@dataclass(frozen=True, slots=True)
class AuthorFacts:
    """Who wrote it. `reach` is "ordinary", "kol" or "big_v"."""

    name: str
    followers: int
    verified: bool
    reach: str
    is_big_v: bool
    is_kol: bool


@dataclass(frozen=True, slots=True)
class EngagementFacts:
    """The latest counts under the post."""

    reposts: int
    comments: int
    likes: int
    views: int


@dataclass(frozen=True, slots=True)
class VelocityFacts:
    """How much the counts grew in the last 10 and 30 minutes."""

    reposts_10m: float
    comments_10m: float
    likes_10m: float
    reposts_30m: float
    comments_30m: float
    likes_30m: float


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """The latest judgement. `negativity` in [0, 1]; `label` negative, neutral, positive or unscored."""

    negativity: float
    label: str


@dataclass(frozen=True, slots=True)
class SpreadFacts:
    """Who says the same: the same numbers for its origin and for all who say it again."""

    copies: int
    reposts_stored: int
    platforms: int


@dataclass(frozen=True, slots=True)
class AuthenticityFacts:
    """How far it is somebody's own opinion: 1 where no sign speaks against it. `reasons` are the signs' names."""

    value: float
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class PostFacts:
    """All that a rule of type post sees: one post for one brand. `words` are those of the rule's list found."""

    brand: str
    mention: MentionFacts
    author: AuthorFacts
    engagement: EngagementFacts
    velocity: VelocityFacts
    score: ScoreFacts
    words: list[str]
    spread: SpreadFacts = SpreadFacts(copies=0, reposts_stored=0, platforms=1)
    authenticity: AuthenticityFacts = field(default_factory=lambda: AuthenticityFacts(value=1.0, reasons=[]))


@dataclass(frozen=True, slots=True)
class HotFacts:
    """Where an entry stands on a hot list.

    `list` is weibo, zhihu, …; `rank`, and `best_rank` of this stay, count from 1, and 0 is none: pinned above the
    list, or paid for. `heat` and `best_heat` are in the site's own measure, 0 where it shows none.
    `minutes_on_list` counts this stay.
    """

    list: str
    rank: int
    best_rank: int
    heat: int
    best_heat: int
    tag: str
    is_ad: bool
    minutes_on_list: float


@dataclass(frozen=True, slots=True)
class HotView:
    """All that a rule of type hot sees: one entry of one list, for one brand that it names."""

    brand: str
    hot: HotFacts
    mention: MentionFacts
    score: ScoreFacts


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """How one source stands. Minutes are since its first run where the event never happened.

    Shares are in [0, 1]; those that cannot be known are 0, and `missing_known` says so. `cooling_minutes` are
    those for which a site that turned it away is still left alone. `brand` is the one that a rule with `brands` is
    asked for, "" in any other: then what is said of queries is said of those that could show it.
    """

    name: str
    brand: str
    minutes_since_run: float
    minutes_since_success: float
    minutes_since_new: float
    query_unread_minutes: float
    blocked: bool
    cap_hit: bool
    capped_in_a_row: int
    missing: float
    missing_at_least: float
    missing_known: bool
    signed_in: bool
    cookie_days_left: float
    walls: float
    walls_before: float
    layout_changed: bool
    drift: float
    cooling_minutes: float


@dataclass(frozen=True, slots=True)
class ScoringFacts:
    """How scoring stands: mentions waiting, how long the oldest waits, and how many were set aside."""

    waiting: int
    oldest_minutes: float
    quarantined: int
    failing: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """The root of a rule of type source."""

    source: SourceFacts


@dataclass(frozen=True, slots=True)
class ScoringView:
    """The root of a rule of type scoring."""

    scoring: ScoringFacts
