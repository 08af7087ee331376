"""The file of rows that were set aside: mend it and import it."""

import csv
import filecmp
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import IO, Any, Self

from mentions.exchange.columns import safe
from mentions.exchange.failures import Reason
from mentions.exchange.files import whole_file
from mentions.exchange.rows import REASON, Bad
from mentions.text import scrub

FIRST = ("_line", "_sheet", REASON, "_raw")
"""Where the row stood, why it was set aside, and what could not be told apart into cells."""


def rejected_path(file: Path) -> Path:
    """Beside the file: posts.csv.gz → posts.rejected.csv; JSON lines stay JSON lines, Excel becomes CSV."""
    plain = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    suffix = ".jsonl" if plain.suffix.lower() in {".jsonl", ".ndjson"} else ".csv"
    return plain.with_name(f"{plain.stem}.rejected{suffix}")


def numbered(path: Path) -> Iterator[Path]:
    """The name, then posts.rejected-2.csv, posts.rejected-3.csv and so on."""
    yield path
    yield from (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in count(2))


class Rejects:
    """Rows set aside. The file is made with the first of them, and stands when the import has ended.

    A file that is there already may have been mended by somebody, so it is never written over: other rows go to
    the next free name, and then `path` is that one. `say` words a reason for the reader.
    """

    def __init__(self, path: Path, say: Callable[[Reason], str] = str) -> None:
        self.path, self._say = path, say
        self._as_json = path.suffix.lower() in {".jsonl", ".ndjson"}
        self._header: tuple[str, ...] = ()
        self._file: IO[str] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.__exit__(*error)  # type: ignore[arg-type]

    def add(self, bad: Bad, header: tuple[str, ...]) -> None:
        """Set a row aside; NotWritable if the file cannot be."""
        if self._file is None:
            self._header = header
            part = self._open.enter_context(whole_file(self.path, self._settle))
            encoding = "utf-8" if self._as_json else "utf-8-sig"
            self._file = self._open.enter_context(part.open("w", encoding=encoding, errors="replace", newline=""))
            if not self._as_json:
                csv.writer(self._file).writerow((*FIRST, *header))
        if self._as_json:
            self._file.write(scrub(json.dumps(self._object(bad), ensure_ascii=False)) + "\n")
        else:
            csv.writer(self._file).writerow([_cell(value) for value in self._cells(bad)])

    def _cells(self, bad: Bad) -> list[Any]:
        given = {"_raw": bad.given} if isinstance(bad.given, str) else bad.given
        mine = {"_line": bad.number, "_sheet": bad.sheet, REASON: self._say(bad.reason), "_raw": given.get("_raw")}
        return [*mine.values(), *(given.get(name) for name in self._header)]

    def _object(self, bad: Bad) -> dict[str, Any]:
        given = {"_raw": bad.given} if isinstance(bad.given, str) else dict(bad.given)
        return given | {"_line": bad.number, REASON: self._say(bad.reason)}

    def _settle(self, part: Path, path: Path) -> None:
        free = (name for name in numbered(path) if not name.exists() or filecmp.cmp(part, name, shallow=False))
        self.path = next(free)
        if not self.path.exists():
            part.replace(self.path)


def _cell(value: Any) -> Any:
    return safe(scrub(str(value))) if value is not None and not isinstance(value, int | float) else value
