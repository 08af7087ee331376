"""The hash chain under an incident's history: who changes, adds or removes an event is found out.

Each event has a digest of its content with a salt of its own, and the chain is made of digests only. So what an
event says can be erased: without its salt the digest tells nothing, and the chain still holds.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Link:
    """An event as it is stored. `content` is its time, actor, kind, reason and data as written."""

    event_id: int
    content: tuple[str, ...]
    salt: str | None
    digest: str | None
    chain: str | None
    erases: tuple[int, ...] = ()
    """The events whose content this one says was erased."""


class Fault(StrEnum):
    """What is wrong with a link."""

    CHANGED = "its content is not what was written"
    UNLINKED = "it does not follow from the event before it: one was changed, added or removed"
    UNSALTED = "its salt is gone, and no erasure says why"
    CUT_OFF = "events after it are missing"
    HEADLESS = "the incident does not say which event is its last: one was added or removed past the chain"
    EMPTY = "its history is gone: every incident has at least the event that opened it"
    BARE = "it was written past the chain"


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where an incident's chain does not hold; `event_id` 0 where no event is left to name."""

    incident_id: int
    event_id: int
    fault: Fault


def new_salt() -> str:
    """Random enough that nobody guesses the content from its digest."""
    return secrets.token_hex(SALT_BYTES)


def digest(salt: str, content: Iterable[str]) -> str:
    """Of an event's content. No stored text holds a NUL, so no two contents are written alike."""
    return sha256("\0".join((salt, *content)).encode()).hexdigest()


def link(before: str | None, event_digest: str, incident_id: int) -> str:
    """The next value of the chain; the first one follows from the incident's number."""
    return sha256(f"{before or incident_id}{event_digest}".encode()).hexdigest()


def broken(incident_id: int, links: Iterable[Link], head: str | None) -> Iterator[Broken]:
    """Where the chain of one incident does not hold; `links` oldest first, `head` is the last value of it.

    An incident is opened in one transaction with its first event, so one without any lost its history.
    """
    before: str | None = None
    unsalted: list[int] = []
    erased: set[int] = set()
    last = 0
    for event in links:
        last = event.event_id
        erased |= set(event.erases)
        if event.digest is None or event.chain is None:
            yield Broken(incident_id, last, Fault.BARE)
            continue
        if event.salt is None:
            unsalted.append(last)
        elif digest(event.salt, event.content) != event.digest:
            yield Broken(incident_id, last, Fault.CHANGED)
        if link(before, event.digest, incident_id) != event.chain:
            yield Broken(incident_id, last, Fault.UNLINKED)
        before = event.chain
    if not last:
        yield Broken(incident_id, last, Fault.EMPTY)
    elif head is None:
        yield Broken(incident_id, last, Fault.HEADLESS)
    elif before != head:
        yield Broken(incident_id, last, Fault.CUT_OFF)
    yield from (Broken(incident_id, event, Fault.UNSALTED) for event in unsalted if event not in erased)
