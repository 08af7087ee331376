"""Bilibili: named videos and accounts by its open answers, with comments; a search through a browser."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote

from pydantic import model_validator

from crawlers.browsing.browser import BrowserSource
from crawlers.reading.addresses import HttpAddress
from crawlers.reading.embedded import data_of
from crawlers.reading.fields import Json, cursor, each_once, first, found, identity, nothing_found, part
from crawlers.reading.refusals import CAPTCHA_MARKS, refused
from crawlers.sites import bilibili_posts
from crawlers.sites.bilibili_posts import PLATFORM, VIDEO_COMMENTS, is_wordless, video_name
from crawlers.sites.bilibili_shapes import as_dynamic, is_dynamic
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, blocked, search_words
from mentions.brands import Brand
from mentions.bvid import aid
from mentions.counts import parse_count
from mentions.exchange.ids import id_from_url
from mentions.types import Mention, Observation

PAGE_SIZE = 20
SEARCH = "search"
INSIDE = frozenset(
    {"data", "result", "items", "item", "list", "vlist", "archives", "videos", "view", "View", "video_data"}
    | {"cards", "card", "detail", "Reply", "replies", "top_replies", "hots", "top", "upper", "root"}
)
CODES = {
    -101: (Outcome.LOGIN_WALL, "the site wants a signed-in account"),
    -352: (Outcome.CAPTCHA, "the site takes us for a machine"),
    -401: (Outcome.CAPTCHA, "the site takes us for a machine"),
    -403: (Outcome.NO_PERMISSION, "the site refuses this request"),
    -404: (Outcome.NOT_FOUND, "there is no such thing"),
    -412: (Outcome.THROTTLED, "the site has shut this address out for a while"),
    -509: (Outcome.THROTTLED, "asked too often"),
    -799: (Outcome.THROTTLED, "asked too often"),
    12002: (Outcome.EMPTY, "comments are closed here"),
    12061: (Outcome.EMPTY, "comments are closed here"),
    62002: (Outcome.NOT_FOUND, "the video is hidden"),
    62004: (Outcome.NOT_FOUND, "the video is being reviewed"),
    62012: (Outcome.NOT_FOUND, "the video is its author's own"),
}


class Bilibili(BrowserSource):
    """Videos and accounts that are named, and the comments there, without an account or a browser.

    The site signs the requests of its search: with `search: true` the search page is opened in a browser.
    """

    listens: ClassVar[tuple[str, ...]] = ("/x/web-interface/wbi/search/", "/x/web-interface/search/")
    type: Literal["bilibili"] = "bilibili"
    base_url: HttpAddress = "https://api.bilibili.com"
    search_url: HttpAddress = "https://search.bilibili.com"
    search: bool = False
    """Whether the search words of the brands are looked for, which needs a browser."""
    videos: tuple[str, ...] = ()
    """Names of videos (BV…) that are read at every visit, with their newest comments."""
    accounts: tuple[str, ...] = ()
    """Numbers of accounts (mid) whose dynamics are read."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        for name in self.videos:
            if aid(name) is None:
                raise ValueError(f"the video {name!r} is no BV name")
        if self.enabled and not (self.search or self.videos or self.accounts):
            raise ValueError("nothing to read: name videos or accounts, or write search: true")
        return self

    @property
    def beside(self) -> tuple[str, ...]:
        """See Source.beside."""
        return (self.search_url,)

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The watched videos, the accounts' dynamics, and the search page of every word, newest first."""
        for name in self.videos:
            yield self._fetch(f"/x/web-interface/view?bvid={name}", "video", {"watched": True})
        for account in self.accounts:
            yield self._dynamics(account, "", 1)
        for word in search_words(brands) if self.search else ():
            url = f"{self.search_url}/video?keyword={quote(word, safe='')}&order=pubdate"
            yield Fetch(url, SEARCH, self.signed_headers, {"keyword": word}, query=word)

    def in_browser(self, fetch: Fetch) -> bool:
        """Only the search has to be."""
        return fetch.kind == SEARCH

    def reread(self, mention: Mention) -> Fetch | None:
        """A video by its name, a dynamic by its number, a comment under a video by both."""
        number = mention.id.removeprefix(f"{PLATFORM}:")
        if number.startswith("reply:"):
            oid = aid((mention.thread or "").removeprefix(f"{PLATFORM}:"))
            root = number.removeprefix("reply:")
            path = f"/x/v2/reply/reply?type={VIDEO_COMMENTS}&oid={oid}&root={root}&ps=1&pn=1"
            return (
                self._fetch(path, "comment", {"thread": mention.thread, "title": mention.title}) if oid else None
            )
        return self._single(number)

    def page_of(self, url: str) -> Fetch | None:
        """The video or dynamic at an address."""
        post = id_from_url(PLATFORM, url.partition("#")[0]) or ""
        fetch = self._single(post.removeprefix(f"{PLATFORM}:"))
        return fetch and replace(fetch, mention_id=post)

    def _single(self, number: str) -> Fetch | None:
        if number.startswith("BV"):
            return self._fetch(f"/x/web-interface/view?bvid={number}", "video", {})
        if number.isdigit():
            return self._fetch(f"/x/polymer/web-dynamic/v1/detail?id={number}", "dynamic", {})
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read any of the answers, or a video's page, told apart by their shape."""
        said, instead = data_of(answer)
        if instead is None and (denied := _denied(said)) is not None:
            return denied
        if (refusal := refused(answer)) is not None:
            return refusal
        return instead or self._posts(said, answer, name)

    def _posts(self, said: object, answer: Answer, name: str) -> Page:
        shown = [(item, _observations(item, answer, name)) for item in found(said, _known, INSIDE)]
        seen = each_once(o for _, observations in shown for o in observations)
        if not seen:
            data = part(said, "data")
            if "replies" in data and data["replies"] is None:
                return blocked(Outcome.EMPTY, "There are no comments.")
            return nothing_found(said, _known, INSIDE)
        follow = [fetch for item, observations in shown for fetch in self._discussion(item, observations, answer)]
        follow += [fetch for o in seen if answer.fetch is not None for fetch in self._whole(o.mention)]
        more = self._next(said, answer)
        capped = more is not None and answer.context.get("page", 1) >= self.max_pages
        capped |= _search_goes_on(said)
        if more is not None and not capped:
            follow.append(more)
        return Page(Outcome.MENTIONS, seen, tuple(follow), f"The answer holds {len(seen)} posts.", capped)

    def _whole(self, mention: Mention) -> Iterator[Fetch]:
        """The page of a video of which a list may show only the beginning."""
        fetch = self._single(mention.id.removeprefix(f"{PLATFORM}:")) if mention.truncated else None
        if fetch is not None and fetch.kind == "video":
            yield replace(fetch, gate=Gate.TRUNCATED, mention_id=mention.id, side=True)

    def _discussion(self, item: Json, shown: Sequence[Observation], answer: Answer) -> Iterator[Fetch]:
        """The comments under a video or dynamic: always where it is watched, else where it mentions a brand."""
        mention, counts = (shown[-1].mention, shown[-1].engagement) if shown else (None, None)
        if answer.fetch is None or mention is None or counts is None or not counts.comments:
            return
        if mention.id.startswith(f"{PLATFORM}:reply:"):
            return
        basic, number = part(item, "basic"), aid(mention.id.removeprefix(f"{PLATFORM}:"))
        kind = VIDEO_COMMENTS if number else identity(basic.get("comment_type"))
        oid = str(number) if number else identity(basic.get("comment_id_str"))
        if kind is not None and oid is not None:
            context = {"type": kind, "oid": oid, "thread": mention.id, "title": mention.title}
            gate = Gate.ALWAYS if answer.context.get("watched") else Gate.DISCUSSED
            yield replace(self._comments(context, 1), gate=gate, mention_id=mention.id)

    def _next(self, said: object, answer: Answer) -> Fetch | None:
        """The next page of a list that we asked for."""
        fetch, data = answer.fetch, part(said, "data")
        if fetch is None or "page" not in fetch.context:
            return None
        page = fetch.context["page"] + 1
        if "oid" in fetch.context:
            total = parse_count(part(data, "page").get("count"))
            more = total is not None and fetch.context["page"] * PAGE_SIZE < total.value
            return replace(self._comments(fetch.context, page), gate=Gate.NEWS) if more else None
        offset = cursor(data.get("offset"))
        if data.get("has_more") is not True or offset is None:
            return None
        return replace(self._dynamics(fetch.context["account"], offset, page), gate=Gate.NEWS)

    def _comments(self, of: Mapping[str, Any], page: int) -> Fetch:
        path = f"/x/v2/reply?type={of['type']}&oid={of['oid']}&sort=0&ps={PAGE_SIZE}&pn={page}"
        return self._fetch(path, "comments", {**of, "page": page})

    def _dynamics(self, account: str, offset: str, page: int) -> Fetch:
        asked = f"host_mid={quote(account, safe='')}&offset={quote(offset, safe='')}"
        path = f"/x/polymer/web-dynamic/v1/feed/space?{asked}"
        fetch = self._fetch(path, "dynamics", {"account": account, "page": page})
        return replace(fetch, query=f"[account {account}]")

    def _fetch(self, path: str, kind: str, context: Mapping[str, Any]) -> Fetch:
        headers = {"Referer": "https://www.bilibili.com/", **self.signed_headers}
        return Fetch(self.base_url + path, kind, headers, context)


def _search_goes_on(said: object) -> bool:
    """Whether a search found more pages than the one that its page in the browser shows."""
    page, pages = (parse_count(part(said, "data").get(key)) for key in ("page", "numPages"))
    return pages is not None and pages.value > (1 if page is None else page.value)


def _denied(said: object) -> Page | None:
    """What an answer means that says another code than 0, or asks for a proof that a person sent it."""
    of = said if isinstance(said, Mapping) else {}
    code = of.get("code")
    if "v_voucher" in part(of, "data"):
        return blocked(Outcome.CAPTCHA, "The site wants to see a person (v_voucher).")
    if code in (None, 0, "0") or not isinstance(code, int | str):
        return None
    words = str(first(of, "message", "msg") or "")
    number = int(code) if re.fullmatch(r"-?[0-9]{1,9}", str(code)) else 0
    outcome, means = CODES.get(number, (Outcome.ERROR_PAGE, "the site answered with an error"))
    if number not in CODES and any(mark in words.lower() for mark in CAPTCHA_MARKS):
        outcome = Outcome.CAPTCHA
    return blocked(outcome, f"Code {code}: {means} ({words})." if words else f"Code {code}: {means}.")


def _known(item: Json) -> bool | None:
    """A dynamic, a video or a comment. Users, series, live rooms and advertisements are passed by."""
    if is_dynamic(item):
        return not is_wordless(as_dynamic(item))
    if "rpid" in item or "rpid_str" in item:
        return True
    if video_name(item) is not None and "title" in item:
        return item.get("type") in (None, "video", 0, "")
    for key in ("result_type", "type"):
        if isinstance(kind := item.get(key), str) and kind != "video":
            return False
    return None


def _observations(item: Json, answer: Answer, name: str) -> list[Observation]:
    if is_dynamic(item):
        return list(bilibili_posts.dynamic(item, answer, name))
    if "rpid" in item or "rpid_str" in item:
        return list(bilibili_posts.comments(item, answer, name))
    return [bilibili_posts.video(item, answer, name)]
