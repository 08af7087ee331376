"""The calls of weibo.com's own pages, for the sources that read them."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from crawlers.sites.weibo.source import WeiboSource
from crawlers.source import Fetch
from mentions.weiboid import bid_of

DESKTOP = "https://weibo.com"
XSRF = re.compile(r"(?:^|;\s*)XSRF-TOKEN=([^;\s]+)")
"""The site's own pages repeat this part of the visitor's cookie as a header."""


class WeiboDesktop(WeiboSource):
    """Posts, accounts, comments and reposts by weibo.com/ajax."""

    @property
    @abstractmethod
    def desktop(self) -> str:
        """Where weibo.com is."""

    def post_at(self, number: str) -> Fetch:
        """One post."""
        return self._call("statuses/show", "post", {"id": bid_of(number)}, {"post": number})

    def timeline_at(self, account: str) -> Fetch:
        """The newest posts of an account; what it pinned stands before them."""
        return self._call("statuses/mymblog", "timeline", {"uid": account, "page": "1", "feature": "0"})

    def profile_at(self, account: str) -> Fetch:
        """An account's page."""
        return self._call("profile/info", "profile", {"uid": account})

    def whole_at(self, number: str) -> Fetch:
        """The whole of a long text."""
        return self._call("statuses/longtext", "long text", {"id": bid_of(number)})

    def comments_at(self, number: str, after: Mapping[str, str] | None = None) -> Fetch:
        """The hot comments first; `max_id` says where the next ones begin."""
        asked = {"id": number, "flow": "0", "count": "20"}
        asked |= {key: value for key, value in (after or {}).items() if key == "max_id"}
        return self._call("statuses/buildComments", "comments", asked)

    def reposts_at(self, number: str, page: int = 1) -> Fetch:
        """The newest first."""
        return self._call("statuses/repostTimeline", "reposts", {"id": number, "page": str(page), "count": "20"})

    def _call(
        self, path: str, kind: str, query: Mapping[str, str], context: Mapping[str, Any] | None = None
    ) -> Fetch:
        headers = {
            "Accept": "application/json, text/plain, */*",
            "X-Requested-With": "XMLHttpRequest",
            "Referer": f"{self.desktop}/",
            **self.signed_headers,
        }
        if token := XSRF.search(headers.get("Cookie", "")):
            headers["X-XSRF-TOKEN"] = token[1]
        return Fetch(f"{self.desktop}/ajax/{path}?{urlencode(query)}", kind, headers, context or {})
