"""Reading JSON lines: one bad line is one bad row."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from mentions.exchange.columns import flattened, key
from mentions.exchange.encoding import opened
from mentions.exchange.failures import NotReadable, Reason
from mentions.exchange.mapping import MappingFile
from mentions.exchange.rows import HEADER_WITHIN, Bad, Choose, Row

LONGEST = 16 * 1024 * 1024
"""Bytes of one line: a post of 10 MB still fits."""
KEPT = 10_000


def json_lines(path: Path) -> Iterator[Row | Bad]:
    """The objects of a file, one a line; blank lines are passed over."""
    with opened(path) as file:
        number = 0
        while line := file.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                beginning = line[:KEPT]
                while line and not line.endswith(b"\n"):
                    line = file.readline(LONGEST)
                reason = Reason("it is longer than {n} bytes", {"n": f"{LONGEST:,}"})
                yield Bad(number, reason, beginning.decode("utf-8", "replace"))
                continue
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
                if line.lstrip().startswith(b"[") and not line.rstrip().endswith(b"]"):
                    raise NotReadable(
                        f"{path} is one JSON array; JSON lines hold one object a line (jq -c '.[]' {path.name})."
                    )
            if line.strip():
                yield row_of(number, line)


def row_of(number: int, line: bytes) -> Row | Bad:
    """A line as a row."""
    try:
        value = loads(line)
    except UnicodeDecodeError:
        return Bad(number, Reason("it holds bytes that are no {encoding}", {"encoding": "UTF-8"}), _kept(line))
    except (ValueError, RecursionError):
        return Bad(number, Reason("it is no JSON"), _kept(line))
    return value_row(number, value, line)


def value_row(number: int, value: Any, line: bytes = b"") -> Row | Bad:
    """A value as a row: only an object is one. `line` is what it was read from."""
    if not isinstance(value, dict):
        return Bad(number, Reason("it is no JSON object"), _kept(line))
    flat = flattened(value)
    return Row(number, {key(name): inner for name, inner in flat.items()}, value)


def loads(line: bytes) -> Any:
    """The value; ValueError if it is no JSON."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line.decode("utf-8"))  # it also takes half an emoji written as \ud83d


def _kept(line: bytes) -> str:
    return line[:KEPT].decode("utf-8", "replace").rstrip("\r\n")


class Objects:
    """Rows of JSON lines; the mapping is chosen by the keys of the first ones."""

    def __init__(self, rows: Iterator[Row | Bad], choose: Choose) -> None:
        self._rows, self._choose = rows, choose
        self.mapping: MappingFile | None = None
        self.header: tuple[str, ...] = ()
        self.first_line: tuple[str, ...] = ()
        self.skipped: list[str] = []
        self.first_bad: Bad | None = None

    def __iter__(self) -> Iterator[Row | Bad]:
        top = list(islice(self._rows, HEADER_WITHIN))
        for row in top:
            if isinstance(row, Bad):
                self.first_bad = self.first_bad or row
            else:
                self.first_line = self.first_line or tuple(row.given)
                self.mapping = self.mapping or self._choose(frozenset(row.cells))
        if self.mapping is not None:
            yield from chain(top, self._rows)
