"""From an HTML fragment to the words that a reader sees."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff\u00ad"))
"""Zero-width characters that sites sprinkle in. U+200D stays: it joins emoji."""
SPACES = str.maketrans({"\xa0": " ", "\u3000": " ", "\r": "\n", "\x00": None})
AROUND_BREAKS = re.compile(r"[ \t]*\n[ \t]*")
MANY_BREAKS = re.compile(r"\n{3,}")
SOURCE_BREAKS = re.compile(r"[\r\n\t ]+")
NOT_TEXT = ["script", "style", "noscript", "template"]
BLOCKS = "p, div, li, blockquote, h1, h2, h3, h4, tr"
EMOJI = re.compile(r"\[[^\[\]]{1,20}\]")
"""The alt text of an emoji image: [doge], [怒]."""


def to_text(fragment: str) -> str:
    """The plain text of a fragment: emoji images become their [name], breaks and blocks become new lines."""
    if "<" not in fragment and "&" not in fragment:
        return tidy(fragment)  # most comments: nothing to parse
    tree = LexborHTMLParser(SOURCE_BREAKS.sub(" ", fragment))
    return node_text(tree.body) if tree.body is not None else ""


def node_text(node: LexborNode) -> str:
    """The same for a node of a page, which is changed by it; its white space must have been folded before."""
    node.strip_tags(NOT_TEXT)
    for image in node.css("img"):
        alt = image.attributes.get("alt") or ""
        image.replace_with(alt if EMOJI.fullmatch(alt) else "")
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    for block in node.css(BLOCKS):
        block.insert_after("\n")
    return tidy(node.text())


def tidy(text: str) -> str:
    """Strip what cannot be seen, and the spaces around line breaks; at most one empty line in a row."""
    text = text.translate(UNSEEN).translate(SPACES)
    return MANY_BREAKS.sub("\n\n", AROUND_BREAKS.sub("\n", text)).strip()
