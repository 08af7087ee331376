"""The cards of a search page on s.weibo.com, as they were in 2018 and as they are since 2025."""

import re
from collections.abc import Iterator
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import to_text
from crawlers.reading.times import parse_time
from crawlers.sites.weibo.mblog import PLATFORM, post_url, region, unknown_origin
from crawlers.sites.weibo.notices import is_notice
from mentions.counts import Count, engagement_of, parse_count
from mentions.types import Author, Engagement, Mention, Observation
from mentions.weiboid import weibo_number

CARD = 'div.card-wrap[action-type="feed_list_item"]'
ORIGIN = 'div.card-comment, div[node-type="feed_list_forwardContent"]'
NAME = "a.name"
PAGER = "ul.s-scroll, a.next, a.prev"
FULL = 10
"""Cards of a page that is not the last one, by and large."""
WHOLE, BEGINNING = '[node-type="feed_list_content_full"]', '[node-type="feed_list_content"]'
UNFOLD, FOLD = '[action-type="fl_unfold"]', '[action-type="fl_fold"]'
NOT_WORDS = f"{UNFOLD}, {FOLD}, i.wbicon"
"""What opens and closes a long text, and icons that are letters of a font."""
ACCOUNT = re.compile(r"(?:weibo\.(?:com|cn)|^)/(?:u/)?(\d{5,12})(?:[/?#]|$)")
POST = re.compile(r"(?:weibo\.(?:com|cn)|^)/(\d{5,12})/([0-9A-Za-z]{8,20})/?(?:[?#]|$)")
"""With the host, or without: both are seen."""
PLACE = re.compile(r"发布于\s*(\S+)")
BADGE = re.compile(r"woo_svg_v(blue|yellow|orange|gold|red)|icon-vip-([byg])\b")
BLUE = frozenset({"blue", "b"})
PERSON, ORGANISATION, NOBODY = 0, 7, -1
"""A blue V vouches for an organisation; which kind (2 an enterprise, 3 a medium, …) only its profile says."""
BUTTONS = {
    "reposts": ("feed_list_forward", "转发"),
    "comments": ("feed_list_comment", "评论"),
    "likes": ("feed_list_like", "赞"),
}


def posts(tree: LexborHTMLParser, source: str, at: datetime) -> Iterator[Observation]:
    """The posts of a page in their order, each behind the one that it reposts."""
    for card in tree.css(CARD):
        yield from _card(card, source, at)


def pages(tree: LexborHTMLParser, page: int) -> int:
    """How many pages the search is said to have; at least the one that was asked for.

    A full page that says nothing of others may have one after it: better to ask in vain than to miss it.
    """
    if tree.css_first(PAGER) is None:
        return page + (len(tree.css(CARD)) >= FULL)
    listed = len(tree.css("ul.s-scroll li"))
    return max(listed, page + (tree.css_first("a.next") is not None))


def _card(card: LexborNode, source: str, at: datetime) -> Iterator[Observation]:
    raw = (card.html or "").encode("utf-8", "replace")
    block = card.css_first(ORIGIN)
    gone = block is not None and _is_gone(block)
    origin = _post(block, None, None, source, at) if block is not None else None
    if block is not None:
        if origin is not None:
            yield Observation(*origin, (block.html or "").encode("utf-8", "replace"))
        block.decompose()  # what is left is the card's own
    mid = weibo_number(card.attributes.get("mid") or "")
    passes_on = origin[0].id if origin is not None else None
    if passes_on is None and gone and mid is not None:
        passes_on = unknown_origin(mid)
    if (post := _post(card, mid, passes_on, source, at)) is not None:
        yield Observation(*post, raw)


def _is_gone(block: LexborNode) -> bool:
    """Whether a notice stands in the place of what the card passes on."""
    signed = block.css_first(NAME) is not None
    return any(is_notice(part.html, signed=signed) for part in (block, *block.css("p, div")))


def _post(
    node: LexborNode, mid: str | None, repost_of: str | None, source: str, at: datetime
) -> tuple[Mention, Engagement | None] | None:
    """The post that a card, or the block of what it reposts, shows; None where it has no number or no text."""
    link = node.css_first(".from a")
    address = POST.search((link.attributes.get("href") or "") if link is not None else "")
    number = mid or (weibo_number(address[2]) if address else None)
    text = node.css_first(WHOLE) or node.css_first(BEGINNING)
    if number is None or text is None or is_notice(text.html, signed=node.css_first(NAME) is not None):
        return None
    author = _author(node, address[1] if address else None)
    cut = text.attributes.get("node-type") == "feed_list_content" and text.css_first(UNFOLD) is not None
    for part in text.css(NOT_WORDS):
        part.decompose()
    written = node.css_first(".from")
    place = PLACE.search(written.text()) if written is not None else None
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=source,
        url=post_url(number, author, address[2] if address else None),
        text=to_text(text.html or ""),
        first_seen=at,
        published=parse_time(link.text(), at) if link is not None else None,
        author=author,
        repost_of=repost_of,
        region=region(place[1]) if place else None,
        truncated=cut,
    )
    return mention, _counts(node, mention.id, at)


def _author(node: LexborNode, number: str | None) -> Author | None:
    name = node.css_first(NAME)
    if name is None:
        return None
    found = ACCOUNT.search(name.attributes.get("href") or "")
    account = found[1] if found else number
    if account is None:
        return None
    verified, kind = _badge(node)
    shown = name.attributes.get("nick-name") or name.text()
    return Author(PLATFORM, account, shown.strip().removeprefix("@"), verified=verified, verified_type=kind)


def _badge(node: LexborNode) -> tuple[bool | None, int | None]:
    """Whether the account bears a V, and whose; unknown where the page has no place for one."""
    signs = node.css('i[class*="icon-vip"], svg')  # elements only: anybody may write such words into a post
    if found := BADGE.search("".join(sign.html or "" for sign in signs)):
        return True, ORGANISATION if (found[1] or found[2]) in BLUE else PERSON
    return (False, NOBODY) if node.css_first("div.avator") is not None else (None, None)


def _counts(node: LexborNode, mention_id: str, at: datetime) -> Engagement | None:
    counts: dict[str, Count] = {}
    for name, (action, word) in BUTTONS.items():
        button = node.css_first(f'a[action-type="{action}"]') or _worded(node, word)
        if button is None:
            continue
        number = button.css_first(".woo-like-count, em") or button
        text = number.text().strip()
        # A button that nobody has pressed bears only its word, or an empty place for the number.
        if found := parse_count(text) if text else Count(0):
            counts[name] = found
    if not counts:
        return None
    return engagement_of(mention_id, at, counts)


def _worded(node: LexborNode, word: str) -> LexborNode | None:
    """The counts under what is reposted are plain links."""
    return next((link for link in node.css("ul.act a") if link.text().strip().startswith(word)), None)
