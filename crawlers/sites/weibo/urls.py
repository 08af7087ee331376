"""Which post an address of Weibo shows."""

import re
from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from mentions.weiboid import weibo_number

HOSTS = frozenset({"weibo.com", "www.weibo.com", "m.weibo.cn", "weibo.cn", "www.weibo.cn", "m.weibo.com"})
IN_PATH = re.compile(r"/(?:status|statuses|detail|\d{5,12})/(\w+)/?", re.ASCII)
"""weibo.com/UID/BID, weibo.com/detail/ID, m.weibo.cn/status/ID, m.weibo.cn/detail/ID; ID is either of the two."""
CALLS = re.compile(
    r".*/(?:show|extend|longtext|hotflow|buildComments|repostTimeline|repost_timeline)(?:\.json)?", re.ASCII
)
"""Paths that name the post in their query."""

SHARED = {"share.api.weibo.cn": "weibo_id"}
"""Hosts of the app's share button, and where their addresses name the post; weibo.com/tv/show does by `mid`."""


def post_number(url: str, more_hosts: Collection[str] = ()) -> str | None:
    """The number of the post; None where the address is of something else, or of another site."""
    try:
        parts = urlsplit(url.strip() if "//" in url else f"//{url.strip()}")
        host = parts.hostname or ""
    except ValueError:
        return None
    if host not in HOSTS and host not in SHARED and host not in more_hosts:
        return None
    path = parts.path.removeprefix("/#").rstrip("/") or "/"
    if (in_path := IN_PATH.fullmatch(path)) and in_path[1] not in {"show", "extend"}:
        return weibo_number(in_path[1])
    asked = parse_qs(parts.query)
    if (shared := SHARED.get(host)) is not None or path.startswith("/tv/show/"):
        named = asked.get(shared or "mid", ())
        return next((n for said in named if (n := weibo_number(said))), None)
    if CALLS.fullmatch(path):
        return next((n for key in ("id", "mid") for said in asked.get(key, ()) if (n := weibo_number(said))), None)
    return next((n for said in asked.get("mblogid", ()) if (n := weibo_number(said))), None)
