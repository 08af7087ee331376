"""Threads that fill several pages, and in which order they are read."""

from dataclasses import dataclass

from crawlers.source import Gate


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands in its row of pages."""

    current: int
    total: int


def onward(where: Pages) -> tuple[int, Gate] | None:
    """The page to read after this one: from the first to the last one, and from there back while there is news."""
    if where.current == 1:
        return (where.total, Gate.ALWAYS) if where.total > 1 else None
    return (where.current - 1, Gate.NEWS) if where.current > 2 else None  # noqa: PLR2004 - the first is read
