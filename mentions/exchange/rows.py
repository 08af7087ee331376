"""What every reader gives: rows that were read and rows that could not be, each with its place in the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import Any

from mentions.exchange.columns import key, unique
from mentions.exchange.failures import Reason
from mentions.exchange.mapping import MappingFile

HEADER_WITHIN = 10
"""Rows at the top of a table among which its header is looked for: some exports begin with a caption."""
REASON = "_reason"
"""The column that a file of rejected rows has, and no other file."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a table, before anybody knows its columns. `number` is that of the line it begins on."""

    number: int
    values: Sequence[Any]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the compared names of its columns (`cells`), and as it was given."""

    number: int
    cells: Mapping[str, Any]
    given: Mapping[str, Any]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is set aside, why, and what it held: cells, or the text of a line that has none."""

    number: int
    reason: Reason
    given: Mapping[str, Any] | str
    sheet: str | None = None


Choose = Callable[[frozenset[str]], MappingFile | None]
"""Which mapping a header calls for; None where it is no header."""


class Table:
    """Rows of a table whose header is found on the way: iterate, then ask what it was.

    A further sheet is read when it has the same columns; others are named in `skipped`.
    """

    def __init__(self, lines: Iterable[Line | Bad], choose: Choose) -> None:
        self._lines, self._choose = lines, choose
        self.mapping: MappingFile | None = None
        self.header: tuple[str, ...] = ()
        self.first_line: tuple[str, ...] = ()
        self.skipped: list[str] = []
        self.first_bad: Bad | None = None

    def __iter__(self) -> Iterator[Row | Bad]:
        for sheet, group in groupby(self._lines, key=lambda line: line.sheet):
            lines = iter(group)
            top = list(islice(lines, HEADER_WITHIN))
            found = self._header(top)
            if found is not None:
                yield from self._rows(found, chain(top, lines))
            elif sheet is None:
                return
            else:
                self.skipped.append(sheet)

    def _header(self, top: Sequence[Line | Bad]) -> Line | None:
        for line in top:
            if isinstance(line, Bad):
                self.first_bad = self.first_bad or line
                continue
            names = tuple("" if value is None else str(value) for value in line.values)
            self.first_line = self.first_line or names
            mapping = self._choose(frozenset(map(key, names)))
            if mapping is not None and (self.mapping is None or self.mapping is mapping):
                self.mapping = mapping
                self.header = self.header or tuple(unique(names))
                return line
        return None

    def _rows(self, header: Line, lines: Iterable[Line | Bad]) -> Iterator[Row | Bad]:
        names = unique(header.values)
        keys = [key(name) for name in names]
        for line in lines:
            if line.number <= header.number:
                continue
            if isinstance(line, Bad):
                yield line
            elif any(value not in {None, ""} for value in line.values if isinstance(value, str | None)) or any(
                not isinstance(value, str | None) for value in line.values
            ):
                yield self._row(line, names, keys)

    def _row(self, line: Line, names: list[str], keys: list[str]) -> Row | Bad:
        values = line.values
        given = dict(zip(names, values, strict=False))
        if len(values) > len(names) and any(value not in {None, ""} for value in values[len(names) :]):
            more = [str(value) for value in values[len(names) :]]
            reason = Reason("it has {n} cells, the header has {wanted}", {"n": len(values), "wanted": len(names)})
            return Bad(line.number, reason, given | {"_raw": "|".join(more)}, line.sheet)
        if len(values) == 1 < len(names):
            reason = Reason("it has 1 cell, the header has {wanted}", {"wanted": len(names)})
            return Bad(line.number, reason, given, line.sheet)
        return Row(line.number, dict(zip(keys, values, strict=False)), given, line.sheet)
