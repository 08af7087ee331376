"""Somebody sent this: an address, a picture or a text becomes an incident, with its evidence and its sender."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alerts.incidents import Change
from alerts.judging import look_again
from alerts.watched import JOINED, Sender, add_copies, send_in
from crawlers.seeking import searches
from crawlers.source import Fetch, Source
from crawlers.webpage import PLATFORM as WEB
from crawlers.webpage import WebPage, mention_id
from mentions.evidence import Kind
from mentions.incidents import Incident
from mentions.posts import Search
from mentions.text import fold
from mentions.types import Mention, Observation
from tingfeng.desk import Desk
from tingfeng.ocr import words_of
from tingfeng.pasted import address_in, platform_off
from tingfeng.phrases import phrases

NOTE = "note"
"""The platform of what came from no site."""
PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
PICTURE_NAMES = (".png", ".jpg", ".jpeg")
LARGEST_PICTURE = 32 * 2**20
OFF = (
    "No source that is switched on in config.yaml reads {platform}: the page was not fetched, its address is kept."
)
UNREAD = "(a picture that was not read)"
SOUGHT_FOR = timedelta(days=2)
"""How long sources look for its words, unless its incident is resolved before: later copies hardly spread."""


class BadWatch(Exception):
    """What was sent cannot be watched: the message says why, and what to do."""


class What(StrEnum):
    """What was sent."""

    PAGE = "page"
    PICTURE = "picture"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person sent. `text` goes with a picture: what stands in it. `brand` is whose matter it is.

    `private`: no word of it goes to any site.
    """

    what: str
    sender: Sender
    brand: str | None = None
    text: str | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of it. `unread`: why the page or the picture could not be read, where it could not.

    `sought` are the words of it that the `searching` sources look for.
    """

    kind: What
    mention: Mention
    incident: Incident
    change: Change
    copies: tuple[str, ...]
    evidence: tuple[str, ...]
    source: str | None = None
    unread: str | None = None
    sought: tuple[str, ...] = ()
    searching: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The post, the copies of it, and why it is not all that was hoped for."""

    mention: Mention
    raw: Sequence[tuple[Kind, bytes]] = ()
    source: str | None = None
    unread: str | None = None


async def watch(desk: Desk, sent: Sent) -> Watched:
    """Store it, freeze it, open its incident or add a note to the one there is, and look for copies.

    BadWatch where it is none of the three, or nobody knows whose matter it is. Must run on the loop of
    `crawlers.reactor.run_in_reactor`.
    """
    if sent.brand is not None and sent.brand not in desk.config.brands:
        raise BadWatch(f"There is no brand {sent.brand!r} (there is: {', '.join(desk.config.brands)}).")
    kind = what(sent.what)
    if kind is What.PAGE:
        seen = await _page(desk, sent)
    else:
        seen = _picture(desk, sent) if kind is What.PICTURE else _text(desk, sent.what)
    brand = _brand(desk, sent, seen.mention)
    at, known = desk.now(), seen.mention.id
    sought = [] if sent.private or not desk.config.watch.look_elsewhere else _sought(desk, sent, seen)
    with desk.store.transaction():
        desk.store.posts.record([Observation(seen.mention)])
        # All that its copies will be matched with: what is about other brands is no copy of it.
        desk.store.posts.add_brands(known, list({brand, *desk.matcher.match(seen.mention.words)}), at)
        desk.store.seeking.seek(known, sought, brand, at=at, until=at + SOUGHT_FOR)
        for copy, body in seen.raw:
            desk.store.evidence.keep(known, body, copy, at)
        incident, change = send_in(desk.store, desk.settings, known, brand, sent.sender, at=at)
        found = desk.store.posts.get([known])[known]
        if seen.source is not None:
            shown = desk.store.posts.engagements([known], at).get(known, [])
            look_again(desk.store, desk.settings, found, shown, at=at, sent=at)
        copies = _copies(desk, found.mention)
        add_copies(desk.store, desk.settings, incident, copies, at=at)
    kept = desk.store.evidence.copies([known])[known]
    return Watched(
        kind,
        found.mention,
        incident,
        change,
        tuple(copies),
        tuple(copy.sha256 for copy in kept),
        seen.source,
        seen.unread,
        tuple(sought),
        tuple(n for n, s in desk.config.enabled_sources().items() if searches(s, desk.brands, sought)),
    )


def _sought(desk: Desk, sent: Sent, seen: _Seen) -> list[str]:
    said = seen.mention.words if seen.unread is None else sent.text or ""
    return phrases(said, lambda piece: desk.store.posts.count(Search(text=piece)))


def _copies(desk: Desk, mention: Mention) -> list[str]:
    """The stored posts that say the same; those that were not judged yet join when they are."""
    origins = desk.store.copies.alike(mention.words)
    of_them = desk.store.copies.of_origins(origins, JOINED)
    alike = {*origins, *(copy for copies in of_them.values() for copy in copies)}
    return sorted(alike - {mention.id})


def as_json(told: Watched) -> dict[str, Any]:
    """What became of it."""
    return {
        "kind": told.kind.value,
        "incident": told.incident.id,
        "change": told.change.value,
        "mention": told.mention.id,
        "brand": told.incident.brand,
        "source": told.source,
        "copies": list(told.copies),
        "evidence": list(told.evidence),
        "unread": told.unread,
        "sought": list(told.sought),
        "searching": list(told.searching),
    }


def what(said: str) -> What:
    """Address, picture or text; BadWatch for a picture that is not there, and for nothing at all."""
    picture = said.lower().endswith(PICTURE_NAMES) and "\n" not in said
    if picture and "://" not in said:
        return What.PICTURE
    try:
        address = address_in(said)
        meant = address and urlsplit(address).hostname
    except ValueError:
        address = meant = None
    if address is not None and meant:
        return What.PAGE
    if said.lower().startswith(("http://", "https://")) and len(said.split()) == 1:
        raise BadWatch(f"{said!r} is no address of a page.")
    if picture:
        return What.PICTURE
    if not any(char.isalnum() for char in said):
        raise BadWatch("There is nothing to watch: give an address, a picture (png or jpg), or a text.")
    return What.TEXT


async def _page(desk: Desk, sent: Sent) -> _Seen:
    from crawlers.crawl import look  # noqa: PLC0415 - late: it imports Scrapy

    address = address_in(sent.what) or sent.what
    words = "\n".join(filter(None, (sent.text, sent.sender.note))) or sent.what
    kept = Mention(mention_id(address), WEB, WEB, address, words, first_seen=desk.now())
    seen = partial(
        look,
        store=desk.store,
        matcher=desk.matcher,
        clock=desk.now,
        user_agent=desk.user_agent,
        pauses=desk.pauses,
    )
    found = _source_of(desk, address)
    if found is None and (platform := platform_off(address)) is not None:
        return _Seen(kept, unread=OFF.format(platform=platform))
    name, source, fetch = found or _any_page(desk, address)
    run, shown, landed = await seen(name, source, fetch)
    if found is None and landed != address and (found := _source_of(desk, landed)) is not None:
        name, source, fetch = found  # a short address led to a page that a source knows better
        run, shown, _ = await seen(name, source, fetch)
    wanted = _asked_for(source, fetch, shown)
    if not wanted:
        return _Seen(kept, unread=run.error or "The page does not show the post.")
    raw = [(Kind.POST, o.raw) for o in wanted if o.raw]
    return _Seen(wanted[-1].mention, raw, name if found else None)


def _asked_for(source: Source, fetch: Fetch, shown: Sequence[Observation]) -> list[Observation]:
    """What was shown of the post that the address means: a page may show its origin, or answers, too."""
    meant = fetch.mention_id
    if meant is None:
        pages = ((o.mention.id, source.reread(o.mention)) for o in shown)
        own = (mention for mention, page in pages if page is not None and page.url == fetch.url)
        meant = next(own, shown[0].mention.id if shown else None)
    return [o for o in shown if o.mention.id == meant]


def _source_of(desk: Desk, url: str) -> tuple[str, Source, Fetch] | None:
    """The source, of those that are switched on, that knows the address."""
    for name, source in desk.config.enabled_sources().items():
        if (fetch := source.page_of(url)) is not None:
            return name, source, fetch
    return None


def _any_page(desk: Desk, url: str) -> tuple[str, Source, Fetch]:
    page = WebPage(private_addresses=desk.config.watch.private_addresses)
    return WEB, page, Fetch(url, "page", mention_id=mention_id(url))


def _picture(desk: Desk, sent: Sent) -> _Seen:
    path = Path(sent.what)
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= LARGEST_PICTURE else b""
    except OSError as error:
        raise BadWatch(f"The picture {path} cannot be read: {error.strerror}.") from error
    if size > LARGEST_PICTURE:
        raise BadWatch(f"The picture {path} is larger than {LARGEST_PICTURE // 2**20} MB.")
    if not body.startswith(tuple(PICTURES)):
        raise BadWatch(f"{path} is no picture: only png and jpg can be kept.")
    read = sent.text or words_of(body)
    unread = (
        None if read else "The text of the picture was not read: give it with --text, or install tingfeng[ocr]."
    )
    mention = _note(desk, hashlib.sha256(body).hexdigest(), read or UNREAD)
    return _Seen(mention, [(Kind.IMAGE, body)], unread=unread)


def _text(desk: Desk, text: str) -> _Seen:
    digest = hashlib.sha256("".join(fold(text).split()).encode(errors="replace")).hexdigest()
    return _Seen(_note(desk, digest, text), [(Kind.POST, text.encode(errors="replace"))])


def _note(desk: Desk, digest: str, text: str) -> Mention:
    return Mention(f"{NOTE}:{digest[:16]}", NOTE, NOTE, "", text, first_seen=desk.now())


def _brand(desk: Desk, sent: Sent, mention: Mention) -> str:
    """Whose matter it is: as was said, as the words say, or the only one that is watched."""
    if sent.brand is not None:
        return sent.brand
    named = desk.matcher.match(f"{mention.title or ''}\n{mention.text}") or list(mention.brands)
    if named:
        return named[0]
    if len(desk.config.brands) == 1:
        return next(iter(desk.config.brands))
    raise BadWatch(
        f"Its words name none of the brands: say whose matter it is with --brand (there is: "
        f"{', '.join(desk.config.brands)})."
    )
