"""Baidu Tieba: threads of chosen forums with their posts and comments, and what a search for the brands finds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import Field, field_validator, model_validator
from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.charset import decode
from crawlers.reading.html import tidy
from crawlers.reading.refusals import CAPTCHA_MARKS, refused
from crawlers.reading.threads import Pages, onward
from crawlers.sites import tieba_page as page
from crawlers.sites.tieba_page import OF_THREAD, PLATFORM, Discussion, Post, Thread
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Engagement, Mention, Observation

SITE = "https://tieba.baidu.com"
ITS_HOSTS = frozenset({"tieba.baidu.com", "www.tieba.com", "tieba.com"})
CAPTCHA_HOST, SIGN_IN_HOST = "wappass.baidu.com", "passport.baidu.com"
LISTED = 50
"""Threads a list page."""
AT_ONCE = 3
"""What belongs to a thread goes before the next thread: a captcha then cuts off one of them, not all."""
STATUSES = {
    403: (Outcome.CAPTCHA, "the site takes us for a machine"),
    404: (Outcome.NOT_FOUND, "there is no such thread or forum (any more)"),
}
SAYINGS = (
    (("安全验证", "wappass"), Outcome.CAPTCHA, "The site wants to see a person (安全验证)."),
    (("没有找到", "未找到相关", "找不到相关"), Outcome.EMPTY, "The search found nothing."),
    (
        ("被删除", "已删除", "被隐藏", "不存在", "尚未建立", "还没有创建"),
        Outcome.NOT_FOUND,
        "There is no such page.",
    ),
    (("暂不开放", "无法访问", "没有权限"), Outcome.NO_PERMISSION, "The site does not show this forum."),
    (("请先登录", "登录后"), Outcome.LOGIN_WALL, "The site wants a signed-in visitor."),
    (("频繁", "过快"), Outcome.THROTTLED, "The site was asked too often."),
)
NO_LIST = ("还没有主题", "暂无贴子", "暂无帖子")


class Tieba(Source):
    """`forums` are names (without 吧); `search` asks for the brands' words in all of Tieba."""

    login_hosts: ClassVar[frozenset[str]] = frozenset({CAPTCHA_HOST, SIGN_IN_HOST})

    type: Literal["tieba"] = "tieba"
    base_url: str = SITE
    forums: tuple[str, ...] = ()
    search: bool = True
    max_pages: int = Field(default=2, ge=1, le=50)
    thread_pages: int = Field(default=10, ge=1, le=500)
    """Pages read of one thread at most, the first and then from the last one back; also of one post's comments."""

    @field_validator("forums")
    @classmethod
    def _forums_are_names(cls, forums: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.strip().removesuffix("吧") or name for name in forums)

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.enabled and not self.forums and not self.search:
            raise ValueError("nothing to look for: name forums, or write search: true")
        if urlsplit(self.base_url).scheme not in {"http", "https"}:
            raise ValueError(f"base_url {self.base_url!r} is no http(s) address")
        return self

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The first list page of every forum, and the first result page of every search word."""
        for name in self.forums:
            yield self._list(name, 1)
        if self.search:
            for word in dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,)):
                yield self._search(word, 1)

    def reread(self, mention: Mention) -> Fetch | None:
        """The page on which the post stood; for a comment the first page of those around it."""
        fetch = self.page_of(mention.url)
        opening = (mention.thread or "").rpartition(":")[2] or None
        return fetch and replace(fetch, context={"opening": opening, "title": mention.title})

    def page_of(self, url: str) -> Fetch | None:
        """The page of a thread, the one that shows a post of it, or the comments around one."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        ours = parts.netloc == urlsplit(self.base_url).netloc or parts.hostname in ITS_HOSTS
        asked = {key: page.digits(values[-1]) for key, values in parse_qs(parts.query).items()}
        tid = page.tid_in(parts.path) or asked.get("kz")
        if not ours or parts.scheme not in {"http", "https"} or tid is None:
            return None
        pid, number = asked.get("pid"), asked.get("pn")
        if pid and (asked.get("cid") or "0") != "0":
            return replace(self._comments(tid, pid, 1, {}), kind="reread")
        query = f"?pid={pid}&cid=0" if pid else f"?pn={number}" if number else ""
        return self._fetch(f"/p/{tid}{query}", "reread")

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list, a page of a thread, comments, or a search result, told apart by their shape."""
        if (urlsplit(answer.url).hostname or "") == CAPTCHA_HOST:
            return blocked(Outcome.CAPTCHA, "The site sent us to its captcha (安全验证).")
        if (refusal := refused(answer, STATUSES, self.login_hosts)) is not None:
            return refusal
        if not answer.body.strip():
            return blocked(Outcome.GARBAGE, "The answer is empty.")
        if b"<" not in answer.body[:4096]:
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
        text = page.uncovered(decode(answer.body, answer.charset))
        tree = LexborHTMLParser(text)
        return self._shown(tree, answer, name) or _in_its_place(tree, text)

    def _shown(self, tree: LexborHTMLParser, answer: Answer, name: str) -> Page | None:
        if (found := page.discussion(tree, answer.url, answer.fetched_at)) is not None:
            return self._discussion(found, answer, name)
        if rows := page.threads(tree):
            return self._threads(rows, page.has_next(tree), answer, name)
        if (listed := page.comments(tree, answer.url, answer.fetched_at)) is not None:
            return self._comment_page(*listed, answer, name)
        if hits := page.hits(tree, answer.fetched_at):
            return self._hits(hits, page.has_next(tree), answer, name)
        return None

    def _threads(self, rows: Sequence[Thread], goes_on: bool, answer: Answer, name: str) -> Page:  # noqa: FBT001
        follow = [
            self._fetch(
                f"/p/{row.tid}",
                "thread",
                {"replies": row.replies, "opening": row.opening},
                gate=Gate.RECOUNTED,
                mention_id=f"{PLATFORM}:{row.opening}" if row.opening else None,
                comments=row.replies,
            )
            for row in rows
        ]
        capped = False
        if goes_on and (asked := _asked(answer, "forum")) is not None:
            forum, number = asked
            capped = number >= self.max_pages
            follow += [] if capped else [self._list(forum, number + 1)]
        detail = f"A list of {len(rows)} threads; their posts stand on the threads' own pages."
        openings = tuple(found for row in rows if (found := self._opening(row, answer, name)) is not None)
        # A list in the order of last replies says nothing of which posts were missed.
        return Page(Outcome.MENTIONS, openings, tuple(follow), detail, capped, listed=frozenset())

    def _opening(self, row: Thread, answer: Answer, name: str) -> Observation | None:
        """What the list shows of a thread's first post: enough to hear of it where the thread's page is walled."""
        if row.opening is None or row.author is None or not (row.title or row.text):
            return None
        post = Post(row.opening, row.author, None, row.text, row.raw, row.tid, 1, title=row.title, cut=True)
        url = f"{self._root}/p/{row.tid}#{row.opening}"
        return Observation(self._mention(post, url, row.opening, answer, name), raw=post.raw)

    def _discussion(self, found: Discussion, answer: Answer, name: str) -> Page:
        where, tid = found.pages, found.tid
        opening = next((post.pid for post in found.posts if post.floor == 1), None) or answer.context.get(
            "opening"
        )
        # What the list counted decides whether the thread is asked for again, so it is what is stored.
        replies = answer.context.get("replies")
        replies = found.replies if replies is None else replies
        number = "" if where.current == 1 else f"?pn={where.current}"
        observations, follow = [], list[Fetch]()
        again = answer.fetch is not None and answer.fetch.kind == "reread"
        gate = Gate.RECOUNTED if again else Gate.DISCUSSED
        for post in found.posts:
            url = f"{self._root}/p/{tid}{number}#{post.pid}" if tid else answer.url.partition("#")[0]
            mention = self._mention(replace(post, title=found.title), url, opening, answer, name)
            count = replies if post.pid == opening else post.comments
            counts = Engagement(mention.id, answer.fetched_at, comments=count) if count is not None else None
            observations.append(Observation(mention, counts, post.raw))
            if tid and post.comments:
                about = {"opening": opening, "title": found.title}
                below = self._comments(tid, post.pid, 1, about)
                follow.append(replace(below, gate=gate, mention_id=mention.id, comments=post.comments))
        more, capped = self._more(where, answer, {"opening": opening})
        if more is not None and tid:
            path = f"/p/{tid}?pn={more[0]}"
            follow.append(self._fetch(path, "thread", more[1], gate=more[2], priority=AT_ONCE))
        detail = f"Page {where.current} of {where.total} of a thread: {len(found.posts)} posts."
        return Page(Outcome.MENTIONS, tuple(observations), tuple(follow), detail, capped)

    def _comment_page(self, posts: Sequence[Post], where: Pages, answer: Answer, name: str) -> Page:
        about = {key: answer.context.get(key) for key in ("opening", "title")}
        observations = tuple(
            Observation(
                self._mention(
                    replace(post, title=about["title"]), self._address(post), about["opening"], answer, name
                ),
                raw=post.raw,
            )
            for post in posts
        )
        if not observations:
            return blocked(Outcome.EMPTY, "There are no comments under the post.")
        more, capped = self._more(where, answer, about)
        tid, pid = posts[0].tid, posts[0].under
        follow = list[Fetch]()
        if more is not None and tid and pid:
            follow.append(replace(self._comments(tid, pid, more[0], more[1]), gate=more[2]))
        detail = f"Page {where.current} of {where.total} of the comments under a post: {len(posts)} comments."
        return Page(Outcome.MENTIONS, observations, tuple(follow), detail, capped)

    def _hits(self, hits: Sequence[Post], goes_on: bool, answer: Answer, name: str) -> Page:  # noqa: FBT001
        observations, follow = [], list[Fetch]()
        for post in hits:
            url = self._address(post)
            opening = post.pid if post.floor == 1 else None
            observations.append(Observation(self._mention(post, url, opening, answer, name), None, post.raw))
            if post.pid.startswith(OF_THREAD):
                follow.append(self._fetch(f"/p/{post.tid}", "thread", gate=Gate.NEWS, priority=AT_ONCE))
            elif post.cut and (whole := self.page_of(url)) is not None:
                mention_id = f"{PLATFORM}:{post.pid}"
                follow.append(replace(whole, kind="whole", gate=Gate.TRUNCATED, mention_id=mention_id))
        capped = False
        if goes_on and (asked := _asked(answer, "word")) is not None:
            word, number = asked
            capped = number >= self.max_pages
            follow += [] if capped else [replace(self._search(word, number + 1), gate=Gate.NEWS)]
        detail = f"A search result of {len(hits)} posts."
        return Page(Outcome.MENTIONS, tuple(observations), tuple(follow), detail, capped)

    def _more(
        self, where: Pages, answer: Answer, about: dict[str, Any]
    ) -> tuple[tuple[int, dict[str, Any], Gate] | None, bool]:
        """The next page, what to remember, and when it is worth it; and whether it is one more than is allowed."""
        step = onward(where)
        kind = answer.fetch.kind if answer.fetch is not None else ""
        if step is None or kind == "whole" or (kind == "reread" and where.current > 1):
            return None, False
        left = answer.context.get("left", self.thread_pages) - 1
        if left < 1:
            return None, True
        return (step[0], {**about, "left": left}, step[1]), False

    def _mention(self, post: Post, url: str, opening: str | None, answer: Answer, name: str) -> Mention:
        return Mention(
            id=f"{PLATFORM}:{post.pid}",
            platform=PLATFORM,
            source=name,
            url=url,
            text=post.text,
            first_seen=answer.fetched_at,
            published=post.published,
            author=post.author,
            title=post.title,
            thread=f"{PLATFORM}:{opening}" if opening else None,
            region=post.region,
            truncated=post.cut,
        )

    def _address(self, post: Post) -> str:
        """Where a post can be seen whose page we do not know; `cid` is a comment under the post `pid`."""
        if post.tid is None:
            return ""
        if post.pid.startswith(OF_THREAD):
            return f"{self._root}/p/{post.tid}"
        under, comment = (post.under, post.pid) if post.under else (post.pid, "0")
        return f"{self._root}/p/{post.tid}?pid={under}&cid={comment}#{post.pid}"

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _list(self, forum: str, number: int) -> Fetch:
        path = f"/f?kw={quote(forum, safe='')}&ie=utf-8&pn={(number - 1) * LISTED}"
        return self._fetch(path, "list", {"forum": forum, "page": number}, priority=1, query=f"[{forum}]")

    def _search(self, word: str, number: int) -> Fetch:
        path = f"/f/search/res?ie=utf-8&qw={quote(word, safe='')}&sm=1&rn=20&pn={number}"
        return self._fetch(path, "search", {"word": word, "page": number}, priority=2, query=word)

    def _comments(self, tid: str, pid: str, number: int, context: dict[str, Any]) -> Fetch:
        return self._fetch(f"/p/comment?tid={tid}&pid={pid}&pn={number}", "comments", context, priority=AT_ONCE)

    def _fetch(self, path: str, kind: str, context: dict[str, Any] | None = None, **more: Any) -> Fetch:
        return Fetch(f"{self._root}{path}", kind, self.signed_headers, context or {}, **more)


def _asked(answer: Answer, what: str) -> tuple[str, int] | None:
    """The forum or the word that a page was asked for, and which page it is."""
    named, number = answer.context.get(what), answer.context.get("page")
    return (named, number) if isinstance(named, str) and isinstance(number, int) else None


def _in_its_place(tree: LexborHTMLParser, text: str) -> Page:
    """What stands where a list, a thread or a result should be."""
    said = tidy(tree.body.text()) if tree.body is not None else ""
    title = tree.css_first("title")
    said = f"{title.text() if title is not None else ''}\n{said[:2_000]}"
    for marks, outcome, words in SAYINGS:
        if any(mark in said for mark in marks):
            return blocked(outcome, words)
    if any(mark in text[:20_000].lower() for mark in CAPTCHA_MARKS):
        return blocked(Outcome.CAPTCHA, "The site wants to see a person.")
    if any(mark in said for mark in NO_LIST) or tree.css_first("#thread_list") is not None:
        return blocked(Outcome.EMPTY, "The forum holds no threads.")
    return blocked(Outcome.LAYOUT_CHANGED, "The page holds neither threads nor posts of Tieba as we know them.")
