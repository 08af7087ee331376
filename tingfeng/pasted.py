"""The address in what a person pasted: alone, without its scheme, or in what an app's share button makes."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crawlers.sources import SOURCE_TYPES
from mentions.exchange.ids import platform_of

ADDRESS = re.compile(r"(?:https?://|(?<![\w.@/-]))(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/?#][!-~]*)?", re.IGNORECASE)
"""Ends where Chinese begins: 看这里https://t.cn/abc太可怕了."""
BEHIND = "\"'`.,;:!?)]}>"
"""What ends a sentence and no address."""
SHORT = frozenset(
    {
        *("t.cn", "b23.tv", "bili2233.cn", "xhslink.com", "v.douyin.com", "v.kuaishou.com", "url.cn", "dwz.cn"),
        *(
            "share.api.weibo.cn",
            "ttarticle.com",
            "z.cn",
            "mr.baidu.com",
            "link.zhihu.com",
            "163.lu",
            "m.toutiao.com",
        ),
    }
)
"""Hosts whose addresses lead on to where the post is."""
SHARED = 400
"""Characters of what a share button makes; a longer text with an address in it is a text."""


def address_in(said: str) -> str | None:
    """The address that is meant, with its scheme in small letters; None where the words are what was sent."""
    words = said.strip()
    if words.lower().startswith(("http://", "https://")) and len(words.split()) == 1 and words.isascii():
        return _whole(words)
    found = list(_addresses(words))
    if len(found) == 1 and found[0] == _whole(words) and _leads_on(words):
        return found[0]
    shared = (address for address in found if _is_of_a_site(address))
    return next(shared, None) if len(words) <= SHARED else None


def platform_off(address: str) -> str | None:
    """The platform of an address that a source could read, if config.yaml had one switched on."""
    platform = platform_of(address)
    return platform if platform in SOURCE_TYPES else None


def _addresses(words: str) -> Iterator[str]:
    for found in ADDRESS.finditer(words):
        yield _whole(found[0].rstrip(BEHIND))


def _whole(address: str) -> str:
    scheme, mark, rest = address.partition("://")
    return f"{scheme.lower()}://{rest}" if mark else f"https://{address}"


def _leads_on(words: str) -> bool:
    """Whether a bare word is an address: it has a path, or begins like one; "index.html" and "3.5" do not."""
    return "/" in words or words.lower().startswith("www.")


def _is_of_a_site(address: str) -> bool:
    parts = urlsplit(address)
    known = parts.hostname in SHORT or platform_of(address) is not None
    return known and bool(parts.path.strip("/") or parts.query)
