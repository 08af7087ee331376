"""The id of a post that came in a file: its crawler's, else one made of what does not change."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit

from mentions.bvid import bvid
from mentions.weiboid import weibo_number

EXACT_DIGITS = 15
"""A spreadsheet rounds longer numbers."""
TRACKERS = re.compile(r"utm_|spm$|from$|share|timestamp$|xsec_", re.IGNORECASE)
"""Query fields that say how a reader came, not what he reads."""
PLAIN = re.compile(r"[\w.\-]{1,128}", re.ASCII)
DYNAMIC_DIGITS = 17
"""Of the number of a dynamic on Bilibili, at least; those of videos and comments are shorter."""
COMMENTS = {
    "bilibili": (re.compile(r"reply(\d+)", re.ASCII), "reply"),
    "v2ex": (re.compile(r"r_(\d+)", re.ASCII), "reply"),
    **{
        platform: (re.compile(r"comment-(\w+)", re.ASCII), "comment")
        for platform in ("mi-community", "weibo", "xiaohongshu", "zhihu")
    },
}
"""How the address of a comment ends, after that of what it is about, and what its id says of it."""


def bilibili_video(name: str) -> str | None:
    """BV… as it is, and av… as the BV that it stands for."""
    return name if name.startswith("BV") else bvid(int(name[2:]))


@dataclass(frozen=True, slots=True)
class Site:
    """Where a site's posts stand, and what its crawler calls them. `query`: the field that says which."""

    platform: str
    host: re.Pattern[str]
    path: re.Pattern[str]
    made: Callable[[str], str | None] = str
    query: str | None = None

    def number(self, parts: SplitResult) -> str | None:
        """What the crawler calls the post at an address; None where it is not the address of one."""
        match = self.path.fullmatch(parts.path)
        if match is None or self.host.fullmatch(parts.hostname or "") is None:
            return None
        said = match[1] if self.query is None else next(iter(parse_qs(parts.query).get(self.query, ())), "")
        return self.made(said) if PLAIN.fullmatch(said) else None


def _site(
    platform: str, host: str, path: str, made: Callable[[str], str | None] = str, query: str | None = None
) -> Site:
    return Site(platform, re.compile(rf"(?:.+\.)?{host}"), re.compile(path, re.ASCII), made, query)


SITES = (
    _site("weibo", r"weibo\.(?:com|cn)", r"/(?:status|statuses|detail|\d{5,12})/(\w+)/?", weibo_number),
    _site("v2ex", r"v2ex\.com", r"/t/(\d+)/?"),
    _site("bilibili", r"bilibili\.com", r"/video/(BV\w{10}|av\d{1,16})/?", bilibili_video),
    _site("bilibili", r"bilibili\.com", r"/(?:opus|dynamic)/(\d{5,20})/?"),
    _site("bilibili", r"t\.bilibili\.com", r"/(\d{5,20})/?"),
    _site(
        "xiaohongshu",
        r"xiaohongshu\.com",
        r"/(?:explore|discovery/item|user/profile/[0-9a-f]{24})/([0-9a-f]{24})/?",
    ),
    _site("mi-community", r"vip\.miui\.com", r"/page/info/mio/mio/detail/?", query="postId"),
    _site("heimao", r"tousu\.sina\.c(?:om\.c)?n", r"/complaint/view/(\d+)/?"),
    _site("douyin", r"douyin\.com", r"/(?:video|note)/(\d{10,20})/?"),
    _site("zhihu", r"zhihu\.com", r"/(?:question/\d+/)?answers?/(\d+)/?", "answer:{}".format),
    _site("zhihu", r"zhihu\.com", r"/(?:p|articles)/(\d+)/?", "article:{}".format),
    _site("zhihu", r"zhihu\.com", r"/zvideos?/(\d+)/?", "zvideo:{}".format),
    _site("zhihu", r"zhihu\.com", r"/pins?/(\d+)/?", "pin:{}".format),
    _site("zhihu", r"zhihu\.com", r"/questions?/(\d+)/?", "question:{}".format),
)
HOSTS = (
    *((site.platform, site.host) for site in SITES),
    *(
        (platform, re.compile(rf"(?:.+\.)?{host}"))
        for platform, host in (
            ("wechat", r"mp\.weixin\.qq\.com"),
            ("tieba", r"tieba\.baidu\.com"),
            ("toutiao", r"toutiao\.com"),
            ("kuaishou", r"kuaishou\.com"),
            ("zhihu", r"zhihu\.com"),
        )
    ),
)
"""Platforms that can be told from the address alone."""


@lru_cache(maxsize=16)
def split(url: str) -> SplitResult | None:
    """The parts of an address, with its host in lower case; None where it is none."""
    try:
        parts = urlsplit(url.strip() if "//" in url else f"//{url.strip()}")
    except ValueError:
        return None
    return parts if parts.hostname and "." in parts.hostname else None


def platform_of(url: str) -> str | None:
    """The platform that an address belongs to, where it is one that we know."""
    parts = split(url)
    return _platform_of_host(parts.hostname) if parts is not None and parts.hostname else None


@lru_cache(maxsize=4096)
def _platform_of_host(host: str) -> str | None:
    return next((name for name, pattern in HOSTS if pattern.fullmatch(host)), None)


def id_from_url(platform: str, url: str) -> str | None:
    """The crawler's own id, else one made of the address; None where there is no address of a post."""
    parts = split(url)
    if parts is None or parts.hostname is None or not (parts.path.strip("/") or parts.query):
        return None
    if found := post_at(parts):
        return found
    query = sorted((k, v) for k, v in parse_qsl(parts.query) if not TRACKERS.match(k))
    plain = f"{parts.hostname.removeprefix('www.')}{parts.path.rstrip('/')}?{urlencode(query)}"
    plain += f"#{parts.fragment}" if parts.fragment.startswith(("reply", "!", "/", "pid", "comment")) else ""
    return f"{platform}:url-{_digest(plain)}"


def post_at(parts: SplitResult) -> str | None:
    """The id that the crawler of its site gives a post or a comment; None for any other address."""
    for site in SITES if _platform_of_host(parts.hostname or "") else ():
        if number := site.number(parts):
            ends, word = COMMENTS.get(site.platform, (None, ""))
            if ends is not None and (comment := ends.fullmatch(parts.fragment)):
                return f"{site.platform}:{word}:{comment[1]}"
            return None if parts.fragment.startswith("reply") else f"{site.platform}:{number}"
    return None


def id_from_number(platform: str, value: object) -> str | None:
    """The id with the site's own number; None where a spreadsheet has rounded it, or it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value != int(value) or value >= 10**EXACT_DIGITS:
            return None
        value = int(value)
    text = str(value).strip().strip("'\"")
    if not PLAIN.fullmatch(text) or re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        return None
    number = _as_crawled(platform, text)
    return f"{platform}:{number}" if number else None


def _as_crawled(platform: str, text: str) -> str | None:
    """What the crawler would call it; None where a bare number does not say of what it is."""
    if platform == "weibo":
        return weibo_number(text)
    if platform == "zhihu" and text.isdigit():
        return None  # an answer, an article, a question: each is counted for itself
    if platform == "bilibili" and text.isdigit() and len(text) < DYNAMIC_DIGITS:
        return None
    return text


def id_from_text(platform: str, author: str | None, published: datetime | None, text: str) -> str:
    """An id for a post of which nothing else tells it apart."""
    when = published.isoformat() if published else ""
    return f"{platform}:text-{_digest(chr(31).join((platform, author or '', when, text)))}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
