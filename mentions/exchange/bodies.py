"""Rows of a body that somebody sent: a JSON array, one object, or JSON lines."""

from collections.abc import Iterator

from mentions.exchange.failures import NotReadable
from mentions.exchange.jsonl import Objects, loads, row_of, value_row
from mentions.exchange.mapping import MappingFile, detect, not_recognised
from mentions.exchange.rows import Bad, Row


class Body:
    """A body whose shape is known: its mapping, and its rows, which can be read once.

    NotReadable where it is no JSON at all; NotRecognised where no mapping fits.
    """

    def __init__(self, content: bytes, mapping: MappingFile | None = None) -> None:
        def choose(header: frozenset[str]) -> MappingFile | None:
            if mapping is None:
                return detect(header)
            return mapping if mapping.can_read(header) else None

        source = Objects(_rows(content), choose)
        self.rows: list[Row | Bad] = list(source)
        self.mapping = source.mapping
        if source.mapping is None:
            if source.first_bad is not None and not source.first_line:
                bad = source.first_bad
                raise NotReadable(f"The body holds no row that can be read: row {bad.number}: {bad.reason}.")
            if source.first_line:
                raise not_recognised("The body", source.first_line, mapping)


def _rows(content: bytes) -> Iterator[Row | Bad]:
    """An array's elements are counted from 1; of lines the numbers are theirs."""
    body = content.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"["):
        try:
            listed = loads(body)
        except (ValueError, RecursionError):
            raise NotReadable("The body begins like a JSON array and is none.") from None
        yield from (value_row(number, value) for number, value in enumerate(listed, 1))
        return
    try:
        one = loads(body) if body else None
    except (ValueError, RecursionError):
        lines = enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
        yield from (row_of(number, line) for number, line in lines if line.strip())
    else:
        if one is not None:
            yield value_row(1, one)
