"""Reading CSV of any make: one bad line is one bad row, and nothing grows with the file."""

import csv
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from mentions.exchange.columns import key, unsafe
from mentions.exchange.encoding import MARK, SAMPLE, encoding_of, lines_of, opened
from mentions.exchange.failures import Reason
from mentions.exchange.mapping import shipped
from mentions.exchange.rows import HEADER_WITHIN, Bad, Line
from mentions.text import REPLACEMENT

LONGEST = 4 * 1024 * 1024
"""Characters of one record: a post of 10 MB in Chinese still fits."""
KEPT = 10_000
"""Characters of a line that cannot be read that are kept in the file of rejected rows."""
DELIMITERS = ",\t;|"


class Lines:
    """The physical lines of a file, fed to the csv module, of which the last ones can be given back."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._file.readline(LONGEST + 1)
        self._size += len(line)
        if not line or self._size > LONGEST:
            if line:
                self._back.appendleft(line)
            raise StopIteration
        self.taken.append(line)
        self.number += 1
        return line

    def begin(self) -> None:
        """A new record begins."""
        self.taken, self._size = [], 0

    def give_back(self) -> str:
        """All lines of the record but its first, which is returned."""
        first, *others = self.taken
        self._back.extendleft(reversed(others))
        self.number -= len(others)
        return first

    def skip_long(self) -> str | None:
        """Pass over the line that is longer than a record may be; its beginning, or None where the file ends."""
        if not self._back:
            return None
        begin = line = self._back.popleft()
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(LONGEST)
        self.number += 1
        return begin


def csv_lines(path: Path, encoding: str | None = None) -> Iterator[Line | Bad]:
    """The records of a CSV file."""
    encoding = encoding or encoding_of(path)
    csv.field_size_limit(LONGEST)
    with opened(path) as file:
        sample = lines_of(file, encoding).read(SAMPLE)
    with opened(path) as file:
        yield from records(Lines(lines_of(file, encoding)), sniff(sample), encoding)


def records(lines: Lines, delimiter: str, encoding: str) -> Iterator[Line | Bad]:
    """Records with the number of the line each begins on.

    A quote that is never closed would swallow the rest of the file: the line it stands on is set aside, and
    reading goes on with the next one. So is a record over several lines whose cells are more than the header's.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    width = 0
    while True:
        lines.begin()
        start = lines.number + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield Bad(start, _why(error), clean(lines.give_back()))
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if values is None:
            beginning = lines.skip_long()
            if beginning is None:
                return
            long = Reason("it is longer than {n} characters", {"n": f"{LONGEST:,}"})
            yield Bad(start, long, clean(beginning))
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if len(lines.taken) > 1 and 1 < width != len(values):
            misplaced = Reason("a quote on it is not closed, or stands in the wrong place")
            yield Bad(start, misplaced, clean(lines.give_back()))
            continue
        width = max(width, len(values)) if start <= HEADER_WITHIN else width
        if any(MARK in line for line in lines.taken):
            broken = Reason("it holds bytes that are no {encoding}", {"encoding": encoding})
            yield Bad(start, broken, clean("".join(lines.taken)))
            continue
        yield Line(start, values)


def _why(error: csv.Error) -> Reason:
    said = str(error)
    if "end of data" in said:
        return Reason("a quote on it is not closed")
    if "expected after" in said:
        return Reason("a quote stands inside a quoted cell")
    return Reason("it cannot be read: {why}", {"why": said})


def clean(text: str) -> str:
    """A line as it can be kept: broken bytes shown as U+FFFD."""
    return text[:KEPT].rstrip("\r\n").replace(MARK, REPLACEMENT)


def sniff(sample: str) -> str:
    """The delimiter with which most known columns are found at the top; else the one that makes most cells."""
    known = {key(name) for m in shipped() for cs in m.keys.values() for names in cs for name in names}
    lines = sample.splitlines()[:HEADER_WITHIN]

    def found(delimiter: str) -> tuple[int, int]:
        rows = [line_cells(line, delimiter) for line in lines]
        most = max((sum(key(cell) in known for cell in row) for row in rows), default=0)
        return most, len(rows[0]) if rows else 0

    return max(DELIMITERS, key=found)


def line_cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line by itself, as well as can be said."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def unhidden(line: Line) -> Line:
    """The line of a file that we wrote, without the apostrophes that kept formulas from running."""
    return Line(line.number, [unsafe(v) if isinstance(v, str) else v for v in line.values], line.sheet)
