"""Hot lists: what half a country reads at this minute. An entry is a mention without an author, with a rank."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from crawlers.reading.charset import decode
from crawlers.reading.embedded import state_of
from crawlers.reading.jsontext import NotJson, read_json
from crawlers.reading.refusals import json_of, refused
from crawlers.sites.hotlists import READERS, Entry, baidu_data, weibo_page
from crawlers.source import Answer, Fetch, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.durations import Duration
from mentions.hot import LISTS, platform_of
from mentions.text import fold
from mentions.types import HotRank, Mention, Observation

ListName = Literal["weibo", "zhihu", "baidu", "bilibili", "toutiao", "douyin"]
WHERE: Mapping[str, tuple[str, str]] = {
    "weibo": ("https://weibo.com", "/ajax/side/hotSearch"),
    "zhihu": ("https://www.zhihu.com", "/api/v3/feed/topstory/hot-lists/total?limit=50"),
    "baidu": ("https://top.baidu.com", "/board?tab=realtime"),
    "bilibili": ("https://api.bilibili.com", "/x/web-interface/search/square?limit=50"),
    "toutiao": ("https://www.toutiao.com", "/hot-event/hot-board/?origin=toutiao_pc"),
    "douyin": ("https://www.iesdouyin.com", "/web/api/v2/hotsearch/billboard/word/"),
}
LOGINS = frozenset({"passport.weibo.com", "passport.weibo.cn", "login.sina.com.cn"})
SAID: Mapping[object, tuple[Outcome, str]] = {
    -100: (Outcome.LOGIN_WALL, "Weibo wants a signed-in visitor."),
    100: (Outcome.LOGIN_WALL, "Zhihu wants a signed-in visitor."),
    40362: (Outcome.THROTTLED, "Zhihu takes us for a machine."),
    -412: (Outcome.THROTTLED, "Bilibili takes us for a machine."),
    -352: (Outcome.THROTTLED, "Bilibili takes us for a machine."),
    -799: (Outcome.THROTTLED, "Bilibili says: too often."),
}
"""What numbers in `ok`, `code`, `status_code` and `error.code` of an answer mean."""


class Hot(Source):
    """The hot lists of six sites, where they are public."""

    login_hosts = LOGINS
    type: Literal["hot"] = "hot"
    schedule: str = "1m"
    delay: Duration = timedelta(seconds=1)
    lists: tuple[ListName, ...] = get_args(ListName)
    base_urls: Mapping[ListName, str] = Field(default_factory=dict)

    @field_validator("base_urls")
    @classmethod
    def _are_addresses(cls, urls: Mapping[str, str]) -> Mapping[str, str]:
        for name, url in urls.items():
            if urlsplit(url).scheme not in {"http", "https"}:
                raise ValueError(f"the address of {name}, {url!r}, is no http(s) address")
        return urls

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.enabled and not self.lists:
            raise ValueError(f"lists is empty: name at least one of {', '.join(LISTS)}")
        return self

    @property
    def home(self) -> tuple[str, ...]:
        """See Source.home."""
        return tuple(map(self._where, self.lists))

    def _where(self, name: ListName) -> str:
        site, path = WHERE[name]
        return self.base_urls.get(name, site).rstrip("/") + path

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - a list is read whole
        """Every list."""
        for name in self.lists:
            yield Fetch(self._where(name), name, self.signed_headers, {"list": name}, query=f"[{name}]")

    def reread(self, mention: Mention) -> Fetch | None:  # noqa: ARG002 - see the class
        """Nothing: the list itself is read every minute."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list; a saved page, of which nobody says whose list it is, is told by its shape."""
        if (refusal := refused(answer, login_hosts=LOGINS)) is not None:
            return refusal
        listed = answer.context.get("list")
        entries: Sequence[Entry] | None
        if (page := _page_of(answer)) is not None:
            listed, entries = page
        else:
            said, instead = json_of(answer)
            if instead is not None:
                return instead
            if (refusal := _refused(said)) is not None:
                return refusal
            listed, entries = _read(said, listed)
        if entries is None or listed is None:
            return blocked(Outcome.LAYOUT_CHANGED, f"The answer holds no {listed or 'hot'} list that we know.")
        if not entries:
            return blocked(Outcome.EMPTY, f"The {listed} list is empty.")
        found = tuple(_observation(entry, listed, answer, name) for entry in entries)
        return Page(Outcome.MENTIONS, found, detail=f"The {listed} list holds {len(found)} entries.")


def _page_of(answer: Answer) -> tuple[str, Sequence[Entry] | None] | None:
    """The list that a web page holds; None where the answer is no page, or one of another kind."""
    if not answer.body.lstrip().startswith(b"<"):
        return None
    page = decode(answer.body, answer.charset)
    if (data := baidu_data(page)) is not None:
        try:
            return "baidu", READERS["baidu"](read_json(data))
        except NotJson:
            return "baidu", None
    if (state := state_of(answer.body)) is not None and "initial_state" in state:
        return "zhihu", READERS["zhihu"](state)
    table = weibo_page(page)
    return None if table is None else ("weibo", table or None)  # the site never shows an empty one


def _read(said: Any, listed: str | None) -> tuple[str | None, Sequence[Entry] | None]:
    for name in (listed,) if listed else LISTS:
        entries = READERS[name](said)
        if entries is not None:
            return name, entries
    return listed, None


def _refused(said: Any) -> Page | None:
    """What the answer says of itself, where it says that it is none."""
    if not isinstance(said, dict):
        return None
    error = said.get("error")
    codes = [said.get(key) for key in ("ok", "code", "status_code", "errno")]
    codes += [error.get("code")] if isinstance(error, dict) else []
    for code in codes:
        if isinstance(code, int) and code in SAID:
            return blocked(*SAID[code])
    failed = isinstance(error, dict) and error.get("code") not in (0, "0")  # Baidu's is there when all is well
    if failed or any(isinstance(code, int) and code < 0 for code in codes):
        return blocked(Outcome.ERROR_PAGE, "The site answered with an error instead of its list.")
    return None


def _observation(entry: Entry, listed: str, answer: Answer, name: str) -> Observation:
    platform = platform_of(listed)
    words = "".join(fold(entry.title).split())
    number = sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
    mention = Mention(
        id=f"{platform}:{number}",
        platform=platform,
        source=name,
        url=entry.url if entry.url.startswith(("http://", "https://")) else "",
        text=entry.title,
        first_seen=answer.fetched_at,
    )
    hot = HotRank(mention.id, answer.fetched_at, entry.rank, entry.heat, entry.tag)
    return Observation(mention, raw=entry.raw, hot=hot)
