"""What all commands share: the configuration's path, the open desk, and how they print."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from alerts.language import Language
from mentions.store import StoreError
from mentions.stores import is_made, place
from mentions.text import scrub
from tingfeng.config import load_config
from tingfeng.desk import Desk, open_desk

LOCALES = Path(__file__).parents[1] / "locale"

ConfigPath = Annotated[
    Path, typer.Option("-c", "--config", envvar="TINGFENG_CONFIG", help="Where config.yaml is.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
DEFAULT_CONFIG = Path("config.yaml")


def console(*, frames: bool = False) -> Console:
    """Standard output as it is now (tests and pipes replace it).

    Into a pipe, lines stay whole; a frame has a width, so what is shown in `frames` is wrapped there too.
    """
    return Console(file=sys.stdout, highlight=False, soft_wrap=not (frames or sys.stdout.isatty()))


def spoken(language: Language) -> Language:
    """The same reader, with the commands' own texts."""
    return Language(language.tag, language.zone, LOCALES)


@contextmanager
def desk_of(config: Path, *, reading: bool = False, waiting: bool = False) -> Iterator[Desk]:
    """The desk that a config.yaml describes; BadConfig or StoreError if there is none.

    A command that only reads makes no store: an empty one would answer that nothing was ever said. One that stays
    waits for a database that is down.
    """
    loaded = load_config(config)
    if reading and not is_made(loaded.store):
        nowhere = f"There is no mention store at {place(loaded.store)}"
        raise StoreError(f"{nowhere}: `tingfeng crawl` or `run` makes it.")
    with open_desk(loaded, waiting=waiting) as desk:
        yield desk


def print_json(value: Any) -> None:
    """One JSON document, readable and in UTF-8."""
    sys.stdout.write(scrub(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def print_json_lines(values: Iterable[Any]) -> None:
    """One JSON document a line."""
    for value in values:
        sys.stdout.write(scrub(json.dumps(value, ensure_ascii=False)) + "\n")


def table(*columns: str) -> Table:
    """An empty table; texts of strangers are never read as markup."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
