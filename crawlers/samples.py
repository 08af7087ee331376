"""What a visit leaves of the pages themselves: refused answers, and what pages of each kind are built of."""

from dataclasses import dataclass, field, replace

from crawlers.conduct.secrets import Secrets
from crawlers.looking import in_list
from crawlers.reading.layout import FEWEST, compare, parts_of
from crawlers.source import Answer, Fetch, Page
from mentions.pages import LARGEST, Refusal, Shape
from mentions.store import Store

DRIFTED = "layout drift"
"""Under this reason a page is kept that could be read, but lacks what all before it had."""
NAMED = 8
"""Missing parts that are told."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer that is kept, and what was said of it. `entries`: so many posts or threads stand in its list."""

    fetch: Fetch
    answer: Answer
    detail: str = ""
    entries: int = 0


@dataclass(slots=True)
class Samples:
    """The pages of one visit that are kept: one of each refusal, and of each kind one that was read."""

    refused: dict[str, Sample] = field(default_factory=dict)
    read: dict[str, Sample] = field(default_factory=dict)

    def refusal(self, fetch: Fetch, answer: Answer, page: Page) -> None:
        """An answer was a refusal."""
        self.refused.setdefault(page.outcome.value, Sample(fetch, answer, page.detail))

    def sample(self, fetch: Fetch, answer: Answer, page: Page) -> None:
        """A page was read: the first of its kind that holds enough to be compared with others."""
        entries = len(in_list(page)) or sum(f.changed is not None for f in page.follow)
        if entries >= FEWEST:
            self.read.setdefault(fetch.kind, Sample(fetch, answer, entries=entries))

    def keep(self, name: str, secrets: Secrets, store: Store) -> None:
        """Write down what was seen."""
        refusals = [_refusal(name, secrets, reason, page) for reason, page in self.refused.items()]
        known = {shape.kind: shape for shape in store.pages.shapes([name])} if self.read else {}
        shapes = []
        for kind, page in self.read.items():
            at = page.answer.fetched_at
            before = known.get(kind, Shape(name, kind, at))
            found = parts_of(page.answer.body, page.entries)
            shape = compare(before, found, at) if found else before
            if replace(shape, at=before.at) != before:
                shapes.append(shape)
            if shape.changed:
                detail = f"Pages of this kind had {', '.join(shape.changed[:NAMED])}; this one has not."
                refusals.append(_refusal(name, secrets, DRIFTED, replace(page, detail=detail)))
        for refusal in refusals:
            store.pages.keep(refusal)
        if shapes:
            store.pages.put_shapes(shapes)


def _refusal(name: str, secrets: Secrets, reason: str, page: Sample) -> Refusal:
    """The page as it is kept: its beginning, without what the source's account is known by."""
    answer, body = page.answer, secrets.strip(page.answer.body)
    url, detail = secrets.hide(answer.url or page.fetch.url), secrets.hide(page.detail)
    size = len(answer.body)
    return Refusal(
        name, reason, answer.fetched_at, url, answer.status, page.fetch.kind, detail, size, body[:LARGEST]
    )
