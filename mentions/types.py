"""What is known of a post: who wrote it, what it says, how far it spreads, and how it was judged.

Every type is frozen: a stage reads rows, makes new values, and writes rows. Times are aware UTC; counts are
plain integers with None for "the site does not say".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

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
