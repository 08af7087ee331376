"""From an HTML fragment to the words that a reader sees.

Every post of every page comes through here, so what a fragment does not hold is not looked for in its tree.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSEEN = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad\x00]+")
"""Zero-width characters that sites sprinkle in. U+200D stays: it joins emoji."""
SPACES = re.compile("[\xa0\u3000]")
AROUND_BREAKS = re.compile(r"[ \t]*\n[ \t]*")
MANY_BREAKS = re.compile(r"\n{3,}")
SOURCE_BREAKS = re.compile(r"[ \t]*[\r\n\t]+[ \t]*")
BREAK_TAG = re.compile(r"[ ]?<br\s*/?>[ ]?", re.IGNORECASE)
NOT_TEXT = ["script", "style", "noscript", "template"]
NOT_TEXT_TAG = re.compile(r"<(?:script|style|noscript|template)", re.IGNORECASE)
BLOCKS = "p, div, li, blockquote, h1, h2, h3, h4, tr"
BLOCK_TAG = re.compile(r"<(?:p|div|li|blockquote|h[1-4]|tr)\b", re.IGNORECASE)
IMAGE_TAG = re.compile(r"<img", re.IGNORECASE)
EMOJI = re.compile(r"\[[^\[\]]{1,20}\]")
"""The alt text of an emoji image: [doge], [怒]."""


def to_text(fragment: str) -> str:
    """The plain text of a fragment: emoji images become their [name], breaks and blocks become new lines."""
    if "<" not in fragment and "&" not in fragment:
        return tidy(fragment)  # most comments: nothing to parse
    if "\n" in fragment or "\r" in fragment or "\t" in fragment:
        fragment = SOURCE_BREAKS.sub(" ", fragment)
    if "<br" in fragment or "<BR" in fragment:
        fragment = BREAK_TAG.sub("\n", fragment)
    body = LexborHTMLParser(fragment).body
    if body is None:
        return ""
    _spell_out(body, fragment)
    return tidy(body.text())


def _spell_out(body: LexborNode, fragment: str) -> None:
    """Put text where the tree has an emoji or ends a block, and take out what is none."""
    if NOT_TEXT_TAG.search(fragment):
        body.strip_tags(NOT_TEXT)
    if IMAGE_TAG.search(fragment):
        for image in body.css("img"):
            alt = image.attributes.get("alt") or ""
            if EMOJI.fullmatch(alt):
                image.replace_with(alt)
    if BLOCK_TAG.search(fragment):
        for block in body.css(BLOCKS):
            block.insert_after("\n")


def tidy(text: str) -> str:
    """Strip what cannot be seen, and the spaces around line breaks; at most one empty line in a row."""
    if UNSEEN.search(text):
        text = UNSEEN.sub("", text)
    if SPACES.search(text):
        text = SPACES.sub(" ", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" in text:
        text = AROUND_BREAKS.sub("\n", text)
        if "\n\n\n" in text:
            text = MANY_BREAKS.sub("\n\n", text)
    return text.strip()
