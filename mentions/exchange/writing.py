"""Writing mentions: CSV, JSON lines and Excel that are safe to open, one mention at a time."""

import csv
import gzip
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from mentions.exchange.columns import COLUMNS, Cell, cells, record, safe
from mentions.exchange.failures import NotWritable
from mentions.exchange.files import whole_file
from mentions.posts import Found
from mentions.text import scrub

MOST_CHARACTERS = 32_767
"""Of an Excel cell, counted as UTF-16 does."""
MOST_ROWS = 1_048_576
"""Of an Excel sheet."""
EXACT = 2**53
"""Larger numbers lose digits in a spreadsheet, so they are written as text."""
SUFFIXES = ".csv, .jsonl, .ndjson, .xlsx, .csv.gz, .jsonl.gz"


@dataclass(slots=True)
class Written:
    """How many mentions a file holds, and how many texts Excel's limit has cut."""

    rows: int = 0
    cut: int = 0


class Writer(ABC):
    """One format."""

    @abstractmethod
    def write(self, found: Found) -> int:
        """Append a mention; how many of its texts were cut."""

    def close(self) -> None:  # noqa: B027 - most formats need no end
        """Write what ends the file."""


class CsvWriter(Writer):
    """UTF-8 with a byte-order mark, since Chinese Excel reads GBK otherwise, and no cell that is a formula."""

    def __init__(self, file: IO[str]) -> None:
        file.write("\ufeff")
        self._rows = csv.writer(file, lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def write(self, found: Found) -> int:
        """See Writer.write."""
        self._rows.writerow([_csv_cell(cell) for cell in cells(found)])
        return 0


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return safe(cell) if isinstance(cell, str) else cell


class JsonWriter(Writer):
    """One object a line."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, found: Found) -> int:
        """See Writer.write."""
        self._file.write(scrub(json.dumps(record(found), ensure_ascii=False)) + "\n")
        return 0


class ExcelWriter(Writer):
    """Texts are written as texts, never as formulas or links; a full sheet is followed by another."""

    def __init__(self, path: Path, rows_a_sheet: int = MOST_ROWS) -> None:
        import xlsxwriter  # noqa: PLC0415 - most commands write no Excel

        self._book = xlsxwriter.Workbook(
            str(path),
            {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        self._rows_a_sheet, self._sheets, self._row = rows_a_sheet, 0, rows_a_sheet
        self._sheet: Any = None

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet("mentions" if self._sheets == 1 else f"mentions-{self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            self._sheet.write_string(0, column, name)
        self._row = 1

    def write(self, found: Found) -> int:
        """See Writer.write."""
        if self._row >= self._rows_a_sheet:
            self._begin_sheet()
        row = cells(found)
        short = [excel_text(cell) if isinstance(cell, str) else cell for cell in row]
        cut = sum(1 for before, after in zip(row, short, strict=True) if before != after)
        if cut:
            short[COLUMNS.index("truncated")] = True
        for column, cell in enumerate(short):
            self._write_cell(column, cell)
        self._row += 1
        return cut

    def _write_cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._row, column, cell)
        elif isinstance(cell, int | float) and abs(cell) <= EXACT:
            self._sheet.write_number(self._row, column, cell)
        elif cell is not None and cell != "":
            self._sheet.write_string(self._row, column, str(cell))

    def close(self) -> None:
        """Write the workbook."""
        if self._sheet is None:
            self._begin_sheet()
        self._book.close()


def excel_text(text: str) -> str:
    """As much of a text as a cell holds, with … where it was cut."""
    if len(text) * 2 <= MOST_CHARACTERS:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_CHARACTERS:
        return text
    return units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"


def check_suffix(path: Path) -> str:
    """csv, jsonl or xlsx; NotWritable where the name says none of them."""
    packed = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("").suffix if packed else path.suffix).lower()
    kind = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx"}.get(suffix)
    if kind is None or (packed and kind == "xlsx"):
        raise NotWritable(f"{path}: the format is told by the name, and this one is none of {SUFFIXES}.")
    return kind


def write_file(path: Path, mentions: Iterable[Found], kind: str | None = None) -> Written:
    """Write the mentions in the format that the name tells, or `kind`; the file appears when it is whole."""
    kind = kind or check_suffix(path)
    written = Written()
    with whole_file(path) as part, _writer(part, kind, packed=path.suffix.lower() == ".gz") as writer:
        for found in mentions:
            written.cut += writer.write(found)
            written.rows += 1
    return written


@contextmanager
def _writer(path: Path, kind: str, *, packed: bool) -> Iterator[Writer]:
    if kind == "xlsx":
        writer: Writer = ExcelWriter(path)
        yield writer
        writer.close()
        return
    opening = gzip.open if packed else open
    with cast("IO[str]", opening(path, "wt", encoding="utf-8", newline="")) as file:
        yield CsvWriter(file) if kind == "csv" else JsonWriter(file)
