"""Selectors as an operator writes them: CSS with an attribute behind an @, or a dotted path into JSON."""

import re
from collections.abc import Sequence
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


UNSEEN = 'script, style, template, [hidden], [style*="display:none"], [style*="display: none"]'


class Tree(Protocol):
    """A page, or an item of it, in which selectors find something."""

    def items(self, selector: str) -> "Sequence[Tree]":
        """All that a selector finds."""

    def value(self, selector: str) -> Any:
        """The text or attribute (HTML), or the value (JSON), that it finds first; None where there is none."""

    def holds(self, mark: str) -> bool:
        """Whether a mark is there."""

    def without(self, selector: str) -> "Tree":
        """What a reader sees of the page beside all that the selector finds."""

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

    def without(self, selector: str) -> Tree:
        """See Tree.without."""
        rest = LexborHTMLParser(self._page)
        while (
            node := rest.css_first(f"{selector}, {UNSEEN}")
        ) is not None:  # one by one: they stand in one another
            node.decompose()
        return Html(rest, rest.html or "")

    def raw(self) -> Any:
        """The element's HTML."""
        return self._node.html or ""


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

    def without(self, selector: str) -> Tree:
        """See Tree.without."""
        rest = _without(self._value, () if selector == SELF else selector.split("."))
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
