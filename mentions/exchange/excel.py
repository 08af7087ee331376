"""Reading Excel as a stream: rows one by one, shared texts on disk, and nothing that unpacks without end."""

import re
import warnings
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, overload
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from openpyxl.cell.text import Text
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from mentions.exchange.failures import NotReadable
from mentions.exchange.rows import Bad, Line

MOST_ROWS = 1_048_576
LARGEST_PART = 16 * 1024 * 1024
"""Bytes of a part that is held as a whole: styles, names, properties."""
LARGEST_STREAM = 8 * 1024 * 1024 * 1024
SMALL, MOST_PACKED = 50 * 1024 * 1024, 150
"""A stream larger than SMALL that was packed more than MOST_PACKED times is a zip bomb; Excel's own sheets are
packed 5 to 30 times."""
STREAMS = re.compile(r"xl/(?:worksheets/[^/]+\.xml|sharedStrings\.xml)", re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class SharedTexts(Sequence[str]):
    """The workbook's table of texts, kept in a temporary file: a million of them would not fit in memory."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the workbook
        self._ends = array("Q", [0])

    def add(self, text: str) -> None:
        """Append a text."""
        self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Forget the texts."""
        self._file.close()


class StreamingReader(ExcelReader):  # type: ignore[misc]
    """openpyxl's reader, with the shared texts on disk."""

    def read_strings(self) -> None:
        """Read the table of texts one by one."""
        self.shared_strings = SharedTexts()
        content = self.package.find(SHARED_STRINGS)
        if content is None:
            return
        with self.archive.open(content.PartName[1:]) as source:
            parents: list[Any] = []
            for event, node in iterparse(source, events=("start", "end")):
                if event == "start":
                    parents.append(node)
                    continue
                parents.pop()
                if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                    self.shared_strings.add(Text.from_tree(node).content)
                    parents[-1].clear()


def excel_lines(path: Path) -> Iterator[Line | Bad]:
    """The rows of all sheets, one sheet after the other."""
    with _workbook(path) as workbook:
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # many exporters write them wrong
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > MOST_ROWS:
                    break
                yield Line(number, [_value(v) for v in values], sheet.title)


def _value(value: Any) -> Any:
    """Excel writes control characters as _x000D_."""
    if isinstance(value, str) and "_x" in value:
        return ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    return value


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    reader = None
    try:
        _check(path)
        with warnings.catch_warnings():
            # What other exporters leave out (a default style, say) is nothing that our reader could mend.
            warnings.filterwarnings("ignore", module=r"openpyxl\.")
            reader = StreamingReader(path, read_only=True, data_only=True, keep_links=False)
            reader.read()
            yield reader.wb
    except (
        BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        SyntaxError,
        AttributeError,
    ) as error:
        raise NotReadable(f"{path} is no Excel workbook that can be read ({_short(error)}).") from error
    except (DefusedXmlException, zlib.error, EOFError, IndexError, NotImplementedError, RuntimeError) as error:
        raise NotReadable(f"{path} is no Excel workbook that can be read ({_short(error)}).") from error
    except OSError as error:
        why = f"cannot be read: {error.strerror}" if error.strerror else f"is no Excel workbook: {_short(error)}"
        raise NotReadable(f"{path} {why}.") from error
    finally:
        if reader is not None:
            reader.archive.close()
            if isinstance(reader.shared_strings, SharedTexts):
                reader.shared_strings.close()


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _check(path: Path) -> None:
    """Refuse what would fill the memory or never end. zipfile holds a part to the size that it declares."""
    with path.open("rb") as file:
        if file.read(4) == OLD_EXCEL:
            raise NotReadable(
                f"{path} is in the format of Excel 97–2003 (.xls), or has a password: open it in Excel and save "
                "it as .xlsx without one."
            )
    with ZipFile(path) as archive:
        for part in archive.infolist():
            if _is_bomb(part):
                raise NotReadable(
                    f"{path} is refused: {part.filename[:80]!r} in it would unpack from {part.compress_size:,} to "
                    f"{part.file_size:,} bytes."
                )


def _is_bomb(part: ZipInfo) -> bool:
    if not part.filename.lower().endswith((".xml", ".rels")):
        return False
    if not STREAMS.fullmatch(part.filename):
        return part.file_size > LARGEST_PART
    packed = part.file_size > SMALL and part.file_size > MOST_PACKED * max(part.compress_size, 1)
    return packed or part.file_size > LARGEST_STREAM
