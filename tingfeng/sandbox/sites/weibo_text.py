"""A Weibo post's text as m.weibo.cn marks it up."""

import re
from html import escape
from urllib.parse import quote

LONG_AT = 280
"""A CJK character weighs 2, an ASCII one 1: more than 140 characters are folded away in lists."""
SHOWN = 130
"""Characters of a long text that a list shows."""

TOKEN = re.compile(r"(?P<topic>#[^#\n]+#)|(?P<name>@[\w\-·]+)|(?P<emoji>\[\w{1,8}\])|(?P<line>\n)")
UNFINISHED = re.compile(r"(?:\[\w{0,8}|@[\w\-·]*)\Z")


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
