"""A page of no site that we know: its title and its words, as a mention of the platform "web"."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.charset import decode
from crawlers.reading.html import tidy, to_text
from crawlers.reading.instead import said_instead
from crawlers.reading.refusals import CAPTCHA_MARKS, LOOKED_AT, refused
from crawlers.source import Answer, Fetch, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.types import Mention, Observation

PLATFORM = "web"
ARTICLE = ("article", "main", '[itemprop="articleBody"]', "#content, .content", "body")
"""Where the words of a page stand, the best guess first."""
AROUND = "nav, header, footer, aside, form, script, style, noscript, iframe, button"
MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|article|main|section|div|p|h[1-6]|span)\b", re.IGNORECASE
)
BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""What stands in pictures and archives, and in no page."""
ENOUGH = 80
"""Characters from which a guess is taken; a shorter one is a teaser or a caption."""
LONGEST = 20_000


class WebPage(Source):
    """Reads single pages that a person names; it looks for nothing by itself."""

    type: Literal["web"] = "web"
    private_addresses: bool = False
    """Whether pages of this machine and its network may be read too."""

    @property
    def outside_only(self) -> bool:
        """See Source.outside_only: whoever sends something in names the address."""
        return not self.private_addresses

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - see the class
        """Nothing."""
        yield from ()

    def reread(self, mention: Mention) -> Fetch | None:
        """The same page."""
        return self.page_of(mention.url)

    def page_of(self, url: str) -> Fetch | None:
        """Any page."""
        return Fetch(url, "page", self.signed_headers, mention_id=mention_id(url))

    def read(self, answer: Answer, name: str) -> Page:
        """Title and words."""
        if (refusal := refused(answer)) is not None:
            return refusal
        page = decode(answer.body, answer.charset)
        if not MARKUP.search(page[:LOOKED_AT]) or BINARY.search(page[:LOOKED_AT]):
            return blocked(Outcome.GARBAGE, f"The {len(answer.body)} bytes of the answer are no web page.")
        tree = LexborHTMLParser(page)
        title = _title(tree)
        text = _words(tree)
        if (instead := said_instead(title, text)) is not None:
            return blocked(*instead)
        if len(text) < ENOUGH and any(mark in page[:LOOKED_AT].lower() for mark in CAPTCHA_MARKS):
            return blocked(Outcome.CAPTCHA, "The site answered with a captcha.")
        if not text and not title:
            return blocked(Outcome.EMPTY, "The page holds no words.")
        url = answer.fetch.url if answer.fetch else answer.url
        mention = Mention(
            id=mention_id(url),
            platform=PLATFORM,
            source=name,
            url=url,
            text=text or title or "",
            first_seen=answer.fetched_at,
            title=title,
        )
        return Page(Outcome.MENTIONS, (Observation(mention, raw=answer.body),), detail="A web page.")


def mention_id(url: str) -> str:
    """By its address: a page has no other name."""
    return f"{PLATFORM}:{hashlib.sha256(url.partition('#')[0].encode()).hexdigest()[:16]}"


def _title(tree: LexborHTMLParser) -> str | None:
    meta = tree.css_first('meta[property="og:title"]')
    said = (meta.attributes.get("content") or "") if meta is not None else ""
    node = tree.css_first("title")
    return tidy(said or (node.text() if node is not None else "")) or None


def _words(tree: LexborHTMLParser) -> str:
    for node in tree.css(AROUND):
        node.decompose()
    found = ""
    for text in (_text(node) for selector in ARTICLE for node in tree.css(selector)[:1]):
        if len(text) >= ENOUGH:
            return text[:LONGEST]
        found = max(found, text, key=len)
    return found[:LONGEST]


def _text(node: LexborNode) -> str:
    return to_text(node.html or "")
