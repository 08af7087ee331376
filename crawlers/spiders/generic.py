"""Any site whose pages an operator can describe: selectors in config.yaml in place of a parser of ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urljoin, urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from crawlers.reading.charset import decode
from crawlers.reading.html import tidy, to_text
from crawlers.reading.jsontext import dumped
from crawlers.reading.refusals import json_of, refused
from crawlers.reading.selecting import TEXT_MARK, Html, Json, Tree, check_css, check_path
from crawlers.reading.times import parse_time
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.counts import Count, parse_count
from mentions.exchange.ids import id_from_number, id_from_text, id_from_url
from mentions.types import Author, Engagement, Mention, Observation

COUNTS = ("reposts", "comments", "likes", "views")
KEYWORD, PAGE = "{keyword}", "{page}"
LOOKED_AT = 2_000


def _selector(text: str, info: ValidationInfo) -> str:
    return check_path(text) if info.data.get("format") == "json" else check_css(text)


def _mark(text: str, info: ValidationInfo) -> str:
    if text.startswith(TEXT_MARK):
        if not text.removeprefix(TEXT_MARK).strip():
            raise ValueError(f"{text!r} names no words: write text=没有找到")
        return text
    return _selector(text, info)


def _address(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError(f"{url!r} is no http(s) address")
    return url


Selector = Annotated[str, AfterValidator(_selector)]
Mark = Annotated[str, AfterValidator(_mark)]
Address = Annotated[str, AfterValidator(_address)]
FieldName = Literal[
    "id", "text", "title", "url", "author", "author_id", "published", "reposts", "comments", "likes", "views"
]


class Generic(Source):
    """Posts by selectors. Whatever finds nothing is unknown; a page on which nothing is found is no empty one."""

    type: Literal["generic"] = "generic"
    platform: str = Field("web", pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    format: Literal["html", "json"] = "html"
    urls: tuple[Address, ...] = ()
    item: Selector | None = None
    fields: Mapping[FieldName, Selector] = Field(default_factory=dict)
    next: Selector | None = None
    empty: tuple[Mark, ...] = ()
    wall: tuple[Mark, ...] = ()

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.platform.startswith("hot-"):
            raise ValueError(f"platform {self.platform!r}: names that begin with hot- are those of hot lists")
        if self.enabled:
            if not self.urls:
                raise ValueError("urls is empty: name at least one address of a list of posts")
            if self.item is None:
                raise ValueError("item is missing: the selector of one post")
            if not {"text", "title"} & self.fields.keys():
                raise ValueError("fields: neither text nor title is there, so nothing could become a mention")
        return self

    @property
    def home(self) -> tuple[str, ...]:
        """See Source.home."""
        return self.urls

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:
        """The first page of every address, for every search word where it has a place for one."""
        words = dict.fromkeys(word for brand in brands for word in brand.search or (brand.name,))
        for url in self.urls:
            for word in words if KEYWORD in url else ("",):
                template = url.replace(KEYWORD, quote(word, safe=""))
                yield replace(self._fetch(template, 1, Gate.ALWAYS), query=word or f"[{url}]")

    def reread(self, mention: Mention) -> Fetch | None:  # noqa: ARG002 - the list shows the counts
        """Nothing: how a single post's page looks is not described."""
        return None

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list of posts."""
        if (refusal := refused(answer)) is not None:
            return refusal
        tree, instead = self._tree(answer)
        if tree is None:
            return instead or blocked(Outcome.GARBAGE, "The answer cannot be read.")
        if mark := next((mark for mark in self.wall if tree.holds(mark)), None):
            return blocked(Outcome.LOGIN_WALL, f"The page shows what `wall` names: {mark}.")
        items = tree.items(self.item) if self.item is not None else ()
        found = [o for item in items if (o := self._observation(item, answer, name)) is not None]
        if not found:
            return self._nothing(tree, len(items))
        if self.item is not None and self.empty:  # posts below the words that none was found are recommended ones
            above = tree.seen(before=self.item)
            if mark := next((mark for mark in self.empty if above.holds(mark)), None):
                detail = f"The page shows what `empty` names: {mark}. {len(found)} posts below it are left out."
                note = f"posts below what `empty` names ({mark}) were left out as recommended ones"
                return Page(Outcome.EMPTY, detail=detail, note=note)
        follow = tuple(self._further(tree, answer))
        cap_hit = not follow and self._has_more(tree, answer)
        return Page(Outcome.MENTIONS, tuple(found), follow, f"The page holds {len(found)} posts.", cap_hit)

    def _nothing(self, tree: Tree, items: int) -> Page:
        """Why a page shows no post: one that does not say that there is none has changed."""
        seen = tree.seen()
        if mark := next((mark for mark in self.empty if seen.holds(mark)), None):
            return blocked(Outcome.EMPTY, f"The page shows what `empty` names: {mark}.")
        if items:
            return blocked(Outcome.LAYOUT_CHANGED, f"None of {items} items holds a text: see `fields`.")
        return blocked(Outcome.LAYOUT_CHANGED, f"Nothing on the page is what `item` names: {self.item}.")

    def _tree(self, answer: Answer) -> tuple[Tree | None, Page | None]:
        if self.format == "json":
            said, instead = json_of(answer)
            return (None, instead) if instead else (Json(said, answer.body.decode("utf-8", "replace")), None)
        page = decode(answer.body, answer.charset)
        if "<" not in page[:LOOKED_AT]:
            return None, blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
        return Html.of(page), None

    def _observation(self, item: Tree, answer: Answer, name: str) -> Observation | None:
        said: dict[str, Any] = {field: self._value(item, field) for field in self.fields}
        title, text = _words(said.get("title")), _words(said.get("text"))
        if not (title or text):
            return None
        url = _url(answer.url, said.get("url"))
        author = self._author(said, url or answer.url)
        published = _moment(said.get("published"), answer)
        mention_id = (
            id_from_number(self.platform, said["id"] if isinstance(said["id"], int) else _words(said["id"]))
            if said.get("id") is not None
            else None
        )
        mention_id = mention_id or id_from_url(self.platform, url)
        mention = Mention(
            id=mention_id
            or id_from_text(self.platform, author.name if author else None, published, f"{title}\n{text}"),
            platform=self.platform,
            source=name,
            url=url,
            text=text or title,
            first_seen=answer.fetched_at,
            published=published,
            author=author,
            title=title or None,
        )
        raw = item.raw()
        whole = raw.encode("utf-8", "replace") if isinstance(raw, str) else dumped(raw)
        return Observation(mention, _engagement(mention, said, answer), whole)

    def _value(self, item: Tree, field: FieldName) -> Any:
        found = item.value(self.fields[field])
        marked_up = self.format == "json" and field in {"text", "title", "author"}
        return to_text(found) if marked_up and isinstance(found, str) else found

    def _author(self, said: Mapping[str, Any], url: str) -> Author | None:
        name, number = _words(said.get("author")), _words(said.get("author_id"))
        if not (name or number):
            return None
        # A name is unique on its site at most.
        host = _host(url)
        return Author(f"{self.platform}:{host}" if host else self.platform, number or name, name or number)

    def _further(self, tree: Tree, answer: Answer) -> Iterator[Fetch]:
        """The page behind this one, where it may be asked for."""
        page = int(answer.context.get("page", 1))
        if answer.fetch is None or page >= self.max_pages or not self._has_more(tree, answer):
            return
        if self.next is None:
            fetch = self._fetch(answer.context["template"], page + 1, Gate.NEWS)
        else:
            url = _url(answer.url, tree.value(self.next))
            if _host(url) != _host(answer.url):  # where a link leads elsewhere, somebody else's list begins
                return
            fetch = self._fetch(url, page + 1, Gate.NEWS, answer.context.get("template"))
        yield replace(fetch, query=answer.fetch.query)

    def _has_more(self, tree: Tree, answer: Answer) -> bool:
        """Whether there may be another page: the site says so, or its address has a place for a number."""
        if self.next is not None:
            return bool(_words(tree.value(self.next)))
        return PAGE in str(answer.context.get("template", ""))

    def _fetch(self, url: str, page: int, gate: Gate, template: str | None = None) -> Fetch:
        asked = url.replace(PAGE, str(page))
        return Fetch(asked, "list", self.signed_headers, {"template": template or url, "page": page}, gate=gate)


def _words(value: object) -> str:
    """A text or a number as words; nothing for what is neither."""
    if isinstance(value, str):
        return tidy(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _url(base: str, value: object) -> str:
    written = value.strip() if isinstance(value, str) else ""
    if not written:
        return ""
    try:
        whole = urljoin(base, written)
        return whole if urlsplit(whole).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _moment(value: object, answer: Answer) -> datetime | None:
    return parse_time(value, answer.fetched_at) if isinstance(value, str | int | float) else None


def _engagement(mention: Mention, said: Mapping[str, Any], answer: Answer) -> Engagement | None:
    found: dict[str, Count] = {}
    for name in COUNTS:
        if (count := parse_count(said.get(name))) is not None:
            found[name] = count
    if not found:
        return None
    values = {name: count.value for name, count in found.items()}
    bounds = frozenset(name for name, count in found.items() if count.at_least)
    return Engagement(mention.id, answer.fetched_at, **values, at_least=bounds)
