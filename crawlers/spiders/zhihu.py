"""知乎 through a browser: what a search finds, questions with their answers, articles, videos, 想法, comments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal
from urllib.parse import quote, urlsplit

from crawlers.browsing.browser import BrowserSource
from crawlers.reading.addresses import HttpAddress
from crawlers.reading.embedded import data_of
from crawlers.reading.fields import (
    Json,
    counted,
    each_once,
    first,
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
from crawlers.reading.refusals import CAPTCHA_MARKS, refused
from crawlers.sites.zhihu_authors import PLATFORM, author_of, text_of
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, blocked, search_words
from mentions.brands import Brand
from mentions.exchange.ids import id_from_url
from mentions.types import Engagement, Mention, Observation

KINDS = ("answer", "article", "zvideo", "question", "pin", "comment")
PAGES = {
    "answer": "https://www.zhihu.com/answer/{}",
    "article": "https://zhuanlan.zhihu.com/p/{}",
    "zvideo": "https://www.zhihu.com/zvideo/{}",
    "question": "https://www.zhihu.com/question/{}",
    "pin": "https://www.zhihu.com/pin/{}",
}
INSIDE = frozenset(
    {"data", "object", "target", "content_items", "items", "list", "initial_state", "entities", "comments", "root"}
    | {f"{kind}s" for kind in KINDS}
)
ADS = frozenset({"ad", "ads", "advert"})
"""Parts of the `type` of an advertisement: knowledge_ad, feed_advert."""
COMMENTED = re.compile(r"/(answer|article|question|pin|zvideo)s/(\d+)/")
SAYINGS = (
    (("40352", "unhuman", *CAPTCHA_MARKS), Outcome.CAPTCHA),
    (("40362", "频繁", "暂时限制"), Outcome.THROTTLED),
    (("登录", "ERR_TICKET", "Unauthorized", "AuthenticationInvalid"), Outcome.LOGIN_WALL),
    (("NotFound", "不存在", "已删除", "被删除", "404"), Outcome.NOT_FOUND),
    (("10003", "权限", "Forbidden"), Outcome.NO_PERMISSION),
)


class Zhihu(BrowserSource):
    """Posts of 知乎. The site signs its own requests, so its pages are opened in a browser that is signed in.

    What they receive there is read.
    """

    listens: ClassVar[tuple[str, ...]] = (
        "/api/v4/search_v3",
        "/api/v4/questions/",
        "/api/v4/answers/",
        "/api/v4/articles/",
        "/api/v4/zvideos/",
        "/api/v4/comment_v5/",
        "/question/",
        "/answer/",
        "/p/",
        "/zvideo/",
        "/pin/",
    )
    type: Literal["zhihu"] = "zhihu"
    base_url: HttpAddress = "https://www.zhihu.com"
    collection: Literal["official", "licensed", "public", "signed-in"] = "signed-in"
    questions: tuple[str, ...] = ()
    """Numbers of questions whose answers are read at every visit."""

    @property
    def beside(self) -> tuple[str, ...]:
        """See Source.beside."""
        return tuple(PAGES.values())

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The search page of every word, and the watched questions."""
        for word in search_words(brands):
            url = f"{self.base_url}/search?type=content&q={quote(word, safe='')}"
            yield Fetch(url, "search", self.signed_headers, {"keyword": word}, query=word)
        for number in self.questions:
            page = self._page(f"{self.base_url}/question/{number}")
            yield replace(page, query=f"[question {number}]")

    def reread(self, mention: Mention) -> Fetch | None:
        """The page of the post; that of what it is about for a comment."""
        kind, _, number = mention.id.removeprefix(f"{PLATFORM}:").partition(":")
        if kind == "comment":
            kind, _, number = (mention.thread or "").removeprefix(f"{PLATFORM}:").partition(":")
        return self._page(PAGES[kind].format(number)) if kind in PAGES and number.isdigit() else None

    def page_of(self, url: str) -> Fetch | None:
        """The page of the post that an address leads to."""
        post = id_from_url(PLATFORM, url) or ""
        kind, _, number = post.removeprefix(f"{PLATFORM}:").partition(":")
        if kind not in PAGES or not number.isdigit():
            return None
        return replace(self._page(PAGES[kind].format(number)), mention_id=post)

    def read(self, answer: Answer, name: str) -> Page:
        """Read an answer that such a page received, or the page itself."""
        if (sent_away := _sent_away(answer)) is not None:
            return sent_away
        said, instead = data_of(answer)
        if instead is None and (denied := _denied(said)) is not None:
            return denied
        if (refusal := refused(answer)) is not None:
            return refusal
        return instead or self._posts(said, answer, name)

    def _posts(self, said: object, answer: Answer, name: str) -> Page:
        items = found(said, _looked_into, INSIDE)
        seen = each_once(o for item in items for o in _observations(item, answer, name))
        if not seen:
            return nothing_found(said, _known, INSIDE)
        cut = [o.mention for o in seen if answer.fetch is not None and o.mention.truncated]
        follow = [
            replace(fetch, gate=Gate.TRUNCATED, mention_id=mention.id)
            for mention in cut
            if (fetch := self.reread(mention)) is not None
        ]
        is_list = "/comment" not in urlsplit(answer.url).path
        capped = is_list and part(said, "paging").get("is_end") is False  # the page is opened, and not scrolled
        detail = f"The answer holds {len(seen)} posts."
        return Page(Outcome.MENTIONS, seen, tuple(follow), detail, capped)

    def _page(self, url: str) -> Fetch:
        return Fetch(url, "page", self.signed_headers)


def _sent_away(answer: Answer) -> Page | None:
    path = urlsplit(answer.url).path
    if path.startswith("/account/unhuman"):
        return blocked(Outcome.CAPTCHA, "The site wants to see a person.")
    if path.startswith("/signin"):
        return blocked(Outcome.LOGIN_WALL, "The site sent us to its sign-in page.")
    return None


def _denied(said: object) -> Page | None:
    error = part(said, "error")
    if not error:
        return None
    words = " ".join(str(error[key]) for key in ("message", "name", "code") if error.get(key) is not None)
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks):
            return blocked(outcome, f"The site says: {words}.")
    return blocked(Outcome.ERROR_PAGE, f"The site answered with an error: {words}.")


def _known(item: Json) -> bool | None:
    """A post, or what a search wraps one in. Users, topics, advertisements and related searches are passed by."""
    inner = _inner(item)
    kind = inner.get("type")
    if _is_ad(item):
        return False
    if kind in KINDS and _number(inner) is not None:
        return not _is_gone(inner)
    if kind in KINDS or (kind is None and inner is not item):
        return None
    return False if isinstance(kind, str) else None


def _looked_into(item: Json) -> bool | None:
    """The same; but a card of another kind may hold posts of its own (hot_timing, with its answers)."""
    it_is = _known(item)
    is_card = it_is is False and not _is_gone(_inner(item)) and not _is_ad(item)
    return None if is_card and INSIDE.intersection(item) else it_is


def _is_ad(item: Json) -> bool:
    return not ADS.isdisjoint(str(item.get("type")).split("_"))


def _number(post: Json) -> str | None:
    """A video that a search found has its own number beside the file's."""
    return identity(first(post, "zvideo_id", "id"))


def _inner(item: Json) -> Json:
    return item if item.get("type") in KINDS else part(item, "object") or part(item, "target") or item


def _is_gone(item: Json) -> bool:
    return item.get("is_delete") is True or item.get("is_deleted") is True


def _observations(item: Json, answer: Answer, name: str) -> Iterator[Observation]:
    post = _inner(item)
    if post["type"] == "comment":
        about = COMMENTED.search(urlsplit(answer.url).path)
        yield from _comments(post, answer, name, f"{about[1]}:{about[2]}" if about else None)
    else:
        yield _post(post, part(item, "highlight"), answer, name)


def _post(post: Json, highlight: Json, answer: Answer, name: str) -> Observation:
    kind, number = str(post["type"]), str(_number(post))
    question = part(post, "question")
    title = text_of(first(post, "title", "name") if kind != "answer" else None) or text_of(
        first(question, "title", "name") or first(post, "title") or highlight.get("title")
    )
    text, truncated = _text(post, highlight)
    asked = identity(question.get("id"))
    url = PAGES[kind].format(number)
    mention = Mention(
        id=f"{PLATFORM}:{kind}:{number}",
        platform=PLATFORM,
        source=name,
        url=f"https://www.zhihu.com/question/{asked}/answer/{number}" if kind == "answer" and asked else url,
        text=text or (title if kind != "answer" else ""),
        first_seen=answer.fetched_at,
        published=moment(
            first(post, "created_time", "created", "published_at", "created_at", "publish_time"), answer.fetched_at
        ),
        author=author_of(post.get("author"), f"{kind}:{number}"),
        title=title or None,
        thread=f"{PLATFORM}:question:{asked}" if asked else None,
        region=place(first(post, "ip_info", "ip_location")),
        truncated=truncated,
    )
    return Observation(mention, _counts(kind, post, mention, answer), raw(post))


def _text(post: Json, highlight: Json) -> tuple[str, bool]:
    """The text, and whether it is only the beginning: a list may hold no more than an excerpt."""
    content = first(post, "content", "content_html", "detail")
    if isinstance(content, list):  # a 想法 has parts of several kinds
        content = "".join(str(p["content"]) for p in rows(content) if isinstance(p.get("content"), str))
    if isinstance(content, str) and content:
        return to_text(content), False
    if post["type"] == "zvideo":
        return text_of(post.get("description")), False
    excerpt = text_of(first(post, "excerpt", "excerpt_new", "description")) or text_of(
        highlight.get("description")
    )
    return excerpt, bool(excerpt) or post["type"] in {"answer", "article"}


def _counts(kind: str, post: Json, mention: Mention, answer: Answer) -> Engagement | None:
    """An answer in a list carries its question's views: they are not its own."""
    return counted(
        mention.id,
        answer.fetched_at,
        reposts=first(post, "repin_count"),
        comments=first(post, "answer_count", "comment_count") if kind == "question" else post.get("comment_count"),
        likes=first(post, "voteup_count", "like_count", "reaction_count", "vote_count"),
        views=first(post, "play_count", "visit_count") if kind in {"zvideo", "question"} else None,
    )


def _comments(item: Json, answer: Answer, name: str, about: str | None) -> Iterator[Observation]:
    """A comment, and those that answer it."""
    number = identity(item.get("id"))
    if number is not None and not _is_gone(item):
        page = PAGES[about.partition(":")[0]].format(about.partition(":")[2]) if about else ""
        tags = (tag.get("text") for tag in rows(item.get("comment_tag")) if tag.get("type") == "ip_info")
        mention = Mention(
            id=f"{PLATFORM}:comment:{number}",
            platform=PLATFORM,
            source=name,
            url=f"{page}#comment-{number}" if page else "",
            text=text_of(item.get("content")),
            first_seen=answer.fetched_at,
            published=moment(first(item, "created_time", "created"), answer.fetched_at),
            author=author_of(part(item, "author", "member") or item.get("author"), f"comment:{number}"),
            thread=f"{PLATFORM}:{about}" if about else None,
            region=place(next(tags, None) or item.get("address_text")),
        )
        counts = counted(
            mention.id,
            answer.fetched_at,
            comments=item.get("child_comment_count"),
            likes=first(item, "like_count", "vote_count"),
        )
        yield Observation(mention, counts, raw(item))
    for reply in rows(item.get("child_comments")):
        yield from _comments(reply, answer, name, about)
