"""Another look at suspect posts: which pages show them, and which of the claimed rows are settled."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from crawlers.conduct.budget import SHARE, Budget
from crawlers.conduct.hosts import site_of
from crawlers.source import Fetch, Source
from mentions.store import Store
from mentions.tasks import JUDGE, Task, reread
from mentions.types import Mention

CONFIRM_AFTER = timedelta(minutes=1)
"""A post that is not there is looked for once more: sites say so of posts that they check, too."""
REST = timedelta(seconds=30)
"""What is over the budget waits at least so long: it frees one request after the other."""
FIRST = 10
"""Suspect posts go before the search for new ones: they are why somebody waits."""


@dataclass(slots=True)
class Rereads:
    """The rows claimed for one visit, by the address that shows their posts. `share`: see `conduct.budget`."""

    at_once: ClassVar[int] = 50
    """Rows claimed by one visit at most."""
    our_fault_limit: ClassVar[int] = 5
    """A page that our parser cannot read is set aside after this many attempts."""
    site_fault_limit: ClassVar[int] = 300
    """A site that blocks us is asked again for about a day before its posts are set aside."""
    retry_after: ClassVar[timedelta] = timedelta(minutes=5)

    store: Store
    owner: str
    share: float = SHARE
    waiting: dict[str, list[Task]] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    _asked: Counter[str] = field(default_factory=Counter)
    _budget: Budget = field(default_factory=lambda: Budget(SHARE, timedelta()))

    def queue(self, name: str, source: Source) -> str:  # noqa: ARG002 - pictures ask for it
        """Where the rows of a source stand."""
        return reread(name)

    def page(self, source: Source, mention: Mention) -> Fetch | None:
        """What shows a post."""
        return source.reread(mention)

    def claim(self, name: str, source: Source, now: datetime, lease: timedelta) -> None:
        """Take what is due, the most dangerous first.

        As many as can be asked for, politely, before half of the lease is over, and as re-reading may ask of the
        host; the others are due when it may again.
        """
        self._budget = Budget(self.share, source.delay)
        seconds = max(source.delay.total_seconds(), 0.1)
        limit = max(1, min(self.at_once, int(lease.total_seconds() / 2 / seconds)))
        tasks = self.store.tasks.claim(
            self.queue(name, source), owner=self.owner, now=now, lease=lease, limit=limit, worst_first=True
        )
        found = self.store.posts.get([task.mention_id for task in tasks]) if tasks else {}
        known = [(task, found[task.mention_id].mention) for task in tasks if task.mention_id in found]
        asking = [(task, self.page(source, mention)) for task, mention in known]
        owed = self.store.runs.owed({site_of(fetch.url) for _, fetch in asking if fetch})
        left = {host: self._budget.left(owed.get(host), now) for host in {site_of(f.url) for _, f in asking if f}}
        # Nothing can be seen of the others: they are gone from the store, or have no page.
        pointless = [task for task in tasks if task.mention_id not in found]
        later: dict[str, list[Task]] = {}
        for task, fetch in asking:
            if fetch is None:
                pointless.append(task)
                continue
            host = site_of(fetch.url)
            if fetch.url not in self.waiting:
                if left[host] <= 0:
                    later.setdefault(host, []).append(task)
                    continue
                left[host] -= 1
                self.fetches.append(fetch)
            self.waiting.setdefault(fetch.url, []).append(task)
        if pointless:
            self.pass_on(pointless, now)
        for host, listed in later.items():
            planned = self._budget.after(owed.get(host), sum(site_of(f.url) == host for f in self.fetches), now)
            self._put_off(listed, max(self._budget.free_again(planned, now), now + REST))

    def pass_on(self, tasks: list[Task], now: datetime) -> None:  # noqa: ARG002 - pictures ask for it
        """What to do with rows of which the source has no page."""
        self.store.tasks.done(tasks, owner=self.owner)

    def _put_off(self, tasks: list[Task], until: datetime) -> None:
        with self.store.transaction():
            for task in tasks:
                self.store.tasks.put(task.queue, [task.mention_id], until, danger=task.danger)
            self.store.tasks.release(tasks, owner=self.owner)

    def uncounted(self, url: str, shown: Collection[str], now: datetime) -> None:
        """The page shows these posts without counts: those that it was asked for are judged all the same.

        Counts lead to judging, and that to the next look: without any, this would be the last one.
        """
        if seen := {task.mention_id for task in self.waiting.get(url, ())} & set(shown):
            self.store.tasks.put(JUDGE, sorted(seen), now)

    def done(self, url: str) -> None:
        """The page was read: its rows are finished."""
        if tasks := self.waiting.get(url):
            self.store.tasks.done(tasks, owner=self.owner)
            self._settled(url)

    def missed(self, url: str, now: datetime) -> None:
        """The page is not there. What a second look misses too is gone, and its rows are finished."""
        tasks = self.waiting.get(url)
        if not tasks:
            return
        with self.store.transaction():
            gone = self.store.fates.missed([task.mention_id for task in tasks], now)
            unsure = [task for task in tasks if task.mention_id not in gone]
            self.store.tasks.done([task for task in tasks if task.mention_id in gone], owner=self.owner)
            self._put_off(unsure, now + CONFIRM_AFTER)
        self._settled(url)

    def failed(self, url: str, error: str, now: datetime, *, our_fault: bool) -> None:
        """The page could not be read: its rows come back a little later."""
        for task in self.waiting.get(url, ()):
            self.store.tasks.failed(
                task,
                owner=self.owner,
                error=error,
                retry_at=now + self.retry_after,
                give_up_after=self.our_fault_limit if our_fault else self.site_fault_limit,
            )
        self._settled(url)

    def _settled(self, url: str) -> None:
        """Only after the store took it: a commit that has to step back is made once more."""
        self._asked[site_of(url)] += self.waiting.pop(url, None) is not None

    def release(self, now: datetime) -> None:
        """Give back what this visit did not come to, and write down what it asked for."""
        tasks = [task for listed in self.waiting.values() for task in listed]
        self.waiting.clear()
        asked, self._asked = +self._asked, Counter()
        if tasks:
            self.store.tasks.release(tasks, owner=self.owner)
        if asked:
            owed = self.store.runs.owed(asked)
            after = {host: self._budget.after(owed.get(host), n, now) for host, n in asked.items()}
            self.store.runs.owe(after)
