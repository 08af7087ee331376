"""Opening a file by its name: CSV, JSON lines or Excel, packed with gzip or not."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from mentions.exchange.columns import key
from mentions.exchange.csvfile import csv_lines, unhidden
from mentions.exchange.failures import NotReadable
from mentions.exchange.jsonl import Objects, json_lines
from mentions.exchange.mapping import OWN, MappingFile, detect, not_recognised
from mentions.exchange.rows import HEADER_WITHIN, REASON, Bad, Choose, Line, Row, Table

FORMATS = ".csv, .tsv, .jsonl, .ndjson, .xlsx; .csv.gz, .jsonl.gz"


def kind_of(path: Path) -> str:
    """csv, jsonl or xlsx; NotReadable where the name says none of them."""
    suffix = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
    kinds = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    found = kinds.get(suffix.lower())
    if found is None and suffix.lower() in {".xlsx", ".xlsm", ".xls"} and path.suffix.lower() != ".gz":
        found = "xlsx"
    if found is None:
        raise NotReadable(f"{path}: the format is told by the name, and this one is none of {FORMATS}.")
    return found


class OpenedFile:
    """A file whose shape is known: its mapping, its columns, and its rows, which can be read once."""

    def __init__(self, path: Path, mapping: MappingFile | None = None, encoding: str | None = None) -> None:
        self.path, self.kind = path, kind_of(path)
        if not path.is_file():
            raise NotReadable(f"{path} is {'no file' if path.exists() else 'not there'}.")

        def choose(header: frozenset[str]) -> MappingFile | None:
            if mapping is None:
                return detect(header)
            return mapping if mapping.can_read(header) else None

        self._source = self._read(choose, encoding)
        rows = iter(self._source)
        first = list(islice(rows, 1))  # reads as far as the header
        if self._source.mapping is None:
            if not self._source.first_line:
                bad = self._source.first_bad
                why = f" that can be read: line {bad.number}: {bad.reason}" if bad else ""
                raise NotReadable(f"{path} holds no rows{why}.")
            raise not_recognised(str(path), self._source.first_line, mapping)
        self.mapping = self._source.mapping
        self._rows = chain(first, rows)

    def _read(self, choose: Choose, encoding: str | None) -> Table | Objects:
        if self.kind == "jsonl":
            return Objects(json_lines(self.path), choose)
        if self.kind == "xlsx":
            from mentions.exchange.excel import excel_lines  # noqa: PLC0415 - openpyxl takes 0.2 s to load

            return Table(excel_lines(self.path), choose)
        return Table(_csv(csv_lines(self.path, encoding)), choose)

    @property
    def header(self) -> tuple[str, ...]:
        """The columns as the file names them; none in JSON lines."""
        return self._source.header

    @property
    def keys(self) -> frozenset[str]:
        """The compared names of the columns that all its rows have; none where they may differ."""
        return frozenset(map(key, self.header)) if self.kind == "csv" else frozenset()

    @property
    def skipped(self) -> list[str]:
        """Sheets without these columns, so far."""
        return self._source.skipped

    def __iter__(self) -> Iterator[Row | Bad]:
        return self._rows


def _csv(lines: Iterator[Line | Bad]) -> Iterator[Line | Bad]:
    """What we wrote ourselves comes back as it was: the apostrophes before formulas go."""
    top = list(islice(lines, HEADER_WITHIN))
    headers = [frozenset(map(key, line.values)) for line in top if isinstance(line, Line)]
    ours = any(OWN.fits(header) or REASON in header for header in headers)
    for line in chain(top, lines):
        yield unhidden(line) if ours and isinstance(line, Line) else line
