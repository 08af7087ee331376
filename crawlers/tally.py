"""What one visit to a source has come to so far; in the end it is the row of the run."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from crawlers.source import Page
from mentions.store import Recorded
from mentions.types import CrawlRun

INTERRUPTED = "interrupted"


@dataclass(slots=True)
class Tally:
    """Counts of one visit. A page counts in `pages` when it was read, in `blocked` when it was not."""

    pages: int = 0
    seen: int = 0
    new: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    cap_hit: bool = False
    newest: datetime | None = None
    oldest: datetime | None = None
    error: str | None = None
    notes: list[str] = field(default_factory=list)
    first_block: str | None = None

    def read(self, page: Page, recorded: Recorded, followed: int) -> None:
        """Count a page that was read and stored. A cap is hit where the last page allowed still held news."""
        self.pages += 1
        self.seen += recorded.seen
        self.new += len(recorded.new)
        self.cap_hit |= page.cap_hit and bool(recorded.new or followed)
        published = [o.mention.published for o in page.observations if o.mention.published is not None]
        if published:
            self.newest = max(published) if self.newest is None else max(*published, self.newest)
            self.oldest = min(published) if self.oldest is None else min(*published, self.oldest)

    def block(self, reason: str, detail: str) -> None:
        """Count a page that we were kept from reading."""
        self.blocked[reason] = self.blocked.get(reason, 0) + 1
        self.first_block = self.first_block or detail

    def note(self, words: str) -> None:
        """Remember what a reader of the run should know, once."""
        if words not in self.notes:
            self.notes.append(words)

    def run(self, started: CrawlRun, at: datetime) -> CrawlRun:
        """The finished row."""
        error = self.error
        if error is None and not self.pages and self.first_block:
            error = f"No page could be read. {self.first_block}"
        if error is None and not self.pages and INTERRUPTED not in self.notes:
            error = "Nothing was asked for: the configuration names nothing that this source could look for."
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
            error=error,
            note="; ".join(self.notes) or None,
        )
