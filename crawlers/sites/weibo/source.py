"""What all Weibo sources share: one post has one id, one shape, and the same pages around it."""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from crawlers.reading.html import to_text
from crawlers.reading.refusals import json_of, refused
from crawlers.sites.weibo import page as weibo_page
from crawlers.sites.weibo.answers import Found, data_of, denied, found_in, nothing
from crawlers.sites.weibo.comments import KIND, Under, comments
from crawlers.sites.weibo.mblog import (
    COUNTS,
    PLATFORM,
    Context,
    author_of,
    engagement,
    is_gone,
    observations,
    post_id,
)
from crawlers.sites.weibo.notices import none_found
from crawlers.sites.weibo.urls import post_number
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Mention, Observation

STATUSES = {
    404: (Outcome.NOT_FOUND, "there is no such post or page"),
    414: (Outcome.THROTTLED, "the site has shut this address out for a while"),
    432: (Outcome.LOGIN_WALL, "the site answers only with the cookie of a signed-in account"),
}
EXPLAINED = frozenset({400, 403})
"""With these the desktop site may say in JSON what is wrong."""
LOGIN_HOSTS = frozenset(
    {"passport.weibo.com", "passport.weibo.cn", "login.sina.com.cn", "visitor.passport.weibo.cn"}
)
REPOSTS = re.compile(r"/repost_?[tT]imeline\b")
ID_IN_URL = re.compile(r"(?:^|\D)(\d{16})(?:\D|$)")
COUNTS_OF_POST = frozenset(COUNTS.values())
AROUND = 2
"""Pages of reposts, and of comments, that are read around a suspect post or under one of our own."""


class WeiboSource(Source):
    """Where posts, timelines, accounts, comments and reposts stand is for each kind to say; None: nowhere."""

    login_hosts: ClassVar[frozenset[str]] = LOGIN_HOSTS
    place: ClassVar[str | None] = PLATFORM

    base_url: str
    accounts: tuple[str, ...] = ()
    """Numbers of accounts whose own timelines are read too."""
    own: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """By brand, the numbers of its own accounts: the comments under their posts are about the brand."""
    profiles: int = Field(default=5, ge=0, le=50)
    """Accounts looked up in one visit at most, of whom it is not known how many follow them."""

    @model_validator(mode="after")
    def _base_url_is_an_address(self) -> Self:
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise ValueError(f"base_url {self.base_url!r} is no http(s) address")
        return self

    @property
    def look_ups(self) -> int:
        """See Source.look_ups."""
        return self.profiles

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - not all can search
        """The timelines of the brands' own accounts, and of the others."""
        ours = (account for accounts in self.own.values() for account in accounts)
        for account in dict.fromkeys((*ours, *self.accounts)):
            yield replace(self.timeline_at(account), query=f"[account {account}]")

    def reread(self, mention: Mention) -> Fetch | None:
        """The post by its number; a comment among those of its post."""
        kind, _, number = mention.id.removeprefix(f"{PLATFORM}:").rpartition(":")
        if kind == KIND:
            post = (mention.thread or "").removeprefix(f"{PLATFORM}:")
            return self._comments(post, mention.brands) if post.isdigit() else None
        return self.post_at(number) if number.isdigit() and not kind else None

    def page_of(self, url: str) -> Fetch | None:
        """The post that an address of the desktop or mobile site, or one of their calls, shows."""
        number = post_number(url, {urlsplit(self.base_url).hostname or ""})
        fetch = self.post_at(number) if number else None
        return fetch and replace(fetch, mention_id=f"{PLATFORM}:{number}")

    @abstractmethod
    def post_at(self, number: str) -> Fetch | None:
        """One post, of kind "post", with the number in its context."""

    @abstractmethod
    def timeline_at(self, account: str) -> Fetch:
        """The newest posts of an account."""

    @abstractmethod
    def profile_at(self, account: str) -> Fetch | None:
        """An account, and how many follow it."""

    @abstractmethod
    def whole_at(self, number: str) -> Fetch | None:
        """The whole text of a long post."""

    @abstractmethod
    def comments_at(self, number: str, after: Mapping[str, str] | None = None) -> Fetch | None:
        """The hot comments under a post; `after` is what the page before it said of the next one."""

    @abstractmethod
    def reposts_at(self, number: str, page: int = 1) -> Fetch | None:
        """The newest reposts of a post."""

    def mentions_of(self, name: str) -> Fetch | None:  # noqa: ARG002 - not all can search
        """A search for posts that address an account by its name."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read any of the answers, told apart by their shape."""
        said, instead = json_of(answer)
        explained = instead is None and answer.status in EXPLAINED and isinstance(said, dict) and "ok" in said
        refusal = refused(answer, STATUSES, self.login_hosts)
        if refusal is not None and not explained:
            return refusal
        if instead is not None and instead.outcome is Outcome.ERROR_PAGE:
            said, instead = weibo_page.data_of(answer.body, instead)
        return instead or self.read_said(said, answer, name)

    def read_said(self, said: object, answer: Answer, name: str) -> Page:
        """Read an answer that is JSON."""
        if isinstance(said, dict) and (refusal := denied(said)) is not None:
            return refusal
        data = data_of(said)
        if data is None:
            return blocked(Outcome.LAYOUT_CHANGED, "The answer is JSON, but holds no data as Weibo sends it.")
        if isinstance(data.get("longTextContent"), str):
            return _long_text(data, answer, name)
        if not data and answer.fetch is not None and answer.fetch.kind == "long text":
            return blocked(Outcome.EMPTY, "The site says that there is no longer text.")
        if (words := none_found(data)) is not None:  # what follows is recommended, and nobody searched for it
            return blocked(Outcome.EMPTY, f"The site says: {words}")
        return self._found(data, found_in(data), answer, name)

    def _found(self, data: Mapping[str, Any], found: Found, answer: Answer, name: str) -> Page:
        if not found.posts and not found.comments and found.users:
            authors = tuple(author for user in found.users if (author := author_of(user)) is not None)
            detail = "The answer is an account's profile: it holds no posts."
            return Page(Outcome.EMPTY, authors=authors, detail=detail)
        context = answer.context
        around = context.get("post") or post_number(answer.url)
        under = Under(name, answer.fetched_at, around, context.get("brands", ()))
        origin = (
            around if REPOSTS.search(answer.url) or (answer.fetch and answer.fetch.kind == "reposts") else None
        )
        of_post = Context(name, answer.fetched_at, f"{PLATFORM}:{origin}" if origin else None)
        seen: dict[str, Observation] = {}
        for observation in (
            *(o for post in found.posts for o in observations(post, of_post)),
            *comments(list(found.comments), under),
        ):
            seen.setdefault(observation.mention.id, observation)
        if not seen:
            if found.posts and all(map(is_gone, found.posts)):
                return blocked(
                    Outcome.NOT_FOUND if len(found.posts) == 1 else Outcome.EMPTY,
                    "The post was deleted, or is hidden from us: only the site's notice stands there.",
                )
            return nothing(data, found)
        shown = self._ours(tuple(seen.values()), context)
        follow = [*self._follow(shown, answer), *self._more(data, found, answer)]
        what = "comments" if found.comments and not found.posts else "posts"
        listed = frozenset(f"{PLATFORM}:{post_id(post)}" for post in found.posts) or None
        return Page(
            Outcome.MENTIONS, shown, tuple(follow), f"The answer holds {len(shown)} {what}.", listed=listed
        )

    def _ours(self, shown: Sequence[Observation], context: Mapping[str, Any]) -> tuple[Observation, ...]:
        """The same, with the brands that a post concerns by where it stands, whatever its words are."""
        return tuple(
            replace(o, mention=replace(o.mention, brands=brands))
            if (brands := self._concerned(o.mention, context)) and not o.mention.brands
            else o
            for o in shown
        )

    def _concerned(self, mention: Mention, context: Mapping[str, Any]) -> tuple[str, ...]:
        """The brand on whose channel a post is, or whose account it addresses; those of what it passes on."""
        if mention.thread is None and (owner := self._owner(mention)) is not None:
            return (owner,)
        if "address" in context and context["address"] in mention.text:
            return (str(context["own"]),)
        known = context.get("mention")
        passes_on = isinstance(known, Mention) and mention.repost_of == known.id
        return known.brands if isinstance(known, Mention) and passes_on else ()

    def _owner(self, mention: Mention) -> str | None:
        author = mention.author and mention.author.id
        return next((brand for brand, accounts in self.own.items() if author in accounts), None)

    def _follow(self, shown: Sequence[Observation], answer: Answer) -> Iterator[Fetch]:
        """What the posts of a page point to: long texts, discussions, and authors nobody has told us of."""
        for o in shown:
            if o.mention.truncated and (whole := self.whole_at(_number(o.mention))):
                whole = self._context(whole, mention=o.mention)
                yield replace(whole, gate=Gate.TRUNCATED, mention_id=o.mention.id, side=True)
        if answer.fetch is not None:
            yield from self._around(shown, answer.fetch)
            yield from self.strangers(shown)

    def _around(self, shown: Sequence[Observation], fetch: Fetch) -> Iterator[Fetch]:
        """Comments and reposts of a suspect post, comments under our own ones, and posts that address us."""
        listens = fetch.kind == "timeline"
        for o in shown:
            mention, counts, number = o.mention, o.engagement, _number(o.mention)
            owner = self._owner(mention)
            looked_at = fetch.kind == "post" and fetch.again and number == fetch.context.get("post")
            if counts is None or not (looked_at or (listens and owner)):
                continue
            if counts.comments and (asked := self._comments(number, (owner,) if owner else ())):
                yield replace(asked, gate=Gate.DISCUSSED, mention_id=mention.id)
            if looked_at and counts.reposts and (asked := self.reposts_at(number)):
                asked = self._context(asked, post=number, page=1, mention=mention)
                yield replace(asked, gate=Gate.SPREAD, mention_id=mention.id, side=True)
        ours = {
            (owner, m.author.name)
            for o in shown
            if listens and (owner := self._owner(m := o.mention)) is not None and m.author and m.author.name
        }
        for owner, name in sorted(ours):
            if (asked := self.mentions_of(name)) is not None:
                yield replace(self._context(asked, own=owner, address=f"@{name}"), brand=owner)

    def strangers(self, shown: Sequence[Observation]) -> Iterator[Fetch]:
        """The profiles of authors whose followers the page does not show, verified ones first."""
        unknown = [o.mention for o in shown if (a := o.mention.author) is not None and a.followers is None]
        for mention in sorted(unknown, key=lambda m: not (m.author and m.author.verified)):
            author = mention.author
            if author is not None and (asked := self.profile_at(author.id)) is not None:
                yield replace(asked, gate=Gate.STRANGER, author=author, mention_id=mention.id, side=True)

    def _comments(self, number: str, brands: Sequence[str]) -> Fetch | None:
        asked = self.comments_at(number)
        if asked is None:
            return None
        return replace(self._context(asked, post=number, page=1, brands=tuple(brands)), side=True)

    def _more(self, data: Mapping[str, Any], found: Found, answer: Answer) -> Iterator[Fetch]:
        """The next page of comments or reposts, while they are news."""
        fetch, page, post = answer.fetch, answer.context.get("page"), answer.context.get("post")
        if fetch is None or not isinstance(page, int) or not isinstance(post, str) or page >= AROUND:
            return
        following: Fetch | None = None
        if fetch.kind == "comments" and found.comments and str(data.get("max_id") or "0") != "0":
            after = {key: str(data[key]) for key in ("max_id", "max_id_type") if key in data}
            following = self.comments_at(post, after)
        elif fetch.kind == "reposts":
            following = self.reposts_at(post, page + 1)
        if following is not None:
            context = {**fetch.context, **following.context, "page": page + 1}
            yield replace(following, context=context, gate=Gate.NEWS, side=True)

    @staticmethod
    def _context(fetch: Fetch, **more: Any) -> Fetch:
        return replace(fetch, context={**fetch.context, **more})


def _number(mention: Mention) -> str:
    return mention.id.removeprefix(f"{PLATFORM}:")


def _long_text(data: dict[str, Any], answer: Answer, name: str) -> Page:
    """The whole text of a post; the answer itself names no post, so the fetch or the address must."""
    text = to_text(data["longTextContent"])
    known = answer.context.get("mention")
    if isinstance(known, Mention):
        mention = replace(known, text=text, truncated=False)
        detail = "The answer holds the whole text of a long post."
    else:
        in_url = ID_IN_URL.search(answer.url)
        number = post_number(answer.url) or (in_url[1] if in_url else None)
        detail = "The answer holds the whole text of a long post, and does not say which."
        mention = Mention(
            id=f"{PLATFORM}:{number or f'text-{hashlib.sha256(text.encode()).hexdigest()[:12]}'}",
            platform=PLATFORM,
            source=name,
            url=f"https://m.weibo.cn/status/{number}" if number else "",
            text=text,
            first_seen=answer.fetched_at,
        )
    # The desktop site says no counts here; a snapshot of nothing would hide those that are known.
    shows_counts = not COUNTS_OF_POST.isdisjoint(data)
    counts = engagement(data, mention.id, answer.fetched_at) if shows_counts else None
    return Page(Outcome.MENTIONS, (Observation(mention, counts),), detail=detail)
