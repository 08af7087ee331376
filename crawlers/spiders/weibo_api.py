"""Weibo's open API (api.weibo.com/2): the official way, for who has an application and a token there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self
from urllib.parse import urlencode

from pydantic import SecretStr, model_validator

from crawlers.reading.refusals import json_of
from crawlers.sites.weibo.source import WeiboSource
from crawlers.source import Answer, Fetch, Outcome, Page, blocked
from mentions.brands import Brand

NOT_SIGNED_IN = "the token has expired or was taken back: make a new one and put it into config.yaml"
TOO_OFTEN = "the allowance of this hour is used up"
ERRORS: Mapping[int, tuple[Outcome, str]] = {
    **dict.fromkeys((21301, 21314, 21315, 21316, 21317, 21319, 21327, 21332), (Outcome.LOGIN_WALL, NOT_SIGNED_IN)),
    **dict.fromkeys((10022, 10023, 10024), (Outcome.THROTTLED, TOO_OFTEN)),
    10006: (Outcome.LOGIN_WALL, "no token came along"),
    10004: (Outcome.NO_PERMISSION, "the API refuses this address"),
    10009: (Outcome.THROTTLED, "the API is busy"),
    10014: (Outcome.NO_PERMISSION, "the application may not make this call"),
    20003: (Outcome.NOT_FOUND, "there is no such account"),
    20101: (Outcome.NOT_FOUND, "there is no such post"),
    20112: (Outcome.NO_PERMISSION, "the post may not be seen"),
}
"""By `error_code`; whatever else the API says is an error page."""
TOPIC_COUNT, COUNT = "50", "50"


class WeiboApi(WeiboSource):
    """Timelines, posts, comments and reposts by the open API; with `search`, topics of each search word.

    The token is sent as a header, so that it stands in no address and no log.
    """

    type: Literal["weibo-api"] = "weibo-api"
    base_url: str = "https://api.weibo.com/2"
    collection: Literal["official", "licensed", "public", "signed-in"] = "official"
    token: SecretStr | None = None
    search: bool = False
    """Whether search/topics is asked, which the platform sells apart."""

    @model_validator(mode="after")
    def _may_ask_and_says_what(self) -> Self:
        if self.enabled and self.token is None:
            raise ValueError("token is missing: write token: ${NAME}, with the access token of your application")
        if self.enabled and not (self.search or self.accounts or self.own):
            raise ValueError("nothing to ask for: name accounts or own, or write search: true if you bought it")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The topics of every search word, and the timelines of the accounts."""
        if self.search:
            for word in dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,)):
                yield replace(self._call("search/topics", "search", {"q": word, "count": TOPIC_COUNT}), query=word)
        yield from super().start(brands)

    def post_at(self, number: str) -> Fetch:
        """One post."""
        return self._call("statuses/show", "post", {"id": number}, {"post": number})

    def timeline_at(self, account: str) -> Fetch:
        """The newest posts of an account."""
        return self._call("statuses/user_timeline", "timeline", {"uid": account, "count": COUNT})

    def profile_at(self, account: str) -> Fetch:
        """An account."""
        return self._call("users/show", "profile", {"uid": account})

    def whole_at(self, number: str) -> None:  # noqa: ARG002 - the API has no such call
        """Texts are whole where the application may see them so."""
        return

    def comments_at(self, number: str, after: Mapping[str, str] | None = None) -> Fetch:  # noqa: ARG002 - newest only
        """The newest comments."""
        return self._call("comments/show", "comments", {"id": number, "count": COUNT})

    def reposts_at(self, number: str, page: int = 1) -> Fetch:
        """The newest first."""
        return self._call("statuses/repost_timeline", "reposts", {"id": number, "page": str(page), "count": COUNT})

    def read(self, answer: Answer, name: str) -> Page:
        """Read an answer; what an error means stands in its code, not in its status."""
        said, _ = json_of(answer)
        if isinstance(said, dict) and "error_code" in said:
            return _error(said)
        return super().read(answer, name)

    def _call(
        self, path: str, kind: str, query: Mapping[str, str], context: Mapping[str, Any] | None = None
    ) -> Fetch:
        headers = dict(self.signed_headers)
        if self.token is not None:
            headers["Authorization"] = f"OAuth2 {self.token.get_secret_value()}"
        url = f"{self.base_url.rstrip('/')}/{path}.json?{urlencode(query)}"
        return Fetch(url, kind, headers, context or {})


def _error(said: Mapping[str, Any]) -> Page:
    code, words = said.get("error_code"), str(said.get("error") or "")
    number = int(code) if isinstance(code, int | str) and str(code).isdigit() else 0
    outcome, meaning = ERRORS.get(number, (Outcome.ERROR_PAGE, "the API answered with an error"))
    return blocked(outcome, f"error_code {code} ({words}): {meaning}.")
