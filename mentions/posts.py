"""Mentions in the store: what recording a page changed, what can be asked, and what is found."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mentions.types import Author, Engagement, HotRank, Label, Mention, Observation, Score


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a page changed: ids never seen before, and how many posts were on it.

    `refused` are those that were not stored, because their authors asked to be forgotten.
    """

    new: tuple[str, ...]
    seen: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What an analyst asks of the store; every field narrows. `text` is matched as a phrase, word by word."""

    text: str = ""
    brand: str | None = None
    platform: str | None = None
    label: Label | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_negativity: float | None = None
    originals: bool = False
    """Without copies and reposts of other mentions."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with the latest that is known of it."""

    mention: Mention
    engagement: Engagement | None
    score: Score | None
    hot: HotRank | None = None
    """Where it stood last, if it is an entry of a hot list."""


class Posts(ABC):
    """Mentions, their authors, their counts over time, and their scores."""

    @abstractmethod
    def record(self, page: Sequence[Observation]) -> Recorded:
        """Store what a page showed, all or nothing; not `durable` (see Store.transaction): it can be read again.

        A post seen before is never duplicated: its author is refreshed, its counts are appended, and a longer
        text replaces one that was truncated (the earlier text is kept as a revision when it was not).
        New posts that mention a brand join the SCORE queue; posts that already have a score join JUDGE.
        Entries of a hot list that mention a brand always do, and those that the list no longer holds have left it.
        """

    @abstractmethod
    def get(self, mention_ids: Collection[str]) -> dict[str, Found]:
        """Those of the mentions that exist, with their latest counts and score."""

    @abstractmethod
    def whole(self, mention_ids: Collection[str]) -> set[str]:
        """Those of the mentions that are stored with their whole text."""

    @abstractmethod
    def record_authors(self, authors: Collection[Author], at: datetime) -> None:
        """Store what a page showed of accounts apart from any post; not `durable`, as `record`.

        Accounts of whom no post is stored are left out: nobody would ever delete them. What a page does not show
        (followers, verification) stays as it is known. Their posts of the day before that have a score join JUDGE,
        since how far a voice carries is a part of the judgement.
        """

    @abstractmethod
    def followed(self, authors: Collection[tuple[str, str]], since: datetime) -> set[tuple[str, str]]:
        """Those of the authors (platform and id) whose followers were told at or after `since`."""

    @abstractmethod
    def answered(self, mention_ids: Collection[str]) -> set[str]:
        """Those of the posts under which another post of their thread is stored."""

    @abstractmethod
    def engagements(self, mention_ids: Collection[str], since: datetime) -> dict[str, list[Engagement]]:
        """Snapshots taken at or after `since` and the last one before it, oldest first, by mention."""

    @abstractmethod
    def hot(self, mention_ids: Collection[str]) -> dict[str, list[HotRank]]:
        """Where entries of hot lists stood over time, oldest first, by mention; see `mentions.hot.last_stay`."""

    @abstractmethod
    def reposts_by(self, origin_ids: Collection[str]) -> dict[str, list[Mention]]:
        """The stored reposts of each post, those of the widest-followed authors first, at most 20 each."""

    @abstractmethod
    def add_brands(self, mention_id: str, brands: Sequence[str], at: datetime) -> None:
        """Let a post be one of these brands too, by a person's word; it joins the SCORE queue."""

    @abstractmethod
    def add_scores(self, scores: Iterable[Score]) -> None:
        """Store judgements and put their mentions into the JUDGE queue."""

    @abstractmethod
    def index(self) -> int:
        """Take the posts into the search index that are not in it yet, and say how many these were.

        `search`, `each` and `count` do that themselves. Whoever stored many does it so that they need not wait.
        """

    @abstractmethod
    def search(self, query: Search) -> list[Found]:
        """Newest first. A two-character Chinese word finds every post that contains it."""

    @abstractmethod
    def each(self, query: Search) -> Iterator[Found]:
        """All that `search` would find without its limit, in the order they were first seen.

        A few hundred are held at a time, and nothing is locked while the caller is at work.
        """

    @abstractmethod
    def count(self, query: Search) -> int:
        """How many mentions `search` would find without its limit."""
