"""Hot lists: what of a list is worth a row, and what an entry's rows say of its stay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentions.types import HotRank

LISTS = ("weibo", "zhihu", "baidu", "bilibili", "toutiao", "douyin")
AD = "商"
"""The tag of an entry that somebody paid for."""
SAME_STAY = timedelta(hours=1)
"""An entry that falls off the end of a list and is back so soon has not left it."""
_PREFIX = "hot-"


def platform_of(listed: str) -> str:
    """The platform of a list's entries."""
    return f"{_PREFIX}{listed}"


def list_of(platform: str) -> str | None:
    """The list whose entries a platform holds; None for the platforms of posts."""
    return platform.removeprefix(_PREFIX) if platform.startswith(_PREFIX) else None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at a list changes: rows that end with it, and rows that begin."""

    ended: tuple[HotRank, ...]
    begun: tuple[HotRank, ...]


def turn(
    standing: Mapping[str, HotRank], shown: Sequence[HotRank], watched: Collection[str], at: datetime
) -> Turn:
    """Hold a whole list against the rows that were standing, by their mention.

    An entry that is `watched` (it names a brand) gets a row whenever rank, heat or tag changed. Of any other only
    a better rank and another tag are kept: heat changes at every look, and 300 entries a minute are 430,000 rows a
    day.
    """
    begun = [hot for hot in shown if _is_news(standing.get(hot.mention_id), hot, watched)]
    gone = standing.keys() - {hot.mention_id for hot in shown}
    over = gone | {hot.mention_id for hot in begun}
    ended = [replace(row, until=at) for i, row in standing.items() if i in over]
    return Turn(tuple(ended), tuple(begun))


def _is_news(before: HotRank | None, hot: HotRank, watched: Collection[str]) -> bool:
    if before is None or hot.tag != before.tag:
        return True
    if hot.mention_id in watched:
        return (hot.rank, hot.heat) != (before.rank, before.heat)
    return hot.rank < before.rank


@dataclass(frozen=True, slots=True)
class Stay:
    """An entry's last stay on its list. `until` is None while it is there; `lasted` leaves gaps out."""

    since: datetime
    until: datetime | None
    lasted: timedelta
    best_rank: int
    best_heat: int | None
    last: HotRank


def last_stay(rows: Sequence[HotRank], now: datetime) -> Stay | None:
    """The last stay that an entry's rows (oldest first) tell of; None where there are none."""
    if not rows:
        return None
    stay = [rows[-1]]
    for row in reversed(rows[:-1]):
        if stay[-1].at - (row.until or stay[-1].at) > SAME_STAY:
            break
        stay.append(row)
    ends = [row.until or now for row in stay]
    heats = [row.heat for row in stay if row.heat is not None]
    return Stay(
        since=stay[-1].at,
        until=rows[-1].until,
        lasted=sum((max(end - row.at, timedelta()) for row, end in zip(stay, ends, strict=True)), timedelta()),
        best_rank=min(row.rank for row in stay),
        best_heat=max(heats, default=None),
        last=rows[-1],
    )
