"""What is known of a post, from the page it was on to the message that went out about it.

Every type is frozen: a stage reads rows, makes new values, and writes rows. Times are aware UTC; counts are
plain integers with None for "the site does not say".
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

PERSONAL_V = 0
INSTITUTIONAL_V = frozenset({1, 2, 3, 4, 5, 6, 7})
"""Weibo's verified_type: government, enterprise, media, campus, site, app, group. 8 is pending; 10, 200 and 220
are titles (微博女郎, 达人), not verification; -1 is nobody."""


class Severity(IntEnum):
    """The four levels that Chinese emergency plans use, ordered: 蓝 < 黄 < 橙 < 红."""

    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def label(self) -> str:
        """The name used in config.yaml, rows and JSON: blue, yellow, orange, red."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> "Severity":
        """Read a label; ValueError names the four that exist."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise ValueError(f"{label!r} is no severity: blue, yellow, orange or red") from None


class Reach(StrEnum):
    """How far an author's voice carries."""

    ORDINARY = "ordinary"
    KOL = "kol"
    BIG_V = "big_v"


@dataclass(frozen=True, slots=True)
class ReachThresholds:
    """Followers, at least. Defaults: 500,000 is the public line for 大V (real-name rules of 2023)."""

    big_v: int = 500_000
    kol: int = 100_000


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post, as the page that showed it said.

    `platform` says where `id` is unique: "weibo", but "discuz:bbs.example.com", since every forum counts its own.
    `followers_at_least`: shown as 「10万+」, a lower bound.
    """

    platform: str
    id: str
    name: str
    followers: int | None = None
    followers_at_least: bool = False
    verified: bool | None = None
    verified_type: int | None = None
    verified_reason: str | None = None

    def reach(self, thresholds: ReachThresholds) -> Reach:
        """大V: a personal or institutional verification and enough followers; KOL: enough followers alone."""
        followers = self.followers or 0
        vouched = bool(self.verified) and (
            self.verified_type is None or self.verified_type in INSTITUTIONAL_V | {PERSONAL_V}
        )
        if vouched and followers >= thresholds.big_v:
            return Reach.BIG_V
        return Reach.KOL if followers >= thresholds.kol else Reach.ORDINARY

    def is_big_v(self, thresholds: ReachThresholds) -> bool:
        """Whether this author is a 大V by the configured thresholds."""
        return self.reach(thresholds) is Reach.BIG_V


@dataclass(frozen=True, slots=True)
class Mention:
    """One post. `id` is "platform:its id there" and never changes; `source` is the configured source's name.

    `repost_of` is the id of the origin post; `thread` the id of the post that opened the thread. `truncated`
    says that the page held only the beginning of the text.
    """

    id: str
    platform: str
    source: str
    url: str
    text: str
    first_seen: datetime
    published: datetime | None = None
    author: Author | None = None
    title: str | None = None
    brands: tuple[str, ...] = ()
    repost_of: str | None = None
    thread: str | None = None
    region: str | None = None
    truncated: bool = False

    @property
    def words(self) -> str:
        """All that it says: one that opens a thread says part of it in its title."""
        opens = self.thread is None or self.thread == self.id
        if self.title and opens and not self.text.startswith(self.title):
            return f"{self.title}\n{self.text}"
        return self.text


@dataclass(frozen=True, slots=True)
class Engagement:
    """The counts under a post at one moment; a snapshot is never overwritten.

    `at_least` names the counts that the site showed capped (「10万+」): they are lower bounds.
    """

    mention_id: str
    at: datetime
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    views: int | None = None
    at_least: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HotRank:
    """Where an entry stood on a hot list, from `at` until `until` (None: it still does).

    `rank` counts from 1; 0 is an entry without one: pinned above the list, or paid for. `heat` is in the site's
    own measure, None where it shows none. `tag` is the site's: 新, 热, 沸, 爆, 商 (paid for), or nothing.
    """

    mention_id: str
    at: datetime
    rank: int
    heat: int | None = None
    tag: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one page showed of one post.

    `raw` is the post alone as it stood on the page: its JSON object, or its HTML element, in UTF-8. `hot` is set
    for an entry of a hot list; the page then shows the list whole.
    """

    mention: Mention
    engagement: Engagement | None = None
    raw: bytes | None = None
    hot: HotRank | None = None


class Label(StrEnum):
    """The three classes of sentiment."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Score:
    """One model's judgement of one post. `negativity` is in [0, 1]; `words` are those that made it negative."""

    mention_id: str
    model: str
    at: datetime
    negativity: float
    label: Label
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule met. `key` is the matter it concerns: findings of one key share an incident.

    `evidence` is JSON-ready: the numbers that met the rule and all that a reader or a replay needs.
    """

    rule: str
    key: str
    severity: Severity
    at: datetime
    mention_id: str | None = None
    brand: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


class IncidentState(StrEnum):
    """Where a matter stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """One matter that somebody has to look after."""

    id: int
    key: str
    title: str
    state: IncidentState
    severity: Severity
    opened: datetime
    updated: datetime
    brand: str | None = None
    owner: str | None = None
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One change of an incident: who did what, when and why. Append-only."""

    incident_id: int
    at: datetime
    actor: str
    kind: str
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


class NotificationState(StrEnum):
    """Where a message stands on its way to a phone."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Nobody is to receive it any more: what it was about was erased."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in the outbox for one channel. `payload` holds the facts; the notifier makes the words.

    `possible_repeat`: an earlier attempt may have arrived although no answer said so.
    """

    id: int
    incident_id: int
    channel: str
    reason: str
    severity: Severity
    payload: dict[str, Any]
    state: NotificationState
    created: datetime
    next_attempt: datetime
    attempts: int = 0
    possible_repeat: bool = False
    sent: datetime | None = None
    receipt: str | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlRun:
    """One pass over one source, also when it saw nothing. `blocked` counts refusals by their reason.

    `kind` is "crawl" for a look at what is new, "reread" for another look at suspect posts, "push" for what
    somebody sent us.
    """

    id: int
    source: str
    started: datetime
    kind: str = "crawl"
    finished: datetime | None = None
    pages: int = 0
    seen: int = 0
    new: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    cap_hit: bool = False
    newest: datetime | None = None
    oldest: datetime | None = None
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Cooling:
    """A site, by host and port, that turned a source away, and is left alone until then.

    `times` counts how often in a row. A `shared` one holds for every source: the site shut out our address.
    """

    source: str
    site: str
    reason: str
    detail: str
    since: datetime
    until: datetime
    times: int = 1
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Validators:
    """What a site says of a page's version (RFC 9110, section 8.8), to be sent back when it is asked again."""

    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much a source can be trusted to have seen. None where it never happened.

    Runs of kind "reread" do not count. `last_success` is the end of the last run that read at least one page and
    had no error. `blocked` is the last run's reasons.
    """

    source: str
    last_run: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    newest_post: datetime | None
    cap_hit: bool = False
    blocked: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    cooling_until: datetime | None = None
    """The latest time until which a site of it is left alone, be it over or not."""

    def age(self, now: datetime) -> timedelta | None:
        """Time since the source was last read with success; None if it never was."""
        return None if self.last_success is None else now - self.last_success


@dataclass(frozen=True, slots=True)
class Hourly:
    """How many mentions of a brand an hour of UTC had, by when they were published (else first seen).

    `label` is that of the latest judgement, None while there is none. `severity` is that of the gravest finding,
    None where no rule was met. `original`: they are the first to say it, not copies or reposts of other mentions.
    """

    hour: datetime
    brand: str
    platform: str
    label: Label | None
    severity: Severity | None
    mentions: int
    original: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """How many mentions of a brand an hour of UTC had, and how many of these were last judged negative."""

    hour: datetime
    brand: str
    mentions: int
    negative: int
