"""Looking for the words of a watched post on whatever can search, so that copies of it come to light."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crawlers.source import Fetch, Page, Source
from mentions.brands import Brand
from mentions.fingerprints import letters
from mentions.runs import CrawlRun
from mentions.sought import Sought

LAST = -1
"""The priority of such a search: what the brands ask for goes first."""
EVERY = timedelta(minutes=10)
"""How often a source looks for the same words, at most: each costs it a request."""
LOOKED = "looked for the words of watched posts"
"""What the row of a run notes that did."""


def due(sought: Sequence[Sought], before: Sequence[CrawlRun], at: datetime) -> list[str]:
    """The words that a visit looks for: all, where one is new, or no run before looked in the last ten minutes."""
    last = max((run.started for run in before if LOOKED in (run.note or "")), default=None)
    if last is not None and at - last < EVERY and all(s.at <= last for s in sought):
        return []
    return [s.words for s in sought]


def searches(source: Source, brands: Sequence[Brand], words: Sequence[str]) -> list[Fetch]:
    """The pages that a visit would begin with for these words, and not without them; none if it cannot search."""
    if not words:
        return []
    usual = {fetch.url for fetch in source.start(brands)}
    asked = source.start([Brand("", search=tuple(dict.fromkeys(words)))])
    return [replace(fetch, sought=True, priority=LAST) for fetch in asked if fetch.url not in usual]


def first_page(fetch: Fetch, page: Page) -> Page:
    """What is taken of a page: of a search for such words not the further pages, and its end is no cap."""
    if not fetch.sought:
        return page
    return replace(page, follow=tuple(f for f in page.follow if f.query is None), cap_hit=False)


def whose(text: str, sought: Sequence[Sought]) -> tuple[str, ...]:
    """The brands of the watched posts whose words stand in a text, also where it names none of them."""
    if not sought:
        return ()
    said = letters(text)
    return tuple(dict.fromkeys(s.brand for s in sought if letters(s.words) in said))
