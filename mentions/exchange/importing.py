"""Bringing rows into the store: page by page, so that nothing grows, and twice the same is once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mentions.exchange.becoming import Becoming
from mentions.exchange.failures import BadRow, NotReadable
from mentions.exchange.rows import Bad, Row
from mentions.posts import Posts
from mentions.types import Engagement, Observation

PAGE = 1_000
"""Rows in one transaction."""
PAGE_CHARACTERS = 4 * 1024 * 1024
SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What an import did. `known` were stored before; `counted` of them had newer or older counts to add.

    `refused` were not stored, because their author was erased.
    """

    rows: int = 0
    new: int = 0
    known: int = 0
    counted: int = 0
    refused: int = 0
    bad: int = 0
    first_bad: list[Bad] = field(default_factory=list)

    def set_aside(self, bad: Bad) -> None:
        """Count a bad row; the first few are shown."""
        self.bad += 1
        if len(self.first_bad) < SHOWN:
            self.first_bad.append(bad)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A row that became a mention; `counted` says that its file tells when the counts were collected."""

    observation: Observation
    counted: bool


def became(rows: Iterable[Row | Bad], becoming: Becoming) -> Iterator[Arrived | Bad]:
    """Each row as a mention, or why it is none."""
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        try:
            observation = becoming.observation(row.cells)
            yield Arrived(observation, counted=becoming.counted_at(row.cells) is not None)
        except BadRow as error:
            yield Bad(row.number, error.reason, row.given, row.sheet)


def bring_in(posts: Posts, rows: Iterable[Arrived | Bad], set_aside: Callable[[Bad], None]) -> Tally:
    """Store the rows. A mention that is stored already stays as it is; only counts of another time are added."""
    tally, page, size = Tally(), list[Arrived](), 0
    try:
        for row in rows:
            tally.rows += 1
            if isinstance(row, Bad):
                tally.set_aside(row)
                set_aside(row)
                continue
            page.append(row)
            size += len(row.observation.mention.text)
            if len(page) >= PAGE or size >= PAGE_CHARACTERS:
                _store(posts, page, tally)
                page, size = [], 0
    except NotReadable as error:
        _store(posts, page, tally)
        raise NotReadable(
            f"{error} Before that place: {tally.new} new posts, {tally.known} known already."
        ) from error
    _store(posts, page, tally)
    return tally


def _store(posts: Posts, page: list[Arrived], tally: Tally) -> None:
    first: dict[str, Observation] = {}
    for arrived in page:
        first.setdefault(arrived.observation.mention.id, arrived.observation)
    known = posts.get(first)
    recorded = posts.record([o for i, o in first.items() if i not in known])
    posts.index()
    refused = _refused(posts, page) if recorded.refused else 0
    tally.new += len(recorded.new)
    tally.refused += refused
    tally.known += len(page) - len(recorded.new) - refused
    tally.counted += _add_counts(
        posts,
        [
            counts
            for a in page
            if a.counted
            and (counts := a.observation.engagement) is not None
            and (counts.mention_id in known or first[counts.mention_id] is not a.observation)
        ],
    )


def _refused(posts: Posts, page: list[Arrived]) -> int:
    """Rows of a page just recorded that are not in the store: a post that stands on it twice is two."""
    stored = posts.get({a.observation.mention.id for a in page})
    return sum(1 for a in page if a.observation.mention.id not in stored)


def _add_counts(posts: Posts, snapshots: list[Engagement]) -> int:
    """Add counts of moments that have none yet; nothing else of their mentions changes."""
    if not snapshots:
        return 0
    ids = {snapshot.mention_id for snapshot in snapshots}
    listed = posts.engagements(ids, min(snapshot.at for snapshot in snapshots))
    taken = {(i, e.at) for i, stored in listed.items() for e in stored}
    fresh = {(s.mention_id, s.at): s for s in snapshots if (s.mention_id, s.at) not in taken}
    mentions = {i: found.mention for i, found in posts.get({i for i, _ in fresh}).items()}
    left = [s for s in fresh.values() if s.mention_id in mentions]
    added = len(left)
    while left:
        of_each = {s.mention_id: s for s in reversed(left)}  # a page holds a post once
        posts.record([Observation(mentions[i], s) for i, s in of_each.items()])
        left = [s for s in left if of_each[s.mention_id] is not s]
    return added
