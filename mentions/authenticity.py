"""How far a post is what somebody thinks, and not what somebody pays for: signs of 水军, lotteries, advertising.

A sign never makes a post disappear: it is stored with its reason, a rule may ask for it, and a reader sees it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import prod

from mentions.text import LINK, NAME, REPOST_CHAIN, fold
from mentions.types import Author, Mention

LOW = 0.5
"""Below it a reader is told. No single sign that ordinary people bear too (a new account, a form letter) goes so
far."""
FEW_FOLLOWERS = 10
"""At most. Who writes for others, and not by order, has friends at least."""
DEFAULT_NAME = re.compile(
    r"(?:用户|手机用户|微博用户|知乎用户|贴吧用户|user|bili|momo|小红薯)[_-]?(?=[a-z0-9_]*\d)[a-z0-9_]{6,}"
)
"""What sites call an account whose owner chose no name, folded."""
COPIERS, COPIED_WITHIN = 5, timedelta(hours=1)
"""So many different accounts with one text, so near in time. Fewer are friends, or 分享 under an article."""
BEATS, TOLERANCE = 5, 0.02
"""So many posts whose gaps all differ from their mean by at most this share of it, or a second.

Of 10,519 posts by the 2,684 busiest of 646,070 people in recorded cascades, none came so evenly."""
COARSE = timedelta(minutes=1)
"""How finely a site tells times if all of them end on a full minute."""
GAPS_OVER_RESOLUTION = 25
"""A gap has to be so much longer than what the site rounds to, or rounding alone makes gaps equal."""
LONGEST = 5_000
"""Characters that are searched for patterns."""
LOTTERY = re.compile(
    r"转发?(?:本条|此条|这条|本|此|这)?(?:微博|博文|动态)?[^。!?\n]{0,8}抽(?:奖|取|送|选|出|\d|一|两|三|五|十)"
    r"|(?:关注[^。!?\n]{0,12}转发?|转发?[^。!?\n]{0,8}关注)[^。!?\n]{0,16}(?:抽|赢取?|送出|有机会|赠送|获得)"
    r"|转赞评[^。!?\n]{0,10}抽|抽\s?\d+\s?(?:位|名|人|个)[^。!?\n]{0,12}(?:送|奖|赠|获)"
)
"""转发抽奖, 关注+转发, 抽 3 位送…: said on purpose, and to win something."""
_CHAT = r"(?:微信|薇信|威信|v信|vx|wx|wechat|qq|扣扣)"
ADVERTISING = re.compile(
    rf"(?:加|添加|➕|\+)\s?(?:我|本人)?的?\s?{_CHAT}(?!群聊|支付)"
    rf"|{_CHAT}(?:号|联系)?\s?[:：]?\s?(?:[a-z][a-z0-9_-]{{5,19}}(?![a-z0-9./])|\d{{6,11}}(?!\d))"
    r"|(?:日赚|日入|日结|月入)\s?(?:\d{2,}|[一二三五六八]?[百千万]|过万|上万)"
    r"|(?:招|诚聘)[^。!?\n]{0,8}(?:刷单|兼职)|(?:刷单|兼职)[^。!?\n]{0,12}(?:日结|佣金|返利|返现|私信|在家|招募)"
    r"|私(?:信|聊|我)[^。!?\n]{0,6}(?:领取|下单|进群|拿货|报名)|(?:招|诚招)代理|一件代发|货到付款|淘口令"
)
"""加微信, 兼职日结, 刷单返利…: whoever warns of 刷单 or 兼职 without an offer is not meant."""


class Signal(StrEnum):
    """A sign that a post may not be what somebody thinks."""

    EQUAL_GAPS = "equal_gaps"
    SYNCHRONISED = "synchronised"
    FEW_FOLLOWERS = "few_followers"
    DEFAULT_NAME = "default_name"
    COPIED_TEXT = "copied_text"
    LOTTERY = "lottery"
    ADVERTISING = "advertising"


WEIGHTS: Mapping[Signal, float] = {
    Signal.EQUAL_GAPS: 0.6,
    Signal.SYNCHRONISED: 0.7,
    Signal.FEW_FOLLOWERS: 0.2,
    Signal.DEFAULT_NAME: 0.3,
    Signal.COPIED_TEXT: 0.5,
    Signal.LOTTERY: 0.6,
    Signal.ADVERTISING: 0.6,
}
"""What share of the authenticity a sign takes away. Chosen, not learned: a clock, an offer and a prize speak for
themselves; a new account is mostly a new customer; a text of many hands may be a form letter of real ones."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign that was found. `numbers` are what a reader is told of it; never a name, never a word of the post."""

    signal: Signal
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authenticity:
    """1: nothing speaks against it. Each sign takes its share of what is left; never below 0."""

    mention_id: str
    at: datetime
    value: float
    reasons: tuple[Reason, ...] = ()

    @property
    def is_low(self) -> bool:
        """Whether a reader is told."""
        return self.value < LOW


@dataclass(frozen=True, slots=True)
class Peer:
    """A post of the same text: who wrote it and when."""

    author: tuple[str, str] | None
    at: datetime
    vouched: bool = False
    """Whether the site verified the account: a press release in many newspapers is no 水军."""


def authenticity(
    mention: Mention, at: datetime, *, earlier: Sequence[datetime] = (), peers: Sequence[Peer] = ()
) -> Authenticity:
    """What speaks against a post.

    `earlier` are the times of its author's last posts, `peers` posts of the same text, both with the post itself.
    """
    reasons = tuple(_reasons(mention, earlier, peers))
    value = prod(1 - WEIGHTS[reason.signal] for reason in reasons)
    return Authenticity(mention.id, at, round(value, 3), reasons)


def _reasons(mention: Mention, earlier: Sequence[datetime], peers: Sequence[Peer]) -> Iterator[Reason]:
    if not (mention.author and mention.author.verified):
        if (beat := equal_gap(earlier)) is not None:
            yield Reason(Signal.EQUAL_GAPS, _beat(beat, earlier))
        yield from _of_account(mention.author)
        yield from _of_group(mention, [peer for peer in peers if not peer.vouched])
    own = REPOST_CHAIN.split(fold(f"{mention.title or ''}\n{mention.text[:LONGEST]}"), maxsplit=1)[0]
    own = NAME.sub(" ", LINK.sub(" ", own))
    if LOTTERY.search(own):
        yield Reason(Signal.LOTTERY)
    if ADVERTISING.search(own):
        yield Reason(Signal.ADVERTISING)


def _of_account(author: Author | None) -> Iterator[Reason]:
    if author is None:
        return
    if author.followers is not None and author.followers <= FEW_FOLLOWERS and not author.followers_at_least:
        yield Reason(Signal.FEW_FOLLOWERS, {"followers": author.followers})
    if DEFAULT_NAME.fullmatch(fold(author.name)):
        yield Reason(Signal.DEFAULT_NAME)


def _of_group(mention: Mention, peers: Sequence[Peer]) -> Iterator[Reason]:
    when = mention.published or mention.first_seen
    near = [peer for peer in peers if peer.author is not None and abs(peer.at - when) <= COPIED_WITHIN]
    accounts = len({peer.author for peer in near})
    if accounts >= COPIERS:
        span = max(peer.at for peer in near) - min(peer.at for peer in near)
        yield Reason(Signal.COPIED_TEXT, {"accounts": accounts, "minutes": round(span / COARSE)})
    if accounts > 1 and (beat := equal_gap([peer.at for peer in near])) is not None:
        yield Reason(Signal.SYNCHRONISED, _beat(beat, near) | {"accounts": accounts})


def equal_gap(times: Sequence[datetime]) -> timedelta | None:
    """The gap between posts, where all of the last BEATS are as good as equal; None where they are as people's."""
    last = sorted(set(times))[-BEATS:]
    if len(last) < BEATS:
        return None
    gaps = [later - before for before, later in pairwise(last)]
    mean = (last[-1] - last[0]) / len(gaps)
    coarse = all(at.second == 0 and at.microsecond == 0 for at in last)
    resolution = COARSE if coarse else timedelta(seconds=1)
    if mean < GAPS_OVER_RESOLUTION * resolution:
        return None
    return mean if all(abs(gap - mean) <= max(TOLERANCE * mean, resolution) for gap in gaps) else None


def _beat(gap: timedelta, posts: Sequence[object]) -> dict[str, float]:
    return {"seconds": round(gap.total_seconds()), "posts": len(posts)}
