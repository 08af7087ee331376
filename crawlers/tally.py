"""What one visit to a source has come to so far; in the end it is the row of the run."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from crawlers.source import Page
from mentions.posts import Recorded
from mentions.runs import CrawlRun

INTERRUPTED = "interrupted"


@dataclass(slots=True)
class Tally:
    """Counts of one visit. A page counts in `pages` when it was read, in `blocked` when it was not.

    `again` are those of `pages` that show posts known before: they do not tell whether new ones can be seen.
    """

    pages: int = 0
    again: int = 0
    seen: int = 0
    new: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    cap_hit: bool = False
    newest: datetime | None = None
    oldest: datetime | None = None
    error: str | None = None
    notes: list[str] = field(default_factory=list)
    first_block: str | None = None
    first_block_again: str | None = None

    def read(self, page: Page, recorded: Recorded, followed: int, *, again: bool = False) -> None:
        """Count a page that was read and stored. A cap is hit where the last page allowed still held news."""
        self.pages += 1
        if page.note:
            self.note(page.note)
        self.again += again
        self.seen += recorded.seen
        self.new += len(recorded.new)
        self.cap_hit |= page.cap_hit and bool(recorded.new or followed)
        published = [o.mention.published for o in page.observations if o.mention.published is not None]
        if published:
            self.newest = max(published) if self.newest is None else max(*published, self.newest)
            self.oldest = min(published) if self.oldest is None else min(*published, self.oldest)

    def block(self, reason: str, detail: str, *, again: bool = False) -> None:
        """Count a page that we were kept from reading."""
        self.blocked[reason] = self.blocked.get(reason, 0) + 1
        if again:
            self.first_block_again = self.first_block_again or detail
        else:
            self.first_block = self.first_block or detail

    def note(self, words: str) -> None:
        """Remember what a reader of the run should know, once."""
        if words not in self.notes:
            self.notes.append(words)

    def run(self, started: CrawlRun, at: datetime) -> CrawlRun:
        """The finished row."""
        return replace(
            started,
            finished=at,
            pages=self.pages,
            seen=self.seen,
            new=self.new,
            blocked=dict(self.blocked),
            cap_hit=self.cap_hit,
            newest=self.newest,
            oldest=self.oldest,
            error=self._error(started.kind),
            note="; ".join(self.notes) or None,
        )

    def _error(self, kind: str) -> str | None:
        """Why the visit failed as a whole. A crawl that read nothing but known posts has seen nothing new."""
        if self.error or self.pages > (self.again if kind == "crawl" else 0):
            return self.error
        but = ", but for posts looked at again" if self.pages else ""
        if block := self.first_block or self.first_block_again:
            return f"No page could be read{but}. {block}"
        if INTERRUPTED in self.notes:
            return f"Interrupted before a page was read{but}." if self.pages else None
        return "Nothing was asked for: the configuration names nothing that this source could look for."
