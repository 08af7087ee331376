"""黑猫投诉: the complaints about companies, and those that a search finds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote

from crawlers.addresses import HttpAddress
from crawlers.fields import Json, counted, each_once, first, found, identity, moment, nothing_found, part, raw
from crawlers.html import to_text
from crawlers.refusals import CAPTCHA_MARKS, WALL_MARKS, json_of, refused
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked, search_words
from mentions.brands import Brand
from mentions.counts import parse_count
from mentions.types import Author, Mention, Observation

PLATFORM = "heimao"
COMPLAINT = "https://tousu.sina.com.cn/complaint/view/{}/"
PAGE_SIZE = 10
INSIDE = frozenset({"result", "data", "complaints", "complaint", "lists", "list", "items"})
SAYINGS = (
    (WALL_MARKS, Outcome.LOGIN_WALL),
    (CAPTCHA_MARKS, Outcome.CAPTCHA),
    (("频繁", "稍后"), Outcome.THROTTLED),
    (("不存在", "已删除", "已撤销"), Outcome.NOT_FOUND),
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

    def reread(self, mention: Mention) -> Fetch | None:  # noqa: ARG002 - see the docstring
        """Nothing: a complaint stands alone on a page of HTML, whose shape is not known to us."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list of complaints."""
        if (refusal := refused(answer)) is not None:
            return refusal
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
        follow = (
            (
                replace(
                    self._list(answer.context["list"], page + 1, query),
                    gate=Gate.NEWS,
                ),
            )
            if more and not capped
            else ()
        )
        detail = f"The answer holds {len(seen)} complaints."
        return Page(Outcome.MENTIONS, seen, follow, detail, capped)

    def _list(self, path: str, page: int, query: str | None) -> Fetch:
        url = f"{self.base_url}{path}&page_size={PAGE_SIZE}&page={page}"
        headers = {"Referer": f"{self.base_url}/", **self.signed_headers}
        return Fetch(url, "complaints", headers, {"list": path, "page": page}, query=query)


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
    text = "\n".join(filter(None, (summary or title, f"诉求：{wanted}" if wanted else "")))
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=COMPLAINT.format(number),
        text=text,
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
    if number is None and not name:
        return None
    # Without the number a person of its own each time: many are called 信*飞.
    return Author(PLATFORM, number or f"anonymous:{identity(main.get('sn'))}", name)
