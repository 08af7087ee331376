"""Selectors as an operator writes them: CSS with an attribute behind an @, or a dotted path into JSON."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawlers.reading.html import to_text
from crawlers.reading.jsontext import dumped

TEXT_MARK = "text="
"""A mark that begins so is words that stand on the page, any other one a selector."""
ATTRIBUTE = re.compile(r"@([A-Za-z_:][\w:.-]*)$")
STEP = re.compile(r"[^\s.@\[\]]+(?:\[\d+\])?")
SELF = "."
"""The item itself, in a selector or a path."""


UNSEEN = (
    *("title", "script", "style", "template", "noscript", "[hidden]"),
    *('[style*="display:none" i]', '[style*="display: none" i]'),
)
RULES = 500
"""So many rules that hide something are asked for: each is a walk through the page."""
WHOLE = frozenset({"html", "body"})
"""A page that hides itself shows itself by a script."""
HIDES = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class Tree(Protocol):
    """A page, or an item of it, in which selectors find something."""

    def items(self, selector: str) -> "Sequence[Tree]":
        """All that a selector finds."""

    def value(self, selector: str) -> Any:
        """The text or attribute (HTML), or the value (JSON), that it finds first; None where there is none."""

    def holds(self, mark: str) -> bool:
        """Whether a mark is there."""

    def seen(self, before: str | None = None) -> "Tree":
        """What a reader sees of it: above the first of what a selector finds, or all (of JSON: all beside it)."""

    def raw(self) -> Any:
        """What it is made of."""


def split(selector: str) -> tuple[str, str | None]:
    """A selector without its attribute, and that attribute."""
    found = ATTRIBUTE.search(selector)
    return (selector, None) if found is None else (selector[: found.start()].strip(), found[1])


def check_css(selector: str) -> str:
    """The selector; ValueError if it is no CSS (with an attribute behind it)."""
    css, _ = split(selector)
    if css not in {"", SELF}:
        try:
            LexborHTMLParser("").css(css)
        except SelectolaxError:
            raise ValueError(f"{selector!r} is no CSS selector (a.title, or a.title@href)") from None
    elif css == selector:
        raise ValueError(f"{selector!r} finds nothing: write a CSS selector (a.title), or @data-id")
    return selector


def check_path(path: str) -> str:
    """The path; ValueError if it is none."""
    if path != SELF and not all(STEP.fullmatch(step) for step in path.split(".")):
        raise ValueError(f"{path!r} is no path into JSON (data.list, user.name, images[0].url)")
    return path


class Html:
    """A page of HTML, or an element of it."""

    def __init__(self, node: LexborHTMLParser | LexborNode, page: str = "") -> None:
        self._node = node
        self._page = page

    @classmethod
    def of(cls, page: str) -> "Html":
        """A whole page."""
        return cls(LexborHTMLParser(page), page)

    def items(self, selector: str) -> Sequence[Tree]:
        """See Tree.items."""
        return [Html(node) for node in self._node.css(selector)]

    def value(self, selector: str) -> Any:
        """See Tree.value."""
        css, attribute = split(selector)
        node = self._node if css in {"", SELF} else self._node.css_first(css)
        if node is None:
            return None
        if attribute is not None:
            return node.attributes.get(attribute) if isinstance(node, LexborNode) else None
        return to_text(node.html or "")

    def holds(self, mark: str) -> bool:
        """See Tree.holds."""
        words = mark.removeprefix(TEXT_MARK)
        return words in self._page if words != mark else self._node.css_first(mark) is not None

    def seen(self, before: str | None = None) -> Tree:
        """See Tree.seen; what a style sheet elsewhere hides is not known."""
        rest = LexborHTMLParser(self._page)
        for selector in (*islice(_hidden(rest), RULES), *UNSEEN):
            _take_out(rest, selector)
        if before is not None and (item := rest.css_first(before)) is not None:
            _end_at(item)
        return Html(rest, to_text(rest.html or ""))

    def raw(self) -> Any:
        """The element's HTML."""
        return self._node.html or ""


def _hidden(page: LexborHTMLParser) -> Iterator[str]:
    """What the page's own style sheets hide; not what they hide on paper or small screens."""
    for sheet in page.css("style"):
        for rule in sheet.text().split("}"):
            selectors, _, body = rule.rpartition("{")
            if HIDES.search(body) and not {"{", "@"} & set(selectors):
                yield selectors.strip()


def _take_out(page: LexborHTMLParser, selector: str) -> None:
    try:
        found = {node.mem_id: node for node in page.css(selector)}  # each once: none is freed twice
    except SelectolaxError:  # a browser passes over such a rule too
        return
    for node in reversed(found.values()):  # what stands in another one goes before it
        if node.tag not in WHOLE:
            node.decompose()


def _end_at(item: LexborNode) -> None:
    """Take the item out of its page, and all that stands behind it."""
    last: LexborNode | None = item
    while last is not None:
        while (behind := last.next) is not None:
            behind.decompose()
        last = last.parent
    item.decompose()


class Json:
    """A value of JSON."""

    def __init__(self, value: Any, page: str = "") -> None:
        self._value = value
        self._page = page

    def items(self, selector: str) -> Sequence[Tree]:
        """See Tree.items."""
        found = self.value(selector)
        return [Json(value) for value in found if isinstance(value, dict)] if isinstance(found, list) else []

    def value(self, selector: str) -> Any:
        """See Tree.value."""
        found = self._value
        for step in () if selector == SELF else selector.split("."):
            name, _, number = step.rstrip("]").partition("[")
            found = found.get(name) if isinstance(found, dict) else None
            if number:
                place = int(number)
                found = found[place] if isinstance(found, list) and place < len(found) else None
        return found

    def holds(self, mark: str) -> bool:
        """See Tree.holds: a path holds where it leads to something that is not empty, false or 0."""
        words = mark.removeprefix(TEXT_MARK)
        return words in self._page if words != mark else bool(self.value(mark))

    def seen(self, before: str | None = None) -> Tree:
        """See Tree.seen."""
        if before is None:
            return self
        rest = _without(self._value, () if before == SELF else before.split("."))
        return Json(rest, dumped(rest).decode("utf-8", "replace"))

    def raw(self) -> Any:
        """The value."""
        return self._value


def _without(value: Any, steps: Sequence[str]) -> Any:
    if not steps:
        return None
    name = steps[0].partition("[")[0]
    return (
        {**value, name: _without(value[name], steps[1:])} if isinstance(value, dict) and name in value else value
    )
