"""Parquet for DuckDB and pandas: one file a month, typed, written as a stream."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentions.exchange.failures import NotWritable, ParquetMissing
from mentions.exchange.files import whole_file
from mentions.posts import Found

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1_000
BATCH_CHARACTERS = 4 * 1024 * 1024
ROW_GROUP = 25_000
HELD = 24 * 1024 * 1024
"""Bytes that wait, over all months, before the largest of them is written."""


@dataclass(slots=True)
class Month:
    """A month's file while it is written."""

    writer: Any
    rows: list[dict[str, Any]] = field(default_factory=list)
    characters: int = 0
    batches: list[Any] = field(default_factory=list)
    held: int = 0
    waiting: int = 0


class MonthlyParquet:
    """Writes each mention into the file of its month (published, else first seen; UTC)."""

    def __init__(self, folder: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as error:
            raise ParquetMissing from error
        self._arrow, self._parquet, self._folder = pa, pq, folder
        self._schema = schema()
        self._months: dict[str, Month] = {}
        self._held = 0
        self._open = ExitStack()

    def write(self, mentions: Iterable[Found]) -> dict[str, int]:
        """Write all; the names of the files and how many mentions each holds. They appear when all are whole."""
        written: dict[str, int] = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotWritable(f"{self._folder} cannot be written: {error.strerror}.") from error
        with self._open:
            for found in mentions:
                at = (found.mention.published or found.mention.first_seen).astimezone(UTC)
                name = f"mentions-{at:%Y-%m}.parquet"
                month = self._months.get(name) or self._begin(name)
                month.rows.append(row(found))
                month.characters += len(found.mention.text)
                written[name] = written.get(name, 0) + 1
                if len(month.rows) >= BATCH or month.characters >= BATCH_CHARACTERS:
                    self._batch(month)
            for month in self._months.values():
                self._batch(month)
                self._flush(month)
        return dict(sorted(written.items()))

    def _begin(self, name: str) -> Month:
        part = self._open.enter_context(whole_file(self._folder / name))
        writer = self._parquet.ParquetWriter(part, self._schema, compression="zstd")
        self._months[name] = Month(self._open.enter_context(writer))
        return self._months[name]

    def _batch(self, month: Month) -> None:
        """Turn rows into columns, which are many times smaller."""
        if not month.rows:
            return
        batch = self._arrow.RecordBatch.from_pylist(month.rows, schema=self._schema)
        month.batches.append(batch)
        month.rows, month.characters = [], 0
        month.waiting += batch.num_rows
        month.held += batch.nbytes
        self._held += batch.nbytes
        if month.waiting >= ROW_GROUP:
            self._flush(month)
        while self._held > HELD:
            self._flush(max(self._months.values(), key=lambda m: m.held))

    def _flush(self, month: Month) -> None:
        if month.batches:
            table = self._arrow.Table.from_batches(month.batches, self._schema)
            month.writer.write_table(table, row_group_size=ROW_GROUP)
        self._held -= month.held
        month.batches, month.held, month.waiting = [], 0, 0


def schema() -> "pa.Schema":
    """The columns of a file; times are UTC, counts and scores the latest."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    moment, words = pa.timestamp("us", tz="UTC"), pa.list_(pa.string())
    return pa.schema(
        [
            *((name, pa.string()) for name in ("id", "platform", "source")),
            ("brands", words),
            ("published", moment),
            ("first_seen", moment),
            *((name, pa.string()) for name in ("author_platform", "author_id", "author_name")),
            ("author_followers", pa.int64()),
            ("author_verified", pa.bool_()),
            ("author_verified_type", pa.int32()),
            *((name, pa.string()) for name in ("title", "text", "url", "region", "repost_of", "thread")),
            ("truncated", pa.bool_()),
            ("counted_at", moment),
            *((name, pa.int64()) for name in ("reposts", "comments", "likes", "views")),
            ("at_least", words),
            ("negativity", pa.float64()),
            ("label", pa.string()),
            ("model", pa.string()),
            ("negative_words", words),
            ("hot_rank", pa.int64()),
            ("hot_heat", pa.int64()),
            ("hot_tag", pa.string()),
        ]
    )


def row(found: Found) -> dict[str, Any]:
    """A mention under the columns of `schema`."""
    mention, counts, score, author = found.mention, found.engagement, found.score, found.mention.author
    return {
        **{name: getattr(mention, name) for name in ("id", "platform", "source", "published", "first_seen")},
        **{name: getattr(mention, name) for name in ("title", "text", "url", "region", "repost_of", "thread")},
        "truncated": mention.truncated,
        "brands": list(mention.brands),
        "author_platform": author and author.platform,
        "author_id": author and author.id,
        "author_name": author and author.name,
        "author_followers": author and author.followers,
        "author_verified": author and author.verified,
        "author_verified_type": author and author.verified_type,
        "counted_at": counts and counts.at,
        **{name: counts and getattr(counts, name) for name in ("reposts", "comments", "likes", "views")},
        "at_least": [*(sorted(counts.at_least) if counts else ()), *_bound_followers(found)],
        "negativity": score and score.negativity,
        "label": score and score.label.value,
        "model": score and score.model,
        "negative_words": list(score.words) if score else None,
        **{f"hot_{name}": found.hot and getattr(found.hot, name) for name in ("rank", "heat", "tag")},
    }


def _bound_followers(found: Found) -> list[str]:
    author = found.mention.author
    return ["author_followers"] if author and author.followers_at_least else []
