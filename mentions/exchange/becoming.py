"""From a row of a file to a mention: pure, one row at a time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from mentions.counts import Count
from mentions.exchange.columns import COUNTS, FOLLOWERS
from mentions.exchange.failures import BadRow
from mentions.exchange.ids import id_from_number, id_from_text, id_from_url, platform_of, split
from mentions.exchange.mapping import Keys, MappingFile
from mentions.exchange.values import (
    count_of,
    flag_of,
    is_nothing,
    moment_of,
    names_of,
    shown,
    text_of,
    whole_of,
)
from mentions.text import scrub
from mentions.types import Author, Engagement, Mention, Observation

Cells = Mapping[str, Any]
"""A row by the compared names of its columns."""

SOURCE = "import"
CLOCK_SKEW = timedelta(days=1)
"""A time further in the future than this is a mistake in the file."""
COMMENT = re.compile(r"评论|回复|comment|reply", re.IGNORECASE)
ID = re.compile(r"[^\s:]+:\S.{0,2000}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Becoming:
    """How the rows of one file become mentions.

    `now` is the time of the import, `zone` that of times without one, `matcher` finds brands in a text.
    """

    mapping: MappingFile
    now: datetime
    zone: tzinfo
    brands: tuple[str, ...] = ()
    matcher: Callable[[str], tuple[str, ...]] = lambda _text: ()
    header: frozenset[str] = frozenset()
    """The compared names of the file's columns, where all rows have the same."""
    keys: Mapping[str, tuple[Keys, ...]] = field(init=False)
    """The columns of each field that the file has."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", self.mapping.present(self.header))

    def observation(self, row: Cells) -> Observation:
        """The mention and its counts; BadRow says why there is none."""
        title, text, truncated = self._texts(row)
        url = self._plain(row, "url") or ""
        published = self._moment(row, "published")
        platform = self._platform(row, url)
        author = self._author(row, platform, url)
        mention_id = self._id(row, platform, url) or id_from_text(
            platform, author.name if author else None, published, f"{title or ''}\n{text}"
        )
        mention = Mention(
            id=mention_id,
            platform=platform,
            source=(self.mapping.own and self._plain(row, "source")) or SOURCE,
            url=url,
            text=text,
            first_seen=self._moment(row, "first_seen") or self.now,
            published=published,
            author=author,
            title=title,
            brands=self._brands(row, f"{title}\n{text}" if title else text),
            repost_of=self._plain(row, "repost_of"),
            thread=self._plain(row, "thread"),
            region=self._plain(row, "region"),
            truncated=truncated or bool(flag_of(self._get(row, "truncated"), "truncated")),
        )
        return Observation(mention, self._engagement(row, mention))

    def counted_at(self, row: Cells) -> datetime | None:
        """When the row's counts were collected; None where the file does not say."""
        return self._moment(row, "counted_at")

    def _get(self, row: Cells, name: str) -> Any:
        """The first of the field's columns that holds something, else its constant."""
        for names in self.keys.get(name, ()):
            if len(names) == 1:
                value = row.get(names[0])
                if not is_nothing(value):
                    return value
            elif not any(is_nothing(row.get(column)) for column in names):
                return " ".join(str(row[column]).strip() for column in names)
        return self.mapping.constants.get(name)

    def _plain(self, row: Cells, name: str) -> str | None:
        """A name, number or address: no white space around it."""
        value = self._get(row, name)
        if value is None:
            return None
        text = scrub(text_of(value, name)).strip().strip(self.mapping.trim or None)
        return text or None

    def _texts(self, row: Cells) -> tuple[str | None, str, bool]:
        """Title, text, and whether the text is only a part."""
        if self.mapping.own:
            title, text = (scrub(text_of(row.get(name) or "", name)) for name in ("title", "text"))
            if not (title.strip() or text.strip()):
                raise BadRow("there is neither text nor title")
            return title or None, text, False
        title_found, text, truncated = self._plain(row, "title"), "", False
        for names in self.keys.get("text", ()):
            value = row.get(names[0])
            if not is_nothing(value):
                text, truncated = scrub(text_of(value, "text")).strip(), names[0] in self.mapping.summary_keys
                break
        if not (title_found or text):
            raise BadRow("there is neither text nor title")
        if title_found and text.startswith(title_found.rstrip(".…")):
            title_found = None  # the beginning of a post without a title
        return (title_found, text, truncated) if text else (None, title_found or "", False)

    def _moment(self, row: Cells, name: str) -> datetime | None:
        zone, latest, problem = self.mapping.zone or self.zone, self.now + CLOCK_SKEW, None
        formats = self.mapping.time_formats
        for names in self.keys.get(name, ()):
            values = [row.get(column) for column in names]
            if any(is_nothing(value) for value in values):
                continue
            joined = values[0] if len(values) == 1 else " ".join(str(value).strip() for value in values)
            try:
                found = moment_of(joined, name, zone, formats, latest)
            except BadRow as error:
                problem = error
                continue
            if found is not None:
                return found
        if problem is not None:
            raise problem
        return None

    def _platform(self, row: Cells, url: str) -> str:
        if not self.mapping.platforms:
            value = self._plain(row, "platform")
            if value is None:
                given = self._plain(row, "id") or ""
                return (
                    given.partition(":")[0] if ID.fullmatch(given) else platform_of(url) or self.mapping.otherwise
                )
            return re.sub(r"[\s:]+", "-", value.lower())
        known = platform_of(url)
        for names in self.keys.get("platform", ()) if known is None else ():
            value = row.get(names[0])
            if isinstance(value, str) and (
                found := self.mapping.platform_keys.get("".join(value.casefold().split()))
            ):
                return found
        return known or self.mapping.constants.get("platform") or self.mapping.otherwise

    def _id(self, row: Cells, platform: str, url: str) -> str | None:
        given = self._plain(row, "id")
        if given is not None:
            if not ID.fullmatch(given):
                raise BadRow("id: {value} is not platform:number", value=shown(given))
            return given
        number = self._get(row, "post_id")
        if number is not None and (found := id_from_number(platform, number)):
            return found
        if COMMENT.search(self._plain(row, "kind") or ""):
            return None  # the address is that of the post under which it stands
        return id_from_url(platform, url)

    def _author(self, row: Cells, platform: str, url: str) -> Author | None:
        name, number = self._plain(row, "author_name"), self._plain(row, "author_id")
        if name is None and number is None:
            return None
        followers = count_of(self._get(row, FOLLOWERS), FOLLOWERS)
        bounds = names_of(self._get(row, "at_least"), "at_least")
        return Author(
            platform=self._plain(row, "author_platform") or self._author_platform(platform, url),
            id=number or name or "",
            name=name or ("" if self.mapping.own else number or ""),
            followers=followers.value if followers else None,
            followers_at_least=bool(followers and (followers.at_least or FOLLOWERS in bounds)),
            verified=self._verified(row),
            verified_type=whole_of(self._get(row, "author_verified_type"), "author_verified_type"),
            verified_reason=self._plain(row, "author_verified_reason"),
        )

    def _author_platform(self, platform: str, url: str) -> str:
        """Where the author's name is unique: every web site has its own 小编."""
        parts = split(url) if platform in {"web", "news", "forum"} else None
        return f"{platform}:{parts.hostname.removeprefix('www.')}" if parts and parts.hostname else platform

    def _verified(self, row: Cells) -> bool | None:
        value = self._get(row, "author_verified")
        if not self.mapping.verified:
            return flag_of(value, "author_verified")
        return self.mapping.verified_keys.get("".join(str(value).casefold().split()))

    def _brands(self, row: Cells, text: str) -> tuple[str, ...]:
        listed = names_of(self._get(row, "brands"), "brands")
        return tuple(dict.fromkeys((*listed, *self.brands, *self.matcher(text))))

    def _engagement(self, row: Cells, mention: Mention) -> Engagement | None:
        found: dict[str, Count] = {}
        for name in COUNTS:
            if (count := count_of(self._get(row, name), name)) is not None:
                found[name] = count
        at = self.counted_at(row)
        if not found and at is None:
            return None
        bounds = {name for name, count in found.items() if count.at_least}
        bounds |= set(names_of(self._get(row, "at_least"), "at_least")) & set(found)
        return Engagement(
            mention.id,
            at or mention.first_seen,
            **{name: count.value for name, count in found.items()},
            at_least=frozenset(bounds),
        )
