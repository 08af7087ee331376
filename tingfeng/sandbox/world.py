"""What the sandbox's sites show at a moment: a pure model, without a clock and without HTTP."""

import math
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

CACHED_SEARCHES = 256
"""Keywords whose hits are remembered; a watch list is shorter, and a runaway one stays bounded."""


class Site(StrEnum):
    """The sites that the sandbox plays."""

    WEIBO = "weibo"
    FORUM = "forum"
    TIEBA = "tieba"
    V2EX = "v2ex"
    RSS = "rss"
    MI_COMMUNITY = "mi_community"
    ZHIHU = "zhihu"
    XIAOHONGSHU = "xiaohongshu"
    BILIBILI = "bilibili"
    HEIMAO = "heimao"


class Count(Protocol):
    """A number under a post that only grows."""

    def at(self, age: float) -> int:
        """Its value so many story seconds after the post."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Counts that we invent: total x (1 - exp(-(age / scale)^shape)).

    `scale` is in story seconds (63 % of the total); a shape above 1 starts slowly and then takes off.
    """

    total: int
    scale: float = 5400.0
    shape: float = 1.0

    def at(self, age: float) -> int:
        """The value at an age in story seconds."""
        return int(self.total * -math.expm1(-((age / self.scale) ** self.shape))) if age > 0 else 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """Counts that were recorded: events in ascending seconds after the post, times a share."""

    seconds: "array[int]"
    share: float = 1.0

    def at(self, age: float) -> int:
        """The value at an age in story seconds."""
        return int(bisect_right(self.seconds, age) * self.share)


NONE = Growth(0)


@dataclass(frozen=True, slots=True)
class Account:
    """Who posts. `followers` None: the site does not say. `verified_type` is Weibo's, -1 for nobody."""

    id: str
    name: str
    followers: int | None = None
    verified_type: int = -1
    reason: str | None = None
    region: str | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `at` is in story seconds (see `StoryClock`); the counts are functions of its age.

    `repost_of` is the origin of a Weibo repost, `thread` the post that opened a reply's thread.
    """

    site: Site
    id: str
    at: float
    author: Account
    text: str
    title: str | None = None
    reposts: Count = NONE
    comments: Count = NONE
    likes: Count = NONE
    views: Count = NONE
    repost_of: str | None = None
    thread: str | None = None
    node: tuple[str, str] = ("", "")
    sticky: bool = False
    members_only: bool = False


class World:
    """All posts of all sites, sorted; every question is asked for a moment in story seconds."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self.posts: Sequence[Post] = sorted(posts, key=lambda post: (post.at, post.id))
        self._by_id = {(post.site, post.id): post for post in self.posts}
        if len(self._by_id) != len(self.posts):
            raise ValueError("two posts of one site have the same id")
        self._openings: dict[Site, list[Post]] = defaultdict(list)
        self._replies: dict[tuple[Site, str], list[Post]] = defaultdict(list)
        self._reposts: dict[tuple[Site, str], list[Post]] = defaultdict(list)
        self._of: dict[tuple[Site, str], list[Post]] = defaultdict(list)
        for post in self.posts:
            if post.repost_of is not None:
                self._reposts[post.site, post.repost_of].append(post)
            if post.thread is None:
                self._openings[post.site].append(post)
                self._of[post.site, post.author.id].append(post)
            else:
                self._replies[post.site, post.thread].append(post)
        self._hits: dict[tuple[Site, str], list[Post]] = {}

    def __add__(self, other: "World") -> "World":
        return World((*self.posts, *other.posts))

    def __len__(self) -> int:
        return len(self.posts)

    def get(self, site: Site, post_id: str, moment: float) -> Post | None:
        """A post by its id, if it is there already."""
        post = self._by_id.get((site, post_id))
        return post if post is not None and post.at <= moment else None

    def openings(self, site: Site, moment: float) -> Sequence[Post]:
        """Posts that are not replies, newest first."""
        return shown(self._openings[site], moment)[::-1]

    def replies(self, opening: Post, moment: float) -> Sequence[Post]:
        """The replies in a thread, oldest first."""
        return shown(self._replies.get((opening.site, opening.id), ()), moment)

    def reposts(self, origin: Post, moment: float) -> Sequence[Post]:
        """The posts that pass one on, newest first."""
        return shown(self._reposts.get((origin.site, origin.id), ()), moment)[::-1]

    def timeline(self, site: Site, author_id: str, moment: float) -> Sequence[Post]:
        """What an account has posted, newest first."""
        return shown(self._of.get((site, author_id), ()), moment)[::-1]

    def search(
        self, site: Site, keyword: str, moment: float, *, offset: int = 0, limit: int = 10
    ) -> tuple[Sequence[Post], int]:
        """The openings that hold the keyword, newest first, and how many there are in all.

        A repost is found by its own words and by those of its origin, as on Weibo.
        """
        hits = shown(self._matching(site, keyword), moment)
        last = len(hits) - offset
        return hits[max(0, last - limit) : max(0, last)][::-1], len(hits)

    def _matching(self, site: Site, keyword: str) -> Sequence[Post]:
        # Texts never change, only how many of them are shown: the scan is paid once a keyword.
        needle = keyword.casefold()
        known = self._hits.get((site, needle))
        if known is None:
            found: dict[str, Post] = {}
            for post in self._openings[site]:
                if needle in f"{post.title or ''}\n{post.text}".casefold() or post.repost_of in found:
                    found[post.id] = post
            known = list(found.values())
            if len(self._hits) >= CACHED_SEARCHES:
                self._hits.pop(next(iter(self._hits)), None)
            self._hits[site, needle] = known
        return known


def shown(posts: Sequence[Post], moment: float) -> Sequence[Post]:
    """Those of some posts in time order that are there at the moment."""
    return posts[: bisect_right(posts, moment, key=lambda post: post.at)]
