"""Files made up for tests, and what becomes of them in a store."""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mentions.exchange.becoming import Becoming
from mentions.exchange.importing import Tally, became, bring_in
from mentions.exchange.mapping import MappingFile
from mentions.exchange.reading import OpenedFile
from mentions.exchange.rows import Bad
from mentions.posts import Found, Search
from mentions.store import Store
from mentions.types import Mention

IMPORTED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def becoming(mapping: MappingFile, **more: Any) -> Becoming:
    return Becoming(mapping, now=IMPORTED, zone=SHANGHAI, **more)


def brought_in(
    store: Store, path: Path, mapping: MappingFile | None = None, **more: Any
) -> tuple[Tally, list[Bad]]:
    opened = OpenedFile(path, mapping)
    aside: list[Bad] = []
    tally = bring_in(
        store.posts, became(opened, becoming(opened.mapping, header=opened.keys, **more)), aside.append
    )
    return tally, aside


def stored(store: Store) -> list[Found]:
    return list(store.posts.each(Search()))


def mentions(store: Store) -> list[Mention]:
    return [found.mention for found in stored(store)]


def csv_file(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def json_file(path: Path, rows: Iterable[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
