"""What every source has: its block in config.yaml, what it asks for, and how it reads an answer."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, field_validator, model_validator

from crawlers.conduct.schedules import cron_trigger
from mentions.brands import Brand, searched
from mentions.durations import Duration, parse_duration
from mentions.types import Author, Mention, Observation

NOTHING: Mapping[str, Any] = MappingProxyType({})
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A token of RFC 9110, section 5.6.2."""
ACCOUNT = re.compile(r"\s*\w+://[^/?#]*@")
"""An address that begins with a user's name, and perhaps a password."""
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header's value may hold (RFC 9110, section 5.5); a tab it may."""


class Outcome(StrEnum):
    """What an answer turned out to be. A block is a fact to report, never "no mentions"."""

    MENTIONS = "mentions"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    LOGIN_WALL = "login_wall"
    CAPTCHA = "captcha"
    THROTTLED = "throttled"
    NO_PERMISSION = "no_permission"
    LAYOUT_CHANGED = "layout_changed"
    ERROR_PAGE = "error_page"
    GARBAGE = "garbage"

    @property
    def blocked(self) -> bool:
        """Whether we were kept from seeing what is there."""
        return self not in {Outcome.MENTIONS, Outcome.EMPTY, Outcome.NOT_FOUND}


WALLS = frozenset({Outcome.LOGIN_WALL, Outcome.CAPTCHA, Outcome.THROTTLED})
"""Outcomes after which a host is left alone until the next visit."""


class Gate(StrEnum):
    """When a page that another one points to is worth its download."""

    ALWAYS = "always"
    NEWS = "news"
    """The page that points to it held a post never seen before."""
    TRUNCATED = "truncated"
    """The store lacks the whole text of `Fetch.mention_id`."""
    DISCUSSED = "discussed"
    """`Fetch.mention_id` mentions a brand, and its number of comments changed.

    On a page that is looked at again, also where none of its comments was stored yet.
    """
    SPREAD = "spread"
    """The same of its reposts."""
    STRANGER = "stranger"
    """`Fetch.mention_id` mentions a brand; how many follow `Fetch.author` is not known, or was learnt long ago."""
    RECOUNTED = "recounted"
    """`Fetch.mention_id` is not stored, or not with as many comments as `Fetch.comments`."""
    CHANGED = "changed"
    """`Fetch.changed` is later than the last complete look at this source."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A page to download, and why.

    `context` is handed back to the parser with the answer. A larger `priority` goes first. A block of a
    `side` page (a long text, say) does not end the visit to its host. `again`: it is for a known post that is
    looked at again, as is what such a page points to. `query` is the word that is searched, or in brackets the
    list that is looked through: all pages with one query are one look at it. `sought`: it looks for the words of
    a watched post, which says nothing of how much is seen of the brands. `brand`: as in `mentions.looks.Look`.
    `profile` is the browser's with which a page is pictured that strangers may not see.
    """

    url: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    gate: Gate = Gate.ALWAYS
    mention_id: str | None = None
    author: Author | None = None
    changed: datetime | None = None
    comments: int | None = None
    side: bool = False
    again: bool = False
    query: str | None = None
    sought: bool = False
    brand: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: also a saved page. `charset` is what the server said; `url` is where it was found."""

    body: bytes
    fetched_at: datetime
    url: str = ""
    status: int = 200
    charset: str | None = None
    fetch: Fetch | None = None

    @property
    def context(self) -> Mapping[str, Any]:
        """What the fetch remembered for its parser."""
        return self.fetch.context if self.fetch else NOTHING


@dataclass(frozen=True, slots=True)
class Page:
    """An answer read. `detail` is one sentence that says what was seen.

    `cap_hit`: this was the last page that the configuration allows, and the site has more. `authors` are
    accounts that the page shows apart from any post. `listed` are the ids of the posts that the list itself holds,
    where the page shows others as well (what a repost passes on). `refused` are the answers that a page in a
    browser received beside those that it shows, and that were refusals: what they held is missing. `note` is what
    a reader of the visit should know although the page was read, in the same words for all such pages.
    """

    outcome: Outcome
    observations: tuple[Observation, ...] = ()
    follow: tuple[Fetch, ...] = ()
    detail: str = ""
    cap_hit: bool = False
    authors: tuple[Author, ...] = ()
    listed: frozenset[str] | None = None
    refused: tuple["Page", ...] = ()
    note: str = ""

    @property
    def wall(self) -> "Page | None":
        """The page itself, or the first that it received, after which its host is left alone."""
        return next((page for page in (self, *self.refused) if page.outcome in WALLS), None)


class Source(BaseModel, ABC):
    """One block of config.yaml under `sources`; a subclass names its `type` and knows one kind of site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    login_hosts: ClassVar[frozenset[str]] = frozenset()
    """A redirect to one of these hosts is a login wall."""
    browser: ClassVar[bool] = False
    """Whether pages of it have to be opened in a browser: their own code signs the requests for their data."""
    listens: ClassVar[tuple[str, ...]] = ()
    """Paths, by their beginnings, of the answers to such a page, itself included, that are handed to `read`."""
    place: ClassVar[str | None] = None
    """Where the posts are from that it watches; None where that is many places, or unknown."""
    enabled: bool = True
    schedule: str = "5m"
    """How often to look: a duration (2m, 1h) or a cron line."""
    delay: Duration = timedelta(seconds=2)
    """Between two requests to one host, at least."""
    max_pages: int = Field(default=5, ge=1, le=50)
    collection: Literal["official", "licensed", "public", "signed-in"] = "public"
    approved_by: str | None = None
    approval_reason: str | None = None
    obey_robots: bool = True
    robots_reason: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    cookie: SecretStr | None = None
    """Of the operator's own ordinary account, never the brand's official one; it makes the source signed-in."""
    cookie_expires: date | None = None
    """The day on which the cookie ends, as the browser says."""

    _from_environment: tuple[str, ...] = PrivateAttr(())

    @field_validator("schedule")
    @classmethod
    def _schedule_is_readable(cls, schedule: str) -> str:
        try:
            pause = parse_duration(schedule)
        except ValueError:
            cron_trigger(schedule)
            return schedule
        if not pause:
            raise ValueError(f"{schedule!r} is no schedule: there has to be some time between two visits")
        return schedule

    @field_validator("delay")
    @classmethod
    def _delay_is_no_attack(cls, delay: timedelta) -> timedelta:
        if delay > timedelta(minutes=10):
            raise ValueError("delay is at most 10m: with more, one visit would not end before the next")
        return delay

    @field_validator("headers")
    @classmethod
    def _headers_are_no_account(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name in headers:
            if name.lower() in {"cookie", "authorization"}:
                raise ValueError(f"{name} is a secret and makes the source signed-in: write cookie: ${{NAME}}")
        return headers

    @field_validator("headers")
    @classmethod
    def _headers_can_be_sent(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for number, (name, value) in enumerate(headers.items(), 1):
            if not HEADER_NAME.fullmatch(name):  # not quoted: after a colon it may hold the value
                raise ValueError(f"the name of header {number} is none: write letters, digits and hyphens only")
            if CONTROL.search(value):
                raise ValueError(f"the value of header {name} holds a line break or another control character")
        return headers

    @model_validator(mode="before")
    @classmethod
    def _a_cookie_is_an_account(cls, block: object) -> object:
        if isinstance(block, Mapping) and block.get("cookie"):
            if block.get("collection", "signed-in") != "signed-in":
                raise ValueError("a source with a cookie is signed-in: write collection: signed-in")
            return {**block, "collection": "signed-in"}
        return block

    @model_validator(mode="after")
    def _is_lawful(self) -> Self:
        if self.enabled and self.collection == "signed-in" and not (self.approved_by and self.approval_reason):
            raise ValueError(
                "a signed-in source is off until approved_by and approval_reason say who allowed it and why"
            )
        if not self.obey_robots and not self.robots_reason:
            raise ValueError("obey_robots: false needs robots_reason, which is kept with every visit")
        return self

    @model_validator(mode="after")
    def _no_address_holds_an_account(self) -> Self:
        if any(ACCOUNT.match(address) for address in self.home):
            raise ValueError("an address holds a user name or a password, which would not be sent: take it out")
        return self

    @property
    def from_environment(self) -> tuple[str, ...]:
        """The values that ${NAMES} in its block stand for: nobody may read them."""
        return self._from_environment

    def with_environment(self, values: tuple[str, ...]) -> Self:
        """The same, knowing which of its values came from the environment."""
        known = self.model_copy()
        known._from_environment = values  # noqa: SLF001 - a copy of our own
        return known

    @property
    def signed_headers(self) -> Mapping[str, str]:
        """The headers of a request, with the cookie where there is one."""
        return self.headers if self.cookie is None else {**self.headers, "Cookie": self.cookie.get_secret_value()}

    @classmethod
    def reader(cls) -> Self:
        """A source that only reads saved pages."""
        return cls.model_validate({"type": cls.model_fields["type"].default, "enabled": False})

    @property
    def lawful_note(self) -> str | None:
        """What has to be kept with every visit: whose approval, and why robots.txt is not obeyed."""
        notes = []
        if self.collection == "signed-in":
            notes.append(f"signed in, approved by {self.approved_by}: {self.approval_reason}")
        if not self.obey_robots:
            notes.append(f"robots.txt not obeyed: {self.robots_reason}")
        return "; ".join(notes) or None

    @property
    def outside_only(self) -> bool:
        """Whether its addresses come from people whom nobody here knows, who may lead us into our own network."""
        return False

    @property
    def look_ups(self) -> int:
        """How many strangers' profiles one visit may look up."""
        return 0

    @property
    def beside(self) -> tuple[str, ...]:
        """Addresses of hosts that a visit may come to, besides those that it begins with."""
        return ()

    @property
    def home(self) -> tuple[str, ...]:
        """Addresses of the sites that are told what the source is signed in with; no other is."""
        own = getattr(self, "base_url", "")
        return (own, *self.beside) if own else self.beside

    @abstractmethod
    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The pages that a visit begins with."""

    @abstractmethod
    def reread(self, mention: Mention) -> Fetch | None:
        """The page that shows a post's counts again; None where there is no such page."""

    def in_browser(self, fetch: Fetch) -> bool:  # noqa: ARG002 - some sources have pages of both kinds
        """Whether this page has to be opened in a browser."""
        return self.browser

    def page_of(self, url: str) -> Fetch | None:  # noqa: ARG002 - what most sources cannot tell
        """The page that shows the post at an address that a person pasted; None where it is none of ours."""
        return None

    @abstractmethod
    def read(self, answer: Answer, name: str) -> Page:
        """Read an answer. `name` is the source's in config.yaml. Never raises for what the bytes hold."""


def search_words(brands: Sequence[Brand]) -> Sequence[str]:
    """What is typed into a site's search box, each word once."""
    return tuple(searched(brands))


def blocked(outcome: Outcome, detail: str) -> Page:
    """A page that shows nothing, and why."""
    return Page(outcome, detail=detail)
