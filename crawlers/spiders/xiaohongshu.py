"""小红书 through a browser: notes that a search finds, single notes, an account's notes, and comments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from crawlers.browsing.browser import BrowserSource
from crawlers.reading.addresses import HttpAddress
from crawlers.reading.embedded import data_of
from crawlers.reading.fields import (
    Json,
    counted,
    each_once,
    first,
    followers,
    found,
    identity,
    moment,
    nothing_found,
    part,
    place,
    plain,
    raw,
    rows,
)
from crawlers.reading.refusals import refused
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, blocked, search_words
from mentions.brands import Brand
from mentions.exchange.ids import id_from_url
from mentions.types import Author, Mention, Observation

PLATFORM = "xiaohongshu"
NOTE = "https://www.xiaohongshu.com/explore/{}"
ACCOUNT = "/user/profile/"
INSIDE = frozenset(
    {"data", "result", "items", "notes", "note", "note_list", "note_detail_map", "list", "comments"}
)
NOTE_ALONE = frozenset({"user", "note_id", "interact_info", "liked_count", "xsec_token"})
"""What an object with a title has beside it if it is a note, which may be nobody's."""
COMMENT = frozenset({"user_info", "user", "note_id", "sub_comment_count"})
"""What an object with a content has beside it if it is a comment."""
CUT_AT = (60, 300)
"""A list of the phone's app shows so many UTF-16 units of a note with pictures, of a video: or up to two fewer."""
FEWER = 2
VERIFIED = {1: 0, 2: 2}
"""red_official_verify_type: a person, an enterprise; by Weibo's verified_type."""
WELL = frozenset({"0", "200", "1000"})
CODES = {
    "-100": Outcome.LOGIN_WALL,
    "-101": Outcome.LOGIN_WALL,
    "-104": Outcome.NO_PERMISSION,
    "300011": Outcome.THROTTLED,
    "300012": Outcome.THROTTLED,
    "300013": Outcome.THROTTLED,
    "300015": Outcome.CAPTCHA,
    "300031": Outcome.NOT_FOUND,
    "-510000": Outcome.NOT_FOUND,
    "-510001": Outcome.NOT_FOUND,
}
SAYINGS = (
    (("登录", "login"), Outcome.LOGIN_WALL),
    (("验证", "captcha"), Outcome.CAPTCHA),
    (("频繁", "频次", "网络连接异常", "号存在异常", "号异常"), Outcome.THROTTLED),
    (("不存在", "已删除", "被删除", "无法展示", "无法浏览"), Outcome.NOT_FOUND),
    (("权限",), Outcome.NO_PERMISSION),
)


class Xiaohongshu(BrowserSource):
    """Notes of 小红书. The site signs its own requests, so its pages are opened in a browser that is signed in.

    What they receive there is read.
    """

    listens: ClassVar[tuple[str, ...]] = (
        "/api/sns/web/v1/search/notes",
        "/api/sns/web/v1/feed",
        "/api/sns/web/v1/user_posted",
        "/api/sns/web/v2/comment/",
        "/explore/",
        "/discovery/item/",
        ACCOUNT,
    )
    type: Literal["xiaohongshu"] = "xiaohongshu"
    base_url: HttpAddress = "https://www.xiaohongshu.com"
    collection: Literal["official", "licensed", "public", "signed-in"] = "signed-in"
    accounts: tuple[str, ...] = ()
    """Ids of accounts whose own notes are read too."""

    @property
    def beside(self) -> tuple[str, ...]:
        """See Source.beside."""
        return (NOTE,)

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The search page of every word, and the pages of the accounts."""
        for word in search_words(brands):
            asked = urlencode({"keyword": word, "source": "web_search_result_notes"}, quote_via=quote)
            url = f"{self.base_url}/search_result?{asked}"
            yield Fetch(url, "search", self.signed_headers, {"keyword": word}, query=word)
        for account in self.accounts:
            page = self._page(f"{self.base_url}{ACCOUNT}{quote(account, safe='')}")
            yield replace(page, query=f"[account {account}]")

    def reread(self, mention: Mention) -> Fetch | None:
        """The page of the note; that of the note under which it stands for a comment."""
        if (mention.thread or mention.id).startswith(f"{PLATFORM}:comment:"):
            return None
        known = self.page_of(mention.url)  # with the token without which the site shows no note
        if known is not None:
            return known
        return self._page(NOTE.format((mention.thread or mention.id).removeprefix(f"{PLATFORM}:")))

    def page_of(self, url: str) -> Fetch | None:
        """The page of the note that an address leads to."""
        parts = urlsplit(url)._replace(fragment="") if id_from_url(PLATFORM, url) else None
        note = id_from_url(PLATFORM, parts.geturl()) if parts else None
        if parts is None or note is None or note.startswith(f"{PLATFORM}:url-"):
            return None
        token = next(iter(parse_qs(parts.query).get("xsec_token", ())), None)
        return replace(self._page(_address(note.removeprefix(f"{PLATFORM}:"), token)), mention_id=note)

    def read(self, answer: Answer, name: str) -> Page:
        """Read an answer that such a page received, or the page itself."""
        if (refusal := _sent_away(answer) or refused(answer)) is not None:
            return refusal
        said, instead = data_of(answer)
        if instead is not None:
            return instead
        if (denied := _denied(said)) is not None:
            return denied
        of_account = part(said, "user").get("notes")  # what the page of an account begins with
        items = found([said, of_account], _known, INSIDE)
        seen = each_once(o for item in items for o in _observations(item, answer, name))
        if not seen:
            return _empty(said, answer) or nothing_found(said, _known, INSIDE)
        follow = [
            replace(fetch, gate=Gate.TRUNCATED, mention_id=o.mention.id)
            for o in seen
            if answer.fetch is not None and o.mention.truncated and (fetch := self.reread(o.mention)) is not None
        ]
        is_list = "/comment" not in urlsplit(answer.url).path
        capped = is_list and part(said, "data").get("has_more") is True  # the page is opened, and not scrolled
        return Page(Outcome.MENTIONS, seen, tuple(follow), f"The answer holds {len(seen)} posts.", capped)

    def _page(self, url: str) -> Fetch:
        return Fetch(url, "page", self.signed_headers)


def _sent_away(answer: Answer) -> Page | None:
    path = urlsplit(answer.url).path
    if "captcha" in path:
        return blocked(Outcome.CAPTCHA, "The site wants to see a person.")
    if path.startswith(("/login", "/website-login", "/web-login")):
        return blocked(Outcome.LOGIN_WALL, "The site sent us to its sign-in page.")
    return None


def _denied(said: object) -> Page | None:
    """What an answer means that says another code than 0; the codes of an answer within the answer count too."""
    for of in (part(said), part(said, "data")):
        code = of.get("code")
        if not isinstance(code, int | str) or isinstance(code, bool) or str(code) in WELL:
            continue
        words = f"{first(of, 'msg', 'message') or ''} {code}".strip()
        outcome = CODES.get(str(code)) or next(
            (outcome for marks, outcome in SAYINGS if any(mark in words for mark in marks)), Outcome.ERROR_PAGE
        )
        return blocked(outcome, f"The site says: {words}.")
    return None


def _empty(said: object, answer: Answer) -> Page | None:
    """An account without notes; or a search that finds nothing, whose answer then holds no list of any name."""
    notes, data = part(said, "user").get("notes"), part(said, "data")
    if urlsplit(answer.url).path.startswith(ACCOUNT) and isinstance(notes, list) and not any(notes):
        return blocked(Outcome.EMPTY, "The account shows no notes.")
    if data.get("has_more") is not False or any(isinstance(value, dict | list) for value in data.values()):
        return None
    return blocked(Outcome.EMPTY, "The answer holds no list, and says that there is no more.")


def _known(item: Json) -> bool | None:
    """A note, what a list wraps one in, or a comment. Advertisements, users, topics and queries are passed by."""
    if item.get("model_type") not in (None, "note"):
        return False
    note = part(item, "note_card") or part(item, "note") or item
    if identity(first(note, "note_id", "id")) is None and identity(item.get("id")) is None:
        return None
    if "content" in item and not COMMENT.isdisjoint(item):
        return True
    if note is item and not any(key in note for key in ("display_title", "desc", "title")):
        return None
    return True if note is not item or not NOTE_ALONE.isdisjoint(note) else None


def _observations(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    if "content" in item:
        yield from _comments(item, answer, name)
    else:
        yield _note(item, answer, name)


def _address(number: str, token: object) -> str:
    """Where a person finds a note: the site shows it only to who comes with the token of a list."""
    page = NOTE.format(number)
    if not isinstance(token, str) or not token:
        return page
    return f"{page}?{urlencode({'xsec_token': token, 'xsec_source': 'pc_search'})}"


def _note(item: Json, answer: Answer, name: str) -> Observation:
    note = part(item, "note_card") or part(item, "note") or item
    number = identity(first(note, "note_id", "id")) or identity(item.get("id"))
    title, text = plain(first(note, "title", "display_title")), plain(note.get("desc"))
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=_address(str(number), first(item, "xsec_token") or note.get("xsec_token")),
        text=text or title,
        first_seen=answer.fetched_at,
        published=moment(first(note, "time", "timestamp", "create_time"), answer.fetched_at)
        or moment(_corner_time(note), answer.fetched_at),
        author=_author(note.get("user")),
        title=title or None,
        region=place(first(note, "ip_location")),
        truncated=_is_cut(note),
    )
    shown = part(note, "interact_info") or note
    counts = counted(
        mention.id,
        answer.fetched_at,
        reposts=first(shown, "shared_count", "share_count"),
        comments=first(shown, "comment_count", "comments_count"),
        likes=first(shown, "liked_count", "likes"),
    )
    return Observation(mention, counts, raw(item))


def _is_cut(note: Json) -> bool:
    """Whether this is only the beginning: a list has no text at all, or that of the phone's app a cut one."""
    text = note.get("desc")
    if not isinstance(text, str):
        return True
    if "interact_info" in note:
        return False
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return any(0 <= cut - length <= FEWER for cut in CUT_AT)


def _corner_time(note: Json) -> str | None:
    """「3天前」 in the corner of a card."""
    corners = (tag.get("text") for tag in rows(note.get("corner_tag_info")) if tag.get("type") == "publish_time")
    return next((text for text in corners if isinstance(text, str)), None)


def _comments(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    """A comment, and those that answer it."""
    number = identity(item.get("id"))
    in_url = next(iter(parse_qs(urlsplit(answer.url).query).get("note_id", ())), None)
    note = identity(item.get("note_id")) or identity(in_url)
    if number is not None:
        mention = Mention(
            id=f"{PLATFORM}:comment:{number}",
            platform=PLATFORM,
            source=name,
            url=f"{NOTE.format(note)}#comment-{number}" if note else "",
            text=plain(item.get("content")),
            first_seen=answer.fetched_at,
            published=moment(first(item, "create_time", "time"), answer.fetched_at),
            author=_author(first(item, "user_info", "user")),
            thread=f"{PLATFORM}:{note}" if note else None,
            region=place(item.get("ip_location")),
        )
        counts = counted(
            mention.id, answer.fetched_at, comments=item.get("sub_comment_count"), likes=item.get("like_count")
        )
        yield Observation(mention, counts, raw(item))
    for reply in rows(item.get("sub_comments")):
        yield from _comments({"note_id": note, **reply}, answer, name)


def _author(user: object) -> Author | None:
    if not isinstance(user, Mapping):
        return None
    number = identity(first(user, "user_id", "userid", "id"))
    if number is None:
        return None
    verified, kind = user.get("red_official_verified"), user.get("red_official_verify_type")
    return Author(
        PLATFORM,
        number,
        plain(first(user, "nickname", "nick_name", "name")),
        verified=verified if isinstance(verified, bool) else None,
        verified_type=VERIFIED.get(kind) if verified is True and isinstance(kind, int) else None,
        **followers(first(user, "fans", "fans_count", "follower_count")),
    )
