"""小米社区 by the answers of its own pages: the posts of boards, single posts, and the comments under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import model_validator

from crawlers.reading.addresses import HttpAddress
from crawlers.reading.fields import (
    Json,
    counted,
    cursor,
    each_once,
    first,
    followers,
    found,
    identity,
    moment,
    nothing_found,
    part,
    place,
    raw,
    rows,
)
from crawlers.reading.html import to_text
from crawlers.reading.jsontext import NotJson, read_json
from crawlers.reading.refusals import json_of, refused
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.exchange.ids import id_from_url
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "mi-community"
POST_PAGE = "https://web.vip.miui.com/page/info/mio/mio/detail?postId={}"
PAGE_SIZE = 10
INSIDE = frozenset({"entity", "data", "records", "list", "items", "comments", "announce", "post"})
POST = frozenset({"author", "userId", "createTime"})
"""What an object with words has beside them if it is a post, which may be nobody's."""
WELL = frozenset({"0", "200"})
SAYINGS = (
    (("登录", "login", "401"), Outcome.LOGIN_WALL),
    (("频繁", "稍后", "429"), Outcome.THROTTLED),
    (("不存在", "已删除", "被删除", "已下架", "404"), Outcome.NOT_FOUND),
    (("权限", "403"), Outcome.NO_PERMISSION),
)


class MiCommunity(Source):
    """Posts of chosen boards of 小米社区, and what is said under those that mention a brand."""

    type: Literal["mi-community"] = "mi-community"
    base_url: HttpAddress = "https://api.vip.miui.com"
    boards: tuple[str, ...] = ()
    """The numbers of boards (boardId)."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.enabled and not self.boards:
            raise ValueError("boards is empty: name at least one board by its number (boardId)")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - boards cannot be searched
        """The first page of every board."""
        for board in self.boards:
            yield self._board(board, "", 1)

    def reread(self, mention: Mention) -> Fetch | None:
        """A post by its number; a comment among those of its post."""
        number = mention.id.removeprefix(f"{PLATFORM}:")
        if number.isdigit():
            return self._post(number)
        post = (mention.thread or "").removeprefix(f"{PLATFORM}:")
        return self._comments(post, "", 1) if post.isdigit() else None

    def page_of(self, url: str) -> Fetch | None:
        """A post by the number in its address."""
        number = (id_from_url(PLATFORM, url) or "").removeprefix(f"{PLATFORM}:")
        return replace(self._post(number), mention_id=f"{PLATFORM}:{number}") if number.isdigit() else None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a board, a post or comments, told apart by their shape."""
        if (refusal := refused(answer)) is not None:
            return refusal
        said, instead = json_of(answer)
        if instead is not None:
            return instead
        if (denied := _denied(said, answer)) is not None:
            return denied
        items = found(said, _known, INSIDE)
        seen = each_once(o for item in items for o in _observations(item, answer, name))
        if not seen:
            return nothing_found(said, _known, INSIDE)
        follow = [fetch for o in seen if answer.fetch for fetch in self._worth_reading(o)]
        more = self._next(said, answer)
        capped = more is not None and answer.context.get("page", 1) >= self.max_pages
        if more is not None and not capped:
            follow.append(more)
        return Page(Outcome.MENTIONS, seen, tuple(follow), f"The answer holds {len(seen)} posts.", capped)

    def _worth_reading(self, observation: Observation) -> Iterator[Fetch]:
        mention, counts = observation.mention, observation.engagement
        number = mention.id.removeprefix(f"{PLATFORM}:")
        if not number.isdigit():
            return
        if mention.truncated:
            yield replace(self._post(number), gate=Gate.TRUNCATED, mention_id=mention.id, side=True)
        if counts is not None and counts.comments:
            yield replace(self._comments(number, "", 1), gate=Gate.DISCUSSED, mention_id=mention.id)

    def _next(self, said: object, answer: Answer) -> Fetch | None:
        """The page that the cursor leads to: only a list that we asked for has one."""
        fetch, after = answer.fetch, cursor(part(said, "entity").get("after"))
        if fetch is None or after is None or after == fetch.context.get("after") or "page" not in fetch.context:
            return None
        page = fetch.context["page"] + 1
        asked = self._board if fetch.kind == "board" else self._comments
        return replace(asked(fetch.context["of"], after, page), gate=Gate.NEWS)

    def _board(self, board: str, after: str, page: int) -> Fetch:
        path = f"/api/community/board/search/announce?boardId={quote(board, safe='')}&limit={PAGE_SIZE}"
        path += f"&after={quote(after, safe='')}&profileType=1&filterTab=1"
        fetch = self._fetch(path, "board", {"of": board, "after": after, "page": page})
        return replace(fetch, query=f"[{board}]")

    def _comments(self, post: str, after: str, page: int) -> Fetch:
        path = f"/mtop/planet/vip/content/comments?postId={post}&limit={PAGE_SIZE}&after={quote(after, safe='')}"
        return self._fetch(path, "comments", {"of": post, "after": after, "page": page})

    def _post(self, number: str) -> Fetch:
        return self._fetch(f"/api/community/post/detail?postId={number}", "post", {})

    def _fetch(self, path: str, kind: str, context: Mapping[str, Any]) -> Fetch:
        return Fetch(self.base_url + path, kind, self.signed_headers, context)


def _denied(said: object, answer: Answer) -> Page | None:
    """What an answer means that brings nothing: it may say why, or that all is well."""
    of = said if isinstance(said, Mapping) else {}
    code = first(of, "code", "status")
    if code is None or part(of, "entity"):
        return None
    if str(code) in WELL:
        single = answer.fetch is not None and answer.fetch.kind == "post"
        gone = blocked(
            Outcome.NOT_FOUND if single else Outcome.EMPTY, "The site answers that all is well, with nothing."
        )
        return gone if "entity" in of and not of["entity"] else None
    words = f"{first(of, 'message', 'msg', 'error') or ''} {code}".strip()
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks):
            return blocked(outcome, f"The site says: {words}.")
    return blocked(Outcome.ERROR_PAGE, f"The site answered with an error: {words}.")


def _known(item: Json) -> bool | None:
    if identity(first(item, "commentId", "id", "postId")) is None:
        return None
    if _is_gone(item):
        return False
    says = any(isinstance(item.get(key), str) for key in ("title", "textContent", "text", "content"))
    return True if says and not POST.isdisjoint(item) else None


def _is_gone(item: Json) -> bool:
    return item.get("deleted") is True or item.get("isDelete") in (True, 1)


def _observations(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    if (
        "commentId" in item
        or "/comments" in urlsplit(answer.url).path
        or ("title" not in item and "content" in item)
    ):
        yield from _comments(item, answer, name)
    else:
        yield _post(item, answer, name)


def _post(item: Json, answer: Answer, name: str) -> Observation:
    number = identity(first(item, "id", "postId"))
    text, title = _text(item), to_text(str(first(item, "title", "proposalTitle") or "")) or None
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=POST_PAGE.format(number),
        text=text or title or "",
        first_seen=answer.fetched_at,
        published=moment(item.get("createTime"), answer.fetched_at),
        author=_author(item),
        title=title,
        thread=f"{PLATFORM}:{number}",
        region=place(first(item, "ipRegion", "ipLocation")),
        truncated=text.endswith(("...", "…")),
    )
    return Observation(mention, _counts(item, mention, answer), raw(item))


def _comments(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    """A comment, and those that answer it."""
    number = identity(first(item, "commentId", "id"))
    in_url = next(iter(parse_qs(urlsplit(answer.url).query).get("postId", ())), None)
    post = identity(item.get("postId")) or identity(in_url)
    if number is not None and not _is_gone(item):
        mention = Mention(
            id=f"{PLATFORM}:comment:{number}",
            platform=PLATFORM,
            source=name,
            url=f"{POST_PAGE.format(post)}#comment-{number}" if post else "",
            text=_text(item),
            first_seen=answer.fetched_at,
            published=moment(first(item, "createTime", "commentTime", "time"), answer.fetched_at),
            author=_author(item),
            thread=f"{PLATFORM}:{post}" if post else None,
            region=place(first(item, "ipRegion", "ipLocation")),
        )
        yield Observation(mention, _counts(item, mention, answer), raw(item))
    for reply in rows(first(item, "replies", "replyList", "subComments", "commentList")):
        yield from _comments({"postId": post, **reply}, answer, name)


def _counts(item: Json, mention: Mention, answer: Answer) -> Engagement | None:
    return counted(
        mention.id,
        answer.fetched_at,
        reposts=first(item, "shareCnt"),
        comments=first(item, "commentCnt", "replyCnt"),
        likes=first(item, "likeCnt", "supportNum"),
        views=first(item, "browseCnt", "viewCnt"),
    )


def _text(item: Json) -> str:
    """Plain words where there are any; else HTML, or the parts that the site's editor makes."""
    written = first(item, "textContent", "content", "text")
    if not isinstance(written, str):
        return ""
    if written.startswith("[{"):
        try:
            parts = read_json(written.encode("utf-8", "replace"))
        except NotJson:
            return to_text(written)
        return "\n".join(filter(None, (to_text(str(first(p, "txt", "text") or "")) for p in rows(parts))))
    return to_text(written)


def _author(item: Json) -> Author | None:
    author = part(item, "author") or part(item, "user")
    number = identity(first(author, "userId", "id", "uid")) or identity(item.get("userId"))
    name = str(first(author, "name", "userName", "nickname") or item.get("userName") or "")
    if number is None and not name:
        return None
    return Author(PLATFORM, number or name, name, **followers(author.get("followerCnt")))
