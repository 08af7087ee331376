"""What one visit sees of each query: how far back it reached, which posts it showed, and where it ended."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crawlers.source import Fetch, Page
from mentions.looks import NOT_MODIFIED, Look
from mentions.types import Observation
from mentions.windows import falling_run

NOT_ASKED = "not asked"
"""How a look ends whose next page was not asked for any more."""


@dataclass(slots=True)
class _Open:
    """A look under way. `times` are those of the list's entries, `posts` the ids of those that are posts."""

    at: datetime
    brand: str | None
    pages: int = 0
    shown: int = 0
    new: int = 0
    cap_hit: bool = False
    outcome: str = ""
    times: list[datetime] = field(default_factory=list)
    posts: dict[str, None] = field(default_factory=dict)


class Looking:
    """The looks of one visit, by their query."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def read(
        self, fetch: Fetch, page: Page, new: Collection[str], follow: Collection[Fetch], at: datetime
    ) -> None:
        """A page of a query was read: `new` are the posts never seen before, `follow` what is gone on to."""
        if fetch.query is None or fetch.sought:
            return
        look = self._open.setdefault(fetch.query, _Open(at, fetch.brand))
        posts = in_list(page)
        look.pages += 1
        look.outcome = page.outcome.value
        look.cap_hit |= page.cap_hit and bool(new or follow)
        if posts:
            look.shown += len(posts)
            look.new += sum(o.mention.id in new for o in posts)
            look.posts |= dict.fromkeys(o.mention.id for o in posts)
            look.times += [o.mention.published for o in posts if o.mention.published is not None]
        else:  # a list of threads: what stands in them is read there
            threads = [f.changed for f in page.follow if f.changed is not None]
            look.shown += len(threads)
            look.new += sum(f.changed is not None for f in follow)
            look.times += threads

    def unchanged(self, fetch: Fetch, at: datetime) -> None:
        """The site says that a page of a query is the one that we read last time."""
        if fetch.query is not None:
            self._open.setdefault(fetch.query, _Open(at, fetch.brand)).outcome = NOT_MODIFIED

    def ended(self, fetch: Fetch, reason: str | None, at: datetime) -> None:
        """A page of a query could not be read, or was not asked for."""
        if fetch.query is not None and not fetch.sought:
            self._open.setdefault(fetch.query, _Open(at, fetch.brand)).outcome = reason or NOT_ASKED

    def looks(self, source: str, run: int, *, interrupted: bool) -> Iterator[Look]:
        """What they came to."""
        for query, look in self._open.items():
            run_of_times = [look.times[i] for i in falling_run(look.times)]
            yield Look(
                source=source,
                query=query,
                at=look.at,
                run=run,
                pages=look.pages,
                shown=look.shown,
                known=look.shown - look.new,
                oldest=run_of_times[-1] if run_of_times else None,
                newest=run_of_times[0] if run_of_times else None,
                cap_hit=look.cap_hit,
                brand=look.brand,
                outcome=NOT_ASKED if interrupted else look.outcome,
                posts=tuple(look.posts)
                if look.times
                else (),  # without times they tell nothing of what was missed
            )


def in_list(page: Page) -> list[Observation]:
    """The posts that a list itself holds, in its order: without those that a repost on it passes on."""
    if page.listed is not None:
        return [o for o in page.observations if o.mention.id in page.listed]
    passed_on = {o.mention.repost_of for o in page.observations}
    return [o for o in page.observations if o.mention.id not in passed_on]
