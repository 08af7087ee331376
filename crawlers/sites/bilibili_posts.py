"""Posts of Bilibili from its JSON: videos, dynamics, comments."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawlers.reading.fields import (
    Json,
    counted,
    first,
    followers,
    identity,
    moment,
    part,
    place,
    plain,
    raw,
    rows,
)
from crawlers.reading.html import to_text
from crawlers.sites.bilibili_shapes import FORWARD, as_dynamic
from crawlers.source import Answer
from mentions.bvid import LARGEST, bvid
from mentions.types import Author, Mention, Observation

PLATFORM = "bilibili"
VIDEO = "https://www.bilibili.com/video/{}"
DYNAMIC = "https://t.bilibili.com/{}"
VIDEO_COMMENTS = "1"
"""The `type` of comments under a video; 11 and 17 are those under dynamics."""
NO_WORDS = "-"
"""What the site writes for a video without a description."""
WORDLESS = ("DYNAMIC_TYPE_NONE", "DYNAMIC_TYPE_LIVE_RCMD", "DYNAMIC_TYPE_AD")
"""An origin that is deleted, a live stream that began, an advertisement."""
VERIFIED = {0: 0, 1: 7}
"""official_verify.type: a person, an organisation; by Weibo's verified_type. -1 is nobody."""


def video_name(item: Json) -> str | None:
    """The BV name of a video."""
    name = identity(item.get("bvid"))
    return name if name and name.startswith("BV") else _named(first(item, "aid", "avid"))


def _named(number: object) -> str | None:
    text = identity(number)
    return (
        bvid(int(text)) if text and text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else None
    )


def is_wordless(item: Json) -> bool:
    """Whether a dynamic is the author's no more, or never was words."""
    return item.get("type") in WORDLESS or "none" in part(item, "modules", "module_dynamic", "major")


def video(item: Json, answer: Answer, name: str) -> Observation:
    """A video: as a search, its own page or an account's list shows it."""
    stat, owner = part(item, "stat"), part(item, "owner")
    title, about = _words(item.get("title")), plain(first(item, "desc", "description"))
    text = about if about != NO_WORDS else ""
    number = video_name(item)
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=VIDEO.format(number),
        text=text or title,
        first_seen=answer.fetched_at,
        published=moment(first(item, "pubdate", "ctime", "created", "senddate"), answer.fetched_at),
        author=_author(owner or {"mid": item.get("mid"), "name": item.get("author")}),
        title=title or None,
        region=place(item.get("pub_location")),
        truncated=not stat,  # a list may cut the description, and a difference must not look like an edit
    )
    counts = counted(
        mention.id,
        answer.fetched_at,
        reposts=stat.get("share"),
        comments=first(stat, "reply") if stat else first(item, "review", "comment"),
        likes=first(stat or item, "like"),
        views=first(stat, "view") if stat else item.get("play"),
    )
    return Observation(mention, counts, raw(item))


def dynamic(sent: Json, answer: Answer, name: str) -> Iterator[Observation]:
    """A dynamic, and before it the one that it passes on. One that announces a video is that video."""
    item = as_dynamic(sent)
    origin, number = part(item, "orig"), _dynamic_id(item)
    if origin and not is_wordless(origin):
        yield from dynamic({**origin, "orig": None}, answer, name)
    if number is None or is_wordless(item):
        return
    author, said = part(item, "modules", "module_author"), part(item, "modules", "module_dynamic")
    title, text, truncated = _said(said)
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=(VIDEO if number.startswith("BV") else DYNAMIC).format(number),
        text=text or title,
        first_seen=answer.fetched_at,
        published=moment(_timestamp(author.get("pub_ts")), answer.fetched_at)
        or moment(author.get("pub_time"), answer.fetched_at),
        author=_author(author),
        title=title or None,
        repost_of=_passed_on(item, origin, number),
        region=place(author.get("pub_location_text")),
        truncated=truncated,
    )
    stat = part(item, "modules", "module_stat")
    counts = counted(
        mention.id,
        answer.fetched_at,
        reposts=part(stat, "forward").get("count"),
        comments=part(stat, "comment").get("count"),
        likes=part(stat, "like").get("count"),
        views=part(said, "major", "archive", "stat").get("play"),
    )
    yield Observation(mention, counts, raw(sent))


def _dynamic_id(item: Json) -> str | None:
    archive = part(item, "modules", "module_dynamic", "major", "archive")
    return (video_name(archive) if archive else None) or identity(first(item, "id_str", "id"))


def _passed_on(item: Json, origin: Json, number: str) -> str | None:
    """The id of the origin: where it is deleted its number may be lost, and still it was somebody else's."""
    if not origin and item.get("type") != FORWARD:
        return None
    return f"{PLATFORM}:{_dynamic_id(origin) or f'origin-of:{number}'}"


def _timestamp(value: object) -> object:
    return None if value in (0, "0") else value


def _said(said: Json) -> tuple[str, str, bool]:
    """Title, text, and whether it is only the beginning: the author's words, then those of what is shown."""
    words, major = plain(part(said, "desc").get("text")), part(said, "major")
    kind = str(major.get("type") or "").removeprefix("MAJOR_TYPE_").lower()
    shown = part(major, kind) or _shown(major)
    summary = part(shown, "summary")
    about = plain(first(summary, "text") or first(shown, "desc", "sub_title"))
    title = plain(shown.get("title"))
    truncated = summary.get("has_more") is True or kind in {"article", "archive"}
    return title, "\n".join(filter(None, (words, about if about != NO_WORDS else ""))), truncated


def _shown(major: Json) -> Json:
    return next((value for value in major.values() if isinstance(value, Mapping)), {})


def comments(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    """A comment, and those that answer it."""
    number = identity(first(item, "rpid", "rpid_str"))
    text = plain(part(item, "content").get("message"))
    if number is not None and item.get("invisible") is not True:
        thread, page = _under(item, answer)
        member = part(item, "member")
        mention = Mention(
            id=f"{PLATFORM}:reply:{number}",
            platform=PLATFORM,
            source=name,
            url=f"{page}#reply{number}" if page else "",
            text=text,
            first_seen=answer.fetched_at,
            published=moment(item.get("ctime"), answer.fetched_at),
            author=_author({**member, "mid": first(member, "mid") or item.get("mid")}),
            title=answer.context.get("title"),
            thread=thread,
            region=place(part(item, "reply_control").get("location")),
        )
        counts = counted(
            mention.id, answer.fetched_at, comments=first(item, "rcount", "count"), likes=item.get("like")
        )
        yield Observation(mention, counts, raw(item))
    for reply in rows(item.get("replies")):
        yield from comments(reply, answer, name)


def _under(item: Json, answer: Answer) -> tuple[str | None, str | None]:
    """The id of what a comment is about, and its page."""
    asked = parse_qs(urlsplit(answer.url).query)
    kind = first(item, "type") or next(iter(asked.get("type", ())), None)
    number = first(item, "oid") or next(iter(asked.get("oid", ())), None)
    known: Any = answer.context.get("thread")
    if known is None and str(kind) == VIDEO_COMMENTS and (named := _named(number)):
        known = f"{PLATFORM}:{named}"
    if not isinstance(known, str):
        return None, None
    found = known.removeprefix(f"{PLATFORM}:")
    return known, (VIDEO if found.startswith("BV") else DYNAMIC).format(found)


def _words(value: object) -> str:
    return to_text(value) if isinstance(value, str) else ""


def _author(of: Json) -> Author | None:
    number = identity(of.get("mid"))
    if number is None:
        return None
    vouched = first(part(of, "official_verify") or part(of, "official"), "type")
    kind = vouched if isinstance(vouched, int) and not isinstance(vouched, bool) else None
    return Author(
        PLATFORM,
        number,
        plain(first(of, "name", "uname")),
        verified=kind in VERIFIED if kind is not None else None,
        verified_type=VERIFIED.get(kind) if kind is not None else None,
        verified_reason=plain(part(of, "official_verify").get("desc")) or None,
        **followers(first(of, "fans", "follower")),
    )
