"""How the two databases say the same of mentions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
WHEN = "coalesce(m.published, m.first_seen)"
AUTHORS = "LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id"
CHUNK = 900
"""Ids in one statement: SQLite allowed 999 variables for a long time."""


@dataclass(frozen=True, slots=True)
class Words:
    """How the two databases say the same of mentions."""

    by_id: str
    """The tables that lead from a mention's id to its row `m`."""
    id: str
    """The id in them."""
    of_mention: str
    """Whether a row of table {0} belongs to the mention `m`."""
    same: str
    """Whether rows of the tables {0} and {1} belong to one mention."""
    joined_brands: str
    """The brands of a mention in one column."""
    key: tuple[str, ...]
    """The columns of a mention's key: `n`, and `first_seen` where tables are partitioned by it."""

    @property
    def seen_order(self) -> tuple[str, ...]:
        """The columns of `m` in whose order mentions were first seen."""
        return self.key[::-1]

    def columns(self) -> str:
        """What `rows.mention` reads."""
        return f"""
            m.n, m.id, m.platform, m.source, m.url, m.title, m.text, m.author_platform, m.author_id, m.published,
            m.first_seen, m.repost_of, m.thread, m.region, m.truncated,
            (SELECT {self.joined_brands} FROM mention_brand b WHERE {self.of_mention.format("b")}) AS brands,
            a.name AS author_name, a.followers, a.followers_at_least, a.verified, a.verified_type,
            a.verified_reason
        """

    def within(self, table: str, keys: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
        """A condition that spares PostgreSQL the partitions in which none of these keys can be, and its values."""
        if "first_seen" not in self.key or not keys:
            return "", []
        seen = [key[1] for key in keys]
        return f" AND {table}.first_seen BETWEEN ? AND ?", [min(seen), max(seen)]

    def latest(self, table: str) -> str:
        """When the last row of a mention in a table was written."""
        return f"(SELECT max(x.at) FROM {table} x WHERE {self.of_mention.format('x')})"


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """A statement's worth of values at a time."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
