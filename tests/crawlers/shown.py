"""Which fields of a post the recordings of each kind of source show: what the table in sources.md says."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_args

import orjson

from crawlers.source import Answer, Page
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.generic import FieldName, Generic
from mentions.exchange.columns import COLUMNS
from mentions.types import Author, Engagement, Mention
from tests.crawlers.shapes import answer_of, cases


class Shown(StrEnum):
    """How often a field is there."""

    ALWAYS = "●"
    SOMETIMES = "○"
    LOOKED_UP = "↗"
    NEVER = "–"


OURS = {"id", "platform", "source", "first_seen", "brands"}
"""Fields of a mention that no site has to show."""
OF_AUTHOR = [f"author.{f.name}" for f in fields(Author) if f.name != "platform"]
OF_COUNTS = [f.name for f in fields(Engagement) if f.name not in {"mention_id", "at"}]
COUNTS = {name for name in OF_COUNTS if name != "at_least"} | {"author.followers"}
FIELDS = [
    *(f.name for f in fields(Mention) if f.name not in {*OURS, "author"}),
    *OF_AUTHOR,
    *OF_COUNTS,
]


@cache
def recorded() -> dict[str, dict[str, Shown]]:
    """By kind and field; posts that have no author say nothing of how often authors' fields are shown."""
    pages = defaultdict(list)
    for case in cases():
        kind = case.parent.name
        pages[kind].append(SOURCE_TYPES[kind].reader().read(answer_of(case), kind))
    return {kind: _shown(read) for kind, read in pages.items()}


def selected() -> dict[str, Shown]:
    """What selectors can find for `generic`."""
    wanted: dict[FieldName, str] = {name: name for name in get_args(FieldName)}
    full = dict.fromkeys(wanted, "1.2万+") | {"url": "https://x.test/1", "published": "2026-03-05 12:00"}
    source = Generic(platform="x", format="json", item="rows", fields=wanted, enabled=False)
    at = datetime(2026, 3, 5, 5, tzinfo=UTC)
    shown = _shown([source.read(Answer(orjson.dumps({"rows": [full]}), at), "x")])
    return {name: Shown.SOMETIMES if how is Shown.ALWAYS else how for name, how in shown.items()}


def imported() -> dict[str, Shown]:
    """What a file that is imported can hold."""
    # Which numbers are lower bounds, the author's followers among them, stands in one column.
    named = {name: name.replace(".", "_") for name in FIELDS} | {"author.followers_at_least": "at_least"}
    return {name: Shown.SOMETIMES if column in COLUMNS else Shown.NEVER for name, column in named.items()}


def _shown(pages: Sequence[Page]) -> dict[str, Shown]:
    seen = defaultdict(list)
    for page in pages:
        for name, there in _of_posts(page):
            seen[name].append(there)
    profiles = [a for page in pages for a in page.authors]
    looked_up = {name for name in OF_AUTHOR if any(_is_there(name, _of(a, name)) for a in profiles)}
    return {name: _how_often(seen[name], looked_up=name in looked_up) for name in FIELDS}


def _of_posts(page: Page) -> Iterator[tuple[str, bool]]:
    for o in page.observations:
        for name in FIELDS:
            of: Any = o.engagement if name in OF_COUNTS else o.mention.author if name in OF_AUTHOR else o.mention
            if name not in OF_AUTHOR or of is not None:
                yield name, of is not None and _is_there(name, _of(of, name))


def _of(of: Any, name: str) -> Any:
    return getattr(of, name.rpartition(".")[2])


def _is_there(name: str, value: Any) -> bool:
    """A mark (cut, a lower bound) is there where it is set; that somebody is not verified is told as well."""
    return value is not None if name in {"author.verified", *COUNTS, "author.verified_type"} else bool(value)


def _how_often(seen: Sequence[bool], *, looked_up: bool) -> Shown:
    if not any(seen):
        return Shown.LOOKED_UP if looked_up else Shown.NEVER
    return Shown.ALWAYS if all(seen) else Shown.SOMETIMES
