"""Recorded Weibo cascades as a world: real texts, real authors' reach, real repost times.

The file (JSON lines, .xz) is no part of the project; its shape: `event`, `text`, `posted` (unix s), `author`
{uid, followers, verified, verified_type, location} or null, `announced` {reposts, comments, likes} and
`reposts`, a list of [seconds after the post, uid, index of the parent or -1, text] in time order.
"""

import hashlib
import lzma
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from tingfeng.sandbox.world import Account, Post, Recorded, Site, World

FIRST_ID = 4_900_000_000_000_000
ID_STEP = 10_007
"""Weibo ids with room for a post's reposts behind each; below the storyline's, so that both can be joined."""

MAX_SHOWN_REPOSTS = ID_STEP - 1
STOCK_PHRASES = frozenset({"", "转发微博", "转发微博。", "轉發微博", "转发", "Repost"})
"""What Weibo fills in when a reposter says nothing."""

Row = dict[str, Any]


def cascades(
    path: Path,
    *,
    words: Sequence[str] = (),
    limit: int | None = None,
    window: timedelta = timedelta(hours=2),
    reposts_shown: int = 0,
) -> World:
    """Read the recorded posts, all of them shifted into one window of story time after the start.

    The years between them are dropped: posts are spread evenly over `window` in an order given by a hash of
    their event, so that every run tells the same story and no year comes in one lump. Growth keeps each
    post's own recorded seconds. `words` keeps only posts that contain one of them, `limit` the first N.
    `reposts_shown` posts up to so many of a cascade's reposts that have words of their own, by accounts whose
    followers the recording does not know (10,006 at most).

    Reposts and comments are not told apart in the recording, so all events count as reposts; comments and
    likes are shown in the proportion that the site announced in the end. A few reposts are recorded before
    their post (clocks differed); they count from second 0, so that none is lost.
    """
    if not 0 <= reposts_shown <= MAX_SHOWN_REPOSTS:
        raise ValueError(f"reposts_shown is 0 to {MAX_SHOWN_REPOSTS}")
    rows = sorted(islice(_rows(path, _chooser(words)), limit), key=lambda row: _digest(row["event"]))
    step = window.total_seconds() / max(1, len(rows))
    posts: list[Post] = []
    for rank, row in enumerate(rows):
        posts.extend(_posts(row, rank, rank * step, reposts_shown))
    return World(posts)


def _chooser(words: Sequence[str]) -> Callable[[str], bool]:
    needles = [word.casefold() for word in words]
    return lambda text: not needles or any(needle in text.casefold() for needle in needles)


def _rows(path: Path, chosen: Callable[[str], bool]) -> Iterator[Row]:
    with lzma.open(path) as lines:
        for line in lines:
            row: Row = orjson.loads(line)
            if chosen(row["text"]):
                yield row


def _digest(event: str) -> bytes:
    return hashlib.blake2b(event.encode(), digest_size=8).digest()


def _posts(row: Row, rank: int, at: float, reposts_shown: int) -> Iterator[Post]:
    seconds = array("l", (max(0, event[0]) for event in row["reposts"]))
    announced = row["announced"]
    mid = FIRST_ID + rank * ID_STEP
    origin = Post(
        site=Site.WEIBO,
        id=str(mid),
        at=at,
        author=_author(row),
        text=row["text"],
        reposts=Recorded(seconds),
        comments=Recorded(seconds, announced["comments"] / max(1, len(seconds))),
        likes=Recorded(seconds, announced["likes"] / max(1, len(seconds))),
    )
    yield origin
    if not reposts_shown:
        return
    spoken = (pair for pair in enumerate(row["reposts"]) if pair[1][3].strip() not in STOCK_PHRASES)
    shown = dict(islice(spoken, reposts_shown))
    children: dict[int, list[int]] = {index: [] for index in shown}
    for event in row["reposts"]:
        if event[2] in children:
            children[event[2]].append(event[0])
    for number, (index, event) in enumerate(shown.items(), start=1):
        after = max(0, event[0])
        yield Post(
            site=Site.WEIBO,
            id=str(mid + number),
            at=at + after,
            author=Account(_number(event[1]), f"用户{event[1][:8]}"),
            text=event[3],
            repost_of=origin.id,
            reposts=Recorded(array("l", (max(0, child - after) for child in children[index]))),
        )


def _author(row: Row) -> Account:
    author = row["author"]
    if author is None:
        return Account(_number(row["event"]), f"用户{row['event'][:8]}")
    return Account(
        id=_number(author["uid"]),
        name=f"用户{author['uid'][:8]}",
        followers=author["followers"],
        verified_type=-1 if author["verified_type"] is None else author["verified_type"],
        region=author.get("location") or None,
        verified=bool(author["verified"]),
    )


def _number(hashed: str) -> str:
    """Weibo's user ids are numbers, and the hashes of the recording are 48 bits in hex."""
    return str(int(hashed, 16))
