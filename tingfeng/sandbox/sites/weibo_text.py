"""A Weibo post's text as m.weibo.cn marks it up, and its ids."""

import re
from html import escape
from urllib.parse import quote

LONG_AT = 280
"""A CJK character weighs 2, an ASCII one 1: more than 140 characters are folded away in lists."""
SHOWN = 130
"""Characters of a long text that a list shows."""

TOKEN = re.compile(r"(?P<topic>#[^#\n]+#)|(?P<name>@[\w\-·]+)|(?P<emoji>\[\w{1,8}\])|(?P<line>\n)")
UNFINISHED = re.compile(r"(?:\[\w{0,8}|@[\w\-·]*)\Z")
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS, PLACES = 7, 4
"""A bid writes each seven digits of the mid as four of base 62."""


def weight(text: str) -> int:
    """Weibo's textLength."""
    return sum(1 if character.isascii() else 2 for character in text)


def is_long(text: str) -> bool:
    """Whether lists fold this text."""
    return weight(text) > LONG_AT


def markup(text: str) -> str:
    """HTML: topics and names are links, emoji are images, line ends are <br />."""
    parts: list[str] = []
    end = 0
    for token in TOKEN.finditer(text):
        parts += (escape(text[end : token.start()], quote=False), _marked(token))
        end = token.end()
    return "".join((*parts, escape(text[end:], quote=False)))


def folded(text: str, mid: str) -> str:
    """The start of a long text, never cut inside an emoji, a name or a topic, and a link to the rest."""
    head = UNFINISHED.sub("", text[:SHOWN])
    if head.count("#") % 2:
        head = head[: head.rindex("#")]
    return f'{markup(head)}...<a href="/status/{mid}">全文</a>'


def _marked(token: re.Match[str]) -> str:
    word = token.group()
    match token.lastgroup:
        case "topic":
            query = quote(f"231522type=1&t=10&q={word}", safe="")
            shown = f'<span class="surl-text">{escape(word)}</span>'
            return f'<a  href="/search?containerid={query}" data-hide="">{shown}</a>'
        case "name":
            return f"<a href='/n/{quote(word[1:])}'>{word}</a>"
        case "emoji":
            return (
                f'<span class="url-icon"><img alt={word} src="/emoji/{quote(word[1:-1])}.png" '
                'style="width:1em; height:1em;" /></span>'
            )
        case _:
            return "<br />"


def bid(mid: str) -> str:
    """The short id of a mid, as in the links that people share."""
    groups: list[str] = []
    digits = mid
    while digits:
        digits, group = digits[:-DIGITS], digits[-DIGITS:]
        written = _base62(int(group))
        groups.insert(0, written.rjust(PLACES, "0") if digits else written)
    return "".join(groups)


def mid(short: str) -> str:
    """The mid of a short id; ValueError if it is none."""
    groups: list[str] = []
    while short:
        short, group = short[:-PLACES], short[-PLACES:]
        number = str(sum(ALPHABET.index(c) * 62**n for n, c in enumerate(reversed(group))))
        groups.insert(0, number.rjust(DIGITS, "0") if short else number)
    return "".join(groups)


def _base62(number: int) -> str:
    written = ""
    while True:
        number, digit = divmod(number, 62)
        written = ALPHABET[digit] + written
        if not number:
            return written
