"""A page of m.weibo.cn that a browser saved: its data stand in a script, or its words say why they do not."""

import json
import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.charset import decode
from crawlers.reading.html import to_text
from crawlers.sites.weibo.answers import SAYINGS
from crawlers.sites.weibo.notices import LONGEST
from crawlers.source import Page, blocked

DATA = re.compile(r"\$render_data\s*=\s*")
SCRIPTS = "script, style, noscript, template, title"


def data_of(body: bytes, instead: Page) -> tuple[Any, Page | None]:
    """What the page begins with, or why it shows nothing; `instead` where it does not say."""
    page = decode(body)
    if (begins := DATA.search(page)) is not None:
        try:
            listed, _ = json.JSONDecoder(strict=False).raw_decode(page, begins.end())
        except (ValueError, RecursionError):
            return None, instead
        return (listed[0] if isinstance(listed, list) and listed else listed), None
    tree = LexborHTMLParser(page)
    for hidden in tree.css(SCRIPTS):
        hidden.decompose()
    words = " ".join(to_text((tree.body.html if tree.body is not None else "") or "").split())
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks) and len(words) <= 2 * LONGEST:
            return None, blocked(outcome, f"The site says: {words}")
    return None, instead
