"""黑猫投诉: the complaints about companies, and those that a search finds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.addresses import HttpAddress
from crawlers.reading.charset import decode
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
    raw,
)
from crawlers.reading.html import to_text
from crawlers.reading.refusals import CAPTCHA_MARKS, WALL_MARKS, json_of, refused
from crawlers.sites.heimao_page import Complaint, complaint
from crawlers.source import WALLS, Answer, Fetch, Gate, Outcome, Page, Source, blocked, search_words
from mentions.brands import Brand
from mentions.counts import parse_count
from mentions.exchange.ids import id_from_url
from mentions.types import Author, Mention, Observation

PLATFORM = "heimao"
COMPLAINT = "https://tousu.sina.com.cn/complaint/view/{}/"
PAGE_SIZE = 10
INSIDE = frozenset({"result", "data", "complaints", "complaint", "lists", "list", "items"})
GONE = ("不存在", "已删除", "已撤销")
SAYINGS = (
    (WALL_MARKS, Outcome.LOGIN_WALL),
    (CAPTCHA_MARKS, Outcome.CAPTCHA),
    (("频繁", "稍后"), Outcome.THROTTLED),
    (GONE, Outcome.NOT_FOUND),
    (("权限", "签名", "signature"), Outcome.NO_PERMISSION),
)


class Heimao(Source):
    """Complaints on 黑猫投诉. That they are negative is for the model to say."""

    type: Literal["heimao"] = "heimao"
    base_url: HttpAddress = "https://tousu.sina.com.cn"
    companies: tuple[str, ...] = ()
    """The numbers of companies (couid) whose complaints are all read."""
    search: bool = True
    """Whether the search words of the brands are looked for too."""

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The newest complaints about every company, and what a search for every word finds."""
        for company in self.companies:
            yield self._list(
                f"/api/company/received_complaints?couid={quote(company, safe='')}&type=1", 1, f"[{company}]"
            )
        for word in search_words(brands) if self.search else ():
            yield self._list(f"/api/index/s?keywords={quote(word, safe='')}", 1, word)

    def reread(self, mention: Mention) -> Fetch | None:
        """The page of the complaint; for a step that of its complaint."""
        number = (mention.thread or mention.id).removeprefix(f"{PLATFORM}:")
        own = mention.thread in {None, mention.id}
        return self._complaint(number, {"author": mention.author} if own else {}) if number.isdigit() else None

    def page_of(self, url: str) -> Fetch | None:
        """The page of a complaint by the number in its address."""
        number = (id_from_url(PLATFORM, url) or "").removeprefix(f"{PLATFORM}:")
        return self._complaint(number, {}) if number.isdigit() else None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list of complaints, or the page of one."""
        if (refusal := refused(answer)) is not None:
            return refusal
        if answer.body.lstrip()[:1] == b"<" and (shown := _read_page(answer, name)) is not None:
            return shown
        said, instead = json_of(answer)
        if instead is not None:
            return instead
        if (denied := _denied(said)) is not None:
            return denied
        seen = each_once(_complaint(item, answer, name) for item in found(said, _known, INSIDE))
        if not seen:
            return nothing_found(said, _known, INSIDE)
        page = answer.context.get("page", 1)
        more = "list" in answer.context and _has_more(said, page)
        capped = more and page >= self.max_pages
        query = answer.fetch.query if answer.fetch else None
        follow = [
            replace(page, gate=Gate.TRUNCATED, side=True)
            for o in seen
            if o.mention.truncated and (page := self.reread(o.mention)) is not None
        ]
        if more and not capped:
            follow.append(replace(self._list(answer.context["list"], page + 1, query), gate=Gate.NEWS))
        detail = f"The answer holds {len(seen)} complaints."
        return Page(Outcome.MENTIONS, seen, tuple(follow), detail, capped)

    def _list(self, path: str, page: int, query: str | None) -> Fetch:
        url = f"{self.base_url}{path}&page_size={PAGE_SIZE}&page={page}"
        headers = {"Referer": f"{self.base_url}/", **self.signed_headers}
        return Fetch(url, "complaints", headers, {"list": path, "page": page}, query=query)

    def _complaint(self, number: str, context: Mapping[str, Any]) -> Fetch:
        """The page of one; `context` says who wrote it where that is known: the page has no numbers of people."""
        headers = {"Referer": f"{self.base_url}/", **self.signed_headers}
        url = f"{self.base_url}/complaint/view/{number}/"
        return Fetch(url, "complaint", headers, context, mention_id=f"{PLATFORM}:{number}")


def _read_page(answer: Answer, name: str) -> Page | None:
    """A complaint and its steps; None where another page was asked for."""
    text = decode(answer.body, answer.charset)
    found = complaint(LexborHTMLParser(text), answer.fetched_at)
    if found is not None:
        seen = tuple(_observations(found, answer, name))
        return Page(Outcome.MENTIONS, seen, detail=f"A complaint and {len(seen) - 1} steps.")
    if not urlsplit(answer.url).path.startswith("/complaint/view/"):
        return None
    if any(mark in to_text(text) for mark in GONE):
        return blocked(Outcome.NOT_FOUND, "The page says that the complaint is not there.")
    _, instead = json_of(answer)
    if instead is not None and instead.outcome in WALLS:
        return instead
    return blocked(Outcome.LAYOUT_CHANGED, "The page shows no complaint where we look for it.")


def _observations(found: Complaint, answer: Answer, name: str) -> Iterator[Observation]:
    """The complaint, and each step as a post in its thread: an answer's words, or else how far it has come."""
    begun = Mention(
        id=f"{PLATFORM}:{found.number}",
        platform=PLATFORM,
        source=name,
        url=COMPLAINT.format(found.number),
        text=_said(found.text or found.title, found.wanted),
        first_seen=answer.fetched_at,
        published=found.published,
        author=answer.context.get("author") or _writer(None, found.name, found.number),
        title=found.title or None,
    )
    yield Observation(begun, raw=found.raw)
    for step in found.steps:
        other = Author(PLATFORM, f"name:{step.name}", step.name) if step.name else None
        mention = replace(
            begun,
            id=f"{PLATFORM}:step:{found.number}:{step.key}",
            text=step.text or step.status,
            published=step.at,
            author=begun.author if step.name == found.name else other,
            title=step.status or None,
            thread=begun.id,
        )
        yield Observation(mention, raw=step.raw)


def _denied(said: object) -> Page | None:
    """What an answer means that says another code than 0."""
    status = part(said, "result", "status") or part(said, "status")
    code = first(status, "code")
    if code is None or str(code) in {"0", "200"}:
        return None
    words = f"{first(status, 'msg', 'message') or ''} {code}".strip()
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks):
            return blocked(outcome, f"The site says: {words}.")
    return blocked(Outcome.ERROR_PAGE, f"The site answered with an error: {words}.")


def _has_more(said: object, page: int) -> bool:
    """What the list's own pager says."""
    pager = part(said, "result", "data", "pager")
    pages = parse_count(first(pager, "page_amount", "page_count"))
    return pages is not None and page < pages.value


def _known(item: Json) -> bool | None:
    return True if identity((part(item, "main") or item).get("sn")) is not None else None


def _complaint(item: Json, answer: Answer, name: str) -> Observation:
    """A complaint. What the author wants (退款, 道歉) is said by the author; how far it has come is not."""
    main: Mapping[str, Any] = part(item, "main") or item
    number = identity(main.get("sn"))
    title, summary = _words(main.get("title")), _words(first(main, "summary", "content"))
    wanted = _words(main.get("appeal"))
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=COMPLAINT.format(number),
        text=_said(summary or title, wanted),
        first_seen=answer.fetched_at,
        published=moment(first(main, "timestamp", "create_time"), answer.fetched_at),
        author=_author(item, main),
        title=title or None,
        truncated=summary.endswith(("...", "…")),
    )
    counts = counted(
        mention.id,
        answer.fetched_at,
        reposts=main.get("share_amount"),
        comments=main.get("comment_amount"),
        likes=main.get("upvote_amount"),
    )
    return Observation(mention, counts, raw(item))


def _words(value: object) -> str:
    if isinstance(value, list):
        return ",".join(filter(None, map(_words, value)))
    return to_text(value) if isinstance(value, str) else ""


def _author(item: Json, main: Json) -> Author | None:
    """Names are starred by the site (信*飞); the number is not."""
    author = part(item, "author")
    number = identity(first(main, "uid")) or identity(first(author, "uid", "wb_uid", "id"))
    name = _words(first(author, "title", "name", "nickname") or first(main, "uname", "username", "nickname"))
    return _writer(number, name, identity(main.get("sn")))


def _said(text: str, wanted: str) -> str:
    return "\n".join(filter(None, (text, f"诉求：{wanted}" if wanted else "")))


def _writer(number: str | None, name: str, complaint_number: str | None) -> Author | None:
    if number is None and not name:
        return None
    # Without the number a person of its own each time: many are called 信*飞.
    return Author(PLATFORM, number or f"anonymous:{complaint_number}", name)
