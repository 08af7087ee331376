"""Weibo as m.weibo.cn answers it: keyword search newest first, timelines, single posts, long texts."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import model_validator

from crawlers.html import to_text
from crawlers.mblog import PLATFORM, Context, engagement, observations, post_id
from crawlers.refusals import CAPTCHA_MARKS, json_of, refused
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Mention, Observation

NEWEST_FIRST = "61"
"""The search type 实时; 1 is 综合, 60 is 热门, 3 is 用户."""
POST_CARD, GROUP_CARD = 9, 11
DEEPEST = 4
"""Card groups do not nest deeper than twice; garbage might."""
LOGIN_NEEDED = -100
STATUSES = {
    404: (Outcome.NOT_FOUND, "there is no such post or page"),
    414: (Outcome.THROTTLED, "the site has shut this address out for a while"),
    432: (Outcome.LOGIN_WALL, "the site answers only with the cookie of a signed-in account"),
}
GONE = ("不存在", "已被删除", "已删除", "暂无查看权限", "无法查看", "20101")
TOO_OFTEN = ("频繁", "歇歇", "100005")
SAYINGS = ((TOO_OFTEN, Outcome.THROTTLED), (GONE, Outcome.NOT_FOUND), (CAPTCHA_MARKS, Outcome.CAPTCHA))
ID_IN_URL = re.compile(r"(?:^|\D)(\d{16})(?:\D|$)")


class Weibo(Source):
    """Posts that a search on m.weibo.cn finds, newest first.

    Search mostly needs the cookie of a signed-in account: the operator's own, never the brand's official one.
    A configured cookie makes the source `signed-in`, which somebody has to approve.
    """

    login_hosts: ClassVar[frozenset[str]] = frozenset(
        {"passport.weibo.com", "passport.weibo.cn", "login.sina.com.cn", "visitor.passport.weibo.cn"}
    )

    type: Literal["weibo"] = "weibo"
    base_url: str = "https://m.weibo.cn"
    accounts: tuple[str, ...] = ()
    """Numbers of accounts whose own timelines are read too."""

    @model_validator(mode="after")
    def _base_url_has_no_slash(self) -> Self:
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise ValueError(f"base_url {self.base_url!r} is no http(s) address")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The first search page of every word, and the timelines of the accounts."""
        for keyword in dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,)):
            yield self._search(keyword, 1)
        for account in self.accounts:
            yield self._fetch(f"/api/container/getIndex?containerid=107603{account}", "timeline", {})

    def reread(self, mention: Mention) -> Fetch | None:
        """The post by its number."""
        number = mention.id.removeprefix(f"{PLATFORM}:")
        return self._fetch(f"/statuses/show?id={number}", "post", {"id": number}) if number.isdigit() else None

    def read(self, answer: Answer, name: str) -> Page:
        """Read any of the answers, told apart by their shape."""
        if (refusal := refused(answer, STATUSES, self.login_hosts)) is not None:
            return refusal
        said, instead = json_of(answer)
        if instead is not None:
            return instead
        if isinstance(said, dict) and (denied := _denied(said)) is not None:
            return denied
        data = said.get("data", said) if isinstance(said, dict) else None
        if not isinstance(data, dict):
            return blocked(Outcome.LAYOUT_CHANGED, "The answer is JSON, but holds no data as Weibo sends it.")
        if isinstance(data.get("longTextContent"), str):
            return _long_text(data, answer, name)
        return self._posts(data, answer, name)

    def _posts(self, data: dict[str, Any], answer: Answer, name: str) -> Page:
        posts, posts_expected = _posts_in(data)
        seen: dict[str, Observation] = {}
        for post in posts:
            for observation in observations(post, Context(name, answer.fetched_at)):
                seen.setdefault(observation.mention.id, observation)
        if not seen:
            return _no_posts(data, posts_expected)
        found = tuple(seen.values())
        more = self._next_page(data, answer)
        follow = [self._whole(o.mention) for o in found if o.mention.truncated]
        page = answer.context.get("page", 1)
        capped = more and page >= self.max_pages
        if more and not capped:
            follow.append(self._search(answer.context["keyword"], page + 1))
        return Page(Outcome.MENTIONS, found, tuple(follow), f"The answer holds {len(found)} posts.", capped)

    def _next_page(self, data: dict[str, Any], answer: Answer) -> bool:
        cards = data.get("cardlistInfo")
        return "keyword" in answer.context and isinstance(cards, dict) and isinstance(cards.get("page"), int | str)

    def _search(self, keyword: str, page: int) -> Fetch:
        container = quote(f"100103type={NEWEST_FIRST}&q={keyword}", safe="")
        fetch = self._fetch(
            f"/api/container/getIndex?containerid={container}&page_type=searchall&page={page}",
            "search",
            {"keyword": keyword, "page": page},
        )
        return fetch if page == 1 else replace(fetch, gate=Gate.NEWS)

    def _whole(self, mention: Mention) -> Fetch:
        number = mention.id.removeprefix(f"{PLATFORM}:")
        fetch = self._fetch(f"/statuses/extend?id={number}", "long text", {"mention": mention}, cookie=False)
        return replace(fetch, gate=Gate.TRUNCATED, mention_id=mention.id, side=True)

    def _fetch(self, path: str, kind: str, context: Mapping[str, Any], *, cookie: bool = True) -> Fetch:
        # Without the cookie for long texts: the site answers a captcha to it there.
        headers = {
            "Accept": "application/json, text/plain, */*",
            "X-Requested-With": "XMLHttpRequest",
            "Referer": f"{self.base_url.rstrip('/')}/",
            **(self.signed_headers if cookie else self.headers),
        }
        return Fetch(self.base_url.rstrip("/") + path, kind, headers, context)


def _denied(said: dict[str, Any]) -> Page | None:
    """What an answer that does not say ok:1 means."""
    if said.get("ok") == 1 or "ok" not in said:
        return None
    words = f"{said.get('msg') or ''} {said.get('errno') or said.get('error_code') or ''}".strip()
    if said["ok"] == LOGIN_NEEDED or "passport" in str(said.get("url") or ""):
        return blocked(Outcome.LOGIN_WALL, "The site wants a signed-in account (ok: -100).")
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks):
            return blocked(outcome, f"The site says: {words}")
    data = said.get("data")
    if said["ok"] == 0 and isinstance(data, dict) and not data.get("cards"):
        return blocked(Outcome.EMPTY, f"The site says that nothing is there: {words or 'no posts'}")
    return blocked(Outcome.ERROR_PAGE, f"The site answered ok: {said['ok']!r} {words}".rstrip() + ".")


def _no_posts(data: dict[str, Any], posts_expected: bool) -> Page:  # noqa: FBT001 - said by its name
    if posts_expected:
        return blocked(Outcome.LAYOUT_CHANGED, "The answer holds cards of posts that have no post in them.")
    if isinstance(data.get("userInfo") or data.get("user"), dict):
        return blocked(Outcome.EMPTY, "The answer is an account's profile: it holds no posts.")
    if isinstance(data.get("cards") or data.get("statuses"), list) or data.get("cards") == []:
        return blocked(Outcome.EMPTY, "The answer holds no posts.")
    return blocked(Outcome.LAYOUT_CHANGED, "The answer holds nothing that we know of.")


def _posts_in(data: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """The posts of an answer in their order, and whether there were cards that should have held one."""
    if post_id(data) and ("text" in data or "text_raw" in data):
        return [data], True
    single = data.get("mblog") or data.get("status")
    if isinstance(single, dict):
        return [single], True
    listed = data.get("statuses") or data.get("list")
    found = [post for post in listed if isinstance(post, dict)] if isinstance(listed, list) else []
    cards = list(_post_cards(data.get("cards"), DEEPEST))
    found += [card["mblog"] for card in cards if isinstance(card.get("mblog"), dict)]
    return found, bool(cards or found)


def _post_cards(cards: object, depth: int) -> Iterator[dict[str, Any]]:
    for card in cards if isinstance(cards, list) and depth else ():
        if not isinstance(card, dict):
            continue
        if card.get("card_type") == POST_CARD or "mblog" in card:
            yield card
        yield from _post_cards(card.get("card_group"), depth - 1)


def _long_text(data: dict[str, Any], answer: Answer, name: str) -> Page:
    """The whole text of a post; the answer itself names no post, so the fetch or the address must."""
    text = to_text(data["longTextContent"])
    known = answer.context.get("mention")
    if isinstance(known, Mention):
        mention = replace(known, text=text, truncated=False)
        detail = "The answer holds the whole text of a long post."
    else:
        in_url = ID_IN_URL.search(answer.url)
        number = in_url[1] if in_url else f"text-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        detail = "The answer holds the whole text of a long post, and does not say which."
        mention = Mention(
            id=f"{PLATFORM}:{number}",
            platform=PLATFORM,
            source=name,
            url=f"https://m.weibo.cn/status/{number}" if in_url else "",
            text=text,
            first_seen=answer.fetched_at,
        )
    counts = engagement(data, mention.id, answer.fetched_at)
    return Page(Outcome.MENTIONS, (Observation(mention, counts),), detail=detail)
