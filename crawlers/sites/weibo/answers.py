"""What a JSON answer of Weibo holds: a refusal, posts, comments, accounts, the rest of a long text.

The mobile site, the desktop site and the open API wrap the same objects differently; they are told apart by shape.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crawlers.reading.refusals import CAPTCHA_MARKS
from crawlers.sites.weibo.comments import is_comment
from crawlers.sites.weibo.mblog import Json, post_id
from crawlers.source import Outcome, Page, blocked

POST_CARD = 9
DEEPEST = 4
"""Card groups do not nest deeper than twice; garbage might."""
LOGIN_NEEDED = -100
GONE = ("不存在", "已被删除", "已删除", "暂无查看权限", "无法查看", "20101")
TOO_OFTEN = ("频繁", "歇歇", "100005")
NOBODY_YET = ("还没有", "快来发表", "暂无评论", "暂无转发")
SAYINGS = (
    (TOO_OFTEN, Outcome.THROTTLED),
    (GONE, Outcome.NOT_FOUND),
    (CAPTCHA_MARKS, Outcome.CAPTCHA),
)
LISTS = ("statuses", "reposts", "comments", "list", "data", "hot_data")


@dataclass(frozen=True, slots=True)
class Found:
    """The objects of an answer in their order. `expected`: there was a place for posts or comments."""

    posts: tuple[Json, ...] = ()
    comments: tuple[Json, ...] = ()
    users: tuple[Json, ...] = ()
    expected: bool = False


def denied(said: Json) -> Page | None:
    """What an answer that does not say ok:1 means."""
    if said.get("ok") == 1 or "ok" not in said:
        return None
    words = f"{said.get('msg') or said.get('message') or ''} {said.get('errno') or said.get('error_code') or ''}"
    words = words.strip()
    if said["ok"] == LOGIN_NEEDED or "passport" in str(said.get("url") or ""):
        return blocked(Outcome.LOGIN_WALL, "The site wants a signed-in account (ok: -100).")
    for marks, outcome in SAYINGS:
        if any(mark in words for mark in marks):
            return blocked(outcome, f"The site says: {words}")
    data = said.get("data")
    nobody_yet = any(mark in words for mark in NOBODY_YET)
    if said["ok"] == 0 and (nobody_yet or (isinstance(data, dict) and not data.get("cards"))):
        return blocked(Outcome.EMPTY, f"The site says that nothing is there: {words or 'no posts'}")
    return blocked(Outcome.ERROR_PAGE, f"The site answered ok: {said['ok']!r} {words}".rstrip() + ".")


def data_of(said: object) -> dict[str, Any] | None:
    """What is inside the wrapping; None where the answer is no object."""
    if not isinstance(said, dict):
        return None
    data = said.get("data", said)
    return data if isinstance(data, dict) else {**said, "list": data} if isinstance(data, list) else None


def found_in(data: Json) -> Found:
    """The posts, comments and accounts of an answer."""
    users = tuple(user for key in ("userInfo", "user") if isinstance(user := data.get(key), Mapping))
    if post_id(data) and ("text" in data or "text_raw" in data):
        return Found((data,), expected=True)
    if post_id(data) and "screen_name" in data:
        return Found(users=(data,))
    single = data.get("mblog") or data.get("status")
    if isinstance(single, Mapping):
        return Found((single,), users=users, expected=True)
    listed = [item for key in LISTS for item in _objects(data.get(key))]
    cards = list(_post_cards(data.get("cards"), DEEPEST))
    listed += [card["mblog"] for card in cards if isinstance(card.get("mblog"), Mapping)]
    comments = tuple(item for item in listed if is_comment(item))
    posts = tuple(item for item in listed if not is_comment(item))
    return Found(posts, comments, users, expected=bool(cards or listed))


def nothing(data: Json, found: Found) -> Page:
    """What an answer is in which no post or comment could be read."""
    if found.expected:
        return blocked(Outcome.LAYOUT_CHANGED, "The answer holds cards of posts that have no post in them.")
    if any(data.get(key) == [] or isinstance(data.get(key), list) for key in (*LISTS, "cards")):
        return blocked(Outcome.EMPTY, "The answer holds no posts.")
    return blocked(Outcome.LAYOUT_CHANGED, "The answer holds nothing that we know of.")


def _objects(listed: object) -> Iterator[Json]:
    return (item for item in (listed if isinstance(listed, list) else ()) if isinstance(item, Mapping))


def _post_cards(cards: object, depth: int) -> Iterator[Json]:
    for card in cards if isinstance(cards, list) and depth else ():
        if not isinstance(card, dict):
            continue
        if card.get("card_type") == POST_CARD or "mblog" in card:
            yield card
        yield from _post_cards(card.get("card_group"), depth - 1)
