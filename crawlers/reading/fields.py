"""JSON of sites that leave fields out, rename them, send numbers as words, and mix cards of many kinds."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from crawlers.reading.html import tidy
from crawlers.reading.times import parse_time
from crawlers.source import Outcome, Page, blocked
from mentions.counts import engagement_of, parse_count
from mentions.types import Engagement, Observation

Json = Mapping[str, Any]
Known = Callable[[Json], bool | None]
"""Whether an object is what we look for (True), is of another kind (False), or has to be looked into (None)."""
NOTHING: Json = MappingProxyType({})
DEEPEST = 10
"""Containers do not nest deeper; garbage might."""
EMPHASIS = re.compile(r"</?em\b[^>]*>", re.IGNORECASE)
"""What a search puts around the words that it found."""
PLACE = re.compile(r"^\s*(?:IP\s*属地|发布于|来自)?\s*[:：]?\s*")
IDENTITY = re.compile(r"[\w.*-]{1,128}")


def part(of: object, *keys: str) -> Json:
    """The object that lies under these keys, one within the other; an empty one where something is missing."""
    for key in keys:
        of = of.get(key) if isinstance(of, Mapping) else None
    return of if isinstance(of, Mapping) else NOTHING


def first(of: Json, *keys: str) -> Any:
    """What the first of these keys says that says anything."""
    return next((of[key] for key in keys if of.get(key) not in (None, "")), None)


def rows(value: object) -> Sequence[Json]:
    """The objects of a list; none where it is no list."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def identity(value: object) -> str | None:
    """A number or name by which a site knows something; None where there is none (0 is nobody's)."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if IDENTITY.fullmatch(text) and text != "0" else None


def cursor(value: object) -> str | None:
    """What a site wants to be told for the next page; None at the end."""
    return (
        str(value)
        if isinstance(value, int | str) and not isinstance(value, bool) and value not in (0, "")
        else None
    )


def plain(value: object) -> str:
    """A text that is no HTML, but for the marks around words that a search found."""
    return tidy(EMPHASIS.sub("", value)) if isinstance(value, str) else ""


def moment(value: object, now: datetime) -> datetime | None:
    """The time that a field means: seconds, milliseconds, or words."""
    return parse_time(value, now) if isinstance(value, int | float | str) else None


def place(value: object) -> str | None:
    """Where a post comes from, without the words around it (IP属地：广东)."""
    return PLACE.sub("", value).strip() or None if isinstance(value, str) else None


def counted(mention_id: str, at: datetime, **shown: object) -> Engagement | None:
    """The counts that a page shows; None where it shows none."""
    counts = {name: count for name, value in shown.items() if (count := parse_count(value)) is not None}
    if not counts:
        return None
    return engagement_of(mention_id, at, counts)


def followers(value: object) -> dict[str, Any]:
    """What an author's number of followers says, as an `Author` takes it."""
    count = parse_count(value)
    return {"followers": count.value, "followers_at_least": count.at_least} if count else {}


def raw(of: Json) -> bytes | None:
    """The JSON of one object again; the slower writer takes what the fast one refuses (half an emoji)."""
    try:
        return orjson.dumps(of)
    except TypeError:
        pass
    try:
        return json.dumps(of, separators=(",", ":")).encode()
    except RecursionError:
        return None


def found(said: object, known: Known, inside: Collection[str], depth: int = DEEPEST) -> Iterator[Json]:
    """The objects that are `known`, in their order, in lists and under the keys `inside`.

    A key that begins with a digit is an id: what lies under it is looked into as well.
    """
    if depth <= 0:
        return
    if isinstance(said, list):
        for entry in said:
            yield from found(entry, known, inside, depth - 1)
    elif isinstance(said, Mapping):
        if (it_is := known(said)) is True:
            yield said
        elif it_is is None:
            for key, value in said.items():
                if key in inside or key[:1].isdigit():
                    yield from found(value, known, inside, depth - 1)


def each_once(shown: Iterable[Observation]) -> tuple[Observation, ...]:
    """The same, each post only where it stands first, or first with its counts: a list may hold one twice."""
    seen: dict[str, Observation] = {}
    for observation in shown:
        known = seen.setdefault(observation.mention.id, observation)
        if known.engagement is None:
            seen[observation.mention.id] = observation
    return tuple(seen.values())


def nothing_found(said: object, known: Known, inside: Collection[str]) -> Page:
    """Why an answer holds none of the posts that it might: an empty list, other cards only, or a new shape."""
    lists = list(_lists(said, inside, DEEPEST))
    entries = [entry for listed in lists for entry in listed]
    if entries and any(not isinstance(entry, Mapping) or known(entry) is not False for entry in entries):
        return blocked(Outcome.LAYOUT_CHANGED, "The answer holds entries of a shape that we do not know.")
    if entries:
        return blocked(Outcome.EMPTY, "The answer holds cards of other kinds, and no posts.")
    if lists:
        return blocked(Outcome.EMPTY, "The answer holds an empty list.")
    return blocked(Outcome.LAYOUT_CHANGED, "The answer is JSON, but nothing in it is where we look for posts.")


def _lists(said: object, inside: Collection[str], depth: int) -> Iterator[list[Any]]:
    if depth > 0 and isinstance(said, Mapping):
        for key, value in said.items():
            if key in inside and isinstance(value, list):
                yield value
            elif key in inside:
                yield from _lists(value, inside, depth - 1)
