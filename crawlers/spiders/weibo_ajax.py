"""Weibo as the desktop site's own pages ask for it: timelines, posts, comments, reposts, accounts."""

from typing import Literal, Self

from pydantic import model_validator

from crawlers.sites.weibo.desktop import DESKTOP, WeiboDesktop


class WeiboAjax(WeiboDesktop):
    """Timelines of chosen accounts on weibo.com. It cannot search: `weibo-search` does."""

    type: Literal["weibo-ajax"] = "weibo-ajax"
    base_url: str = DESKTOP

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if self.enabled and not (self.accounts or self.own):
            raise ValueError(
                "accounts and own are empty: name accounts by their numbers, since nothing is searched"
            )
        return self

    @property
    def desktop(self) -> str:
        """Where weibo.com is."""
        return self.base_url.rstrip("/")
