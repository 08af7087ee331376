"""Weibo as m.weibo.cn answers it: keyword search newest first, timelines, single posts, comments, reposts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from crawlers.sites.weibo.answers import Found
from crawlers.sites.weibo.mblog import Json
from crawlers.sites.weibo.source import WeiboSource
from crawlers.source import Answer, Fetch, Gate, Page
from mentions.brands import Brand

NEWEST_FIRST = "61"
"""The search type 实时; 1 is 综合, 60 is 热门, 3 is 用户."""


class Weibo(WeiboSource):
    """Posts that a search on m.weibo.cn finds, newest first.

    Search mostly needs the cookie of a signed-in account: the operator's own, never the brand's official one.
    A configured cookie makes the source `signed-in`, which somebody has to approve.
    """

    type: Literal["weibo"] = "weibo"
    base_url: str = "https://m.weibo.cn"

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The first search page of every word, and the timelines of the accounts."""
        for keyword in dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,)):
            yield self._search(keyword, 1)
        yield from super().start(brands)

    def post_at(self, number: str) -> Fetch:
        """One post with its whole text."""
        return self._fetch(f"/statuses/show?id={number}", "post", {"id": number, "post": number})

    def timeline_at(self, account: str) -> Fetch:
        """The newest posts of an account; what it pinned stands before them."""
        return self._fetch(f"/api/container/getIndex?containerid=107603{account}", "timeline", {})

    def profile_at(self, account: str) -> Fetch:
        """An account's page."""
        return self._fetch(f"/api/container/getIndex?type=uid&value={account}", "profile", {})

    def whole_at(self, number: str) -> Fetch:
        """The rest of a long text."""
        return self._fetch(f"/statuses/extend?id={number}", "long text", {}, cookie=False)

    def comments_at(self, number: str, after: Mapping[str, str] | None = None) -> Fetch:
        """The hot comments first; `max_id` says where the next ones begin."""
        query = urlencode({"id": number, "mid": number, "max_id_type": "0"} | dict(after or {}))
        return self._fetch(f"/comments/hotflow?{query}", "comments", {})

    def reposts_at(self, number: str, page: int = 1) -> Fetch:
        """The newest first."""
        return self._fetch(f"/api/statuses/repostTimeline?id={number}&page={page}", "reposts", {})

    def mentions_of(self, name: str) -> Fetch:
        """A search for the name with the sign that addresses it."""
        return self._search(f"@{name}", 1)

    def _found(self, data: Mapping[str, Any], found: Found, answer: Answer, name: str) -> Page:
        page = super()._found(data, found, answer, name)
        number = answer.context.get("page", 1)
        if not page.observations or not _has_next(data, answer):
            return page
        if number >= self.max_pages:
            return replace(page, cap_hit=True)
        following = self._search(answer.context["keyword"], number + 1)
        following = replace(following, context={**answer.context, **following.context})
        return replace(page, follow=(*page.follow, following))

    def _search(self, keyword: str, page: int) -> Fetch:
        container = quote(f"100103type={NEWEST_FIRST}&q={keyword}", safe="")
        fetch = self._fetch(
            f"/api/container/getIndex?containerid={container}&page_type=searchall&page={page}",
            "search",
            {"keyword": keyword, "page": page},
        )
        fetch = replace(fetch, query=keyword)
        return fetch if page == 1 else replace(fetch, gate=Gate.NEWS)

    def _fetch(self, path: str, kind: str, context: Mapping[str, Any], *, cookie: bool = True) -> Fetch:
        # Without the cookie for long texts: the site answers a captcha to it there.
        headers = {
            "Accept": "application/json, text/plain, */*",
            "X-Requested-With": "XMLHttpRequest",
            "Referer": f"{self.base_url.rstrip('/')}/",
            **(self.signed_headers if cookie else self.headers),
        }
        return Fetch(self.base_url.rstrip("/") + path, kind, headers, context)


def _has_next(data: Json, answer: Answer) -> bool:
    cards = data.get("cardlistInfo")
    return "keyword" in answer.context and isinstance(cards, dict) and isinstance(cards.get("page"), int | str)
