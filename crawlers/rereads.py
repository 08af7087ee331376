"""Another look at suspect posts: which pages show them, and which of the claimed rows are settled."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawlers.source import Fetch, Source
from mentions.store import Store, Task, reread

AT_ONCE = 50
"""Rows claimed by one visit at most."""
OUR_FAULT_LIMIT = 5
"""A page that our parser cannot read is set aside after this many attempts."""
SITE_FAULT_LIMIT = 300
"""A site that blocks us is asked again for about a day before its posts are set aside."""
RETRY_AFTER = timedelta(minutes=5)
FIRST = 10
"""Suspect posts go before the search for new ones: they are why somebody waits."""


@dataclass(slots=True)
class Rereads:
    """The rows claimed for one visit, by the address that shows their posts."""

    store: Store
    owner: str
    waiting: dict[str, list[Task]] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)

    def claim(self, name: str, source: Source, now: datetime, lease: timedelta) -> None:
        """Take what is due. As many as can be asked for, politely, before half of the lease is over."""
        seconds = max(source.delay.total_seconds(), 0.1)
        limit = max(1, min(AT_ONCE, int(lease.total_seconds() / 2 / seconds)))
        tasks = self.store.tasks.claim(reread(name), owner=self.owner, now=now, lease=lease, limit=limit)
        found = self.store.posts.get([task.mention_id for task in tasks]) if tasks else {}
        pointless = []
        for task in tasks:
            known = found.get(task.mention_id)
            fetch = source.reread(known.mention) if known else None
            if fetch is None:
                pointless.append(task)  # nothing can be seen of it: it is gone from the store, or has no page
                continue
            if fetch.url not in self.waiting:
                self.fetches.append(fetch)
            self.waiting.setdefault(fetch.url, []).append(task)
        if pointless:
            self.store.tasks.done(pointless, owner=self.owner)

    def done(self, url: str) -> None:
        """The page was read, or the post is gone: its rows are finished."""
        if tasks := self.waiting.pop(url, None):
            self.store.tasks.done(tasks, owner=self.owner)

    def failed(self, url: str, error: str, now: datetime, *, our_fault: bool) -> None:
        """The page could not be read: its rows come back a little later."""
        for task in self.waiting.pop(url, ()):
            self.store.tasks.failed(
                task,
                owner=self.owner,
                error=error,
                retry_at=now + RETRY_AFTER,
                give_up_after=OUR_FAULT_LIMIT if our_fault else SITE_FAULT_LIMIT,
            )

    def release(self) -> None:
        """Give back what this visit did not come to."""
        tasks = [task for listed in self.waiting.values() for task in listed]
        self.waiting.clear()
        if tasks:
            self.store.tasks.release(tasks, owner=self.owner)
