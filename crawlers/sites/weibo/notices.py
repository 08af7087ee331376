"""What Weibo shows in the place of a post, of what was searched for, or of a whole page."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.reading.html import to_text

_WHAT = r"(?:此|该|这条|本条|原)(?:条)?(?:微博|内容|博文|评论|视频|文章|账号|帐号|用户)"
_END = (
    r"(?:被(?:作者|博主|用户|管理员)?(?:自行)?删除|已(?:经)?删除|作删除处理|不存在|不可见|无法(?:查看|访问|显示|浏览)"
    r"|不能查看|被屏蔽|被隐藏|查看权限)(?:了|哦|啦)?"
)
_TAIL = r"[。.！!]?\s*(?:查看(?:帮助|详情)?[:：]?\s*)?(?:O?\s*网页链接|https?://\S+)?\s*"
LOOSE = re.compile(
    rf"(?:(?:很?抱歉|对不起)[，,。！!\s]*(?:{_WHAT}|作者|博主|由于|因|根据|你|您|他|她|当前)[^\n]{{0,60}}?{_END}"
    rf"|{_WHAT}(?:(?:因|由于|根据|经)[^\n]{{0,60}})?[，,]?(?:现|暂时)?(?:已经?)?{_END}"
    rf"|(?:根据|由于|因)(?:作者|博主|用户)(?:的)?(?:隐私)?设置[^\n]{{0,40}}?{_END}){_TAIL}"
)
"""What stands where a post without an author would: it can hardly be anything but the site's."""
SUBJECT = r"(?:此|该|这|本|原|当前|[你您]所?(?:访问|查看)的)条?(?:微博内容|微博|博文|内容|账号|帐号)"
END = (
    r"(?:已?经?被?(?:原?作者|博主|用户|管理员|系统)?(?:自行)?删除|已作删除处理|不存在|不可见|被屏蔽|被隐藏|查看权限"
    r"|(?:无法|不能)(?:查看|访问|显示|浏览|进行指定操作))"
)
WHY = (
    r"因|由于|根据|经|违反了?|涉嫌|被?(?:多人)?(?:投诉|举报)|原?作者|博主|用户|自行申请|关闭|注销|隐私|设置|可见范围"
    r"|仅展示(?:最近|近)?[^\s，,。]{1,3}内的?微博|《微博[^》\s]{1,20}》|国家|相关|有关|法律|法规|政策|规定|规则|条款|的|和|及|或|等"
)
NOTICE = re.compile(
    rf"(?=.*{SUBJECT})(?=.*{END})(?:(?:很?抱歉|对不起)[，,。！!\s]*)?"
    rf"(?:{SUBJECT}|{END}|{WHY}|[你您]|暂时|没有|现|已经?|[，,])++哦?{_TAIL}"
)
"""What stands there under an author's name: made of the site's few words from end to end.

An author apologises too, and says that a video, an order or a photo was deleted: one word that the site does not
use makes it the author's.
"""
LONGEST = 120
NOTHING_FOUND_CARD = 58
PERSON_CARD = 10
"""Its words are those of the person that it shows."""
POST_CARD = 9
NOTHING_FOUND = re.compile(
    r"(?:未|没有?)(?:能)?(?:找到|搜索到|搜到)|找不到|搜索?不到|(?:没有|无|暂无)(?:符合|任何|与)?[^，。]{0,20}相关"
)
APOLOGY = re.compile(rf"(?:抱歉|对不起|很遗憾)[^\n]{{0,4}}(?:{NOTHING_FOUND.pattern})")
WORDS = ("desc", "title", "title_sub", "text", "content")
DEEPEST = 4
"""Card groups do not nest deeper than twice; garbage might."""


def is_notice(text: object, *, signed: bool) -> bool:
    """Whether the text of a post (HTML) is the site's notice that it cannot be read any more.

    `signed`: an author stands beside it, whose words it may be.
    """
    if not isinstance(text, str) or len(text) > 10 * LONGEST:
        return False
    words = to_text(text)
    if len(words) > LONGEST:
        return False
    return NOTICE.fullmatch(words) is not None or (not signed and LOOSE.fullmatch(words) is not None)


def none_found(data: Mapping[str, Any]) -> str | None:
    """What a list says before its first post: that nothing was found, and what follows is recommended instead."""
    for card in _cards(data.get("cards"), DEEPEST):
        if card.get("card_type") == POST_CARD or "mblog" in card:
            return None
        if card.get("card_type") != PERSON_CARD and (said := _said(card)):
            return said
    return None


def _said(card: Mapping[str, Any]) -> str | None:
    marks = NOTHING_FOUND if card.get("card_type") == NOTHING_FOUND_CARD else APOLOGY
    texts = (to_text(text) for key in WORDS if isinstance(text := card.get(key), str))
    return next((text for text in texts if marks.search(text)), None)


def _cards(cards: object, depth: int) -> Iterator[Mapping[str, Any]]:
    for card in cards if isinstance(cards, list) and depth else ():
        if isinstance(card, dict):
            yield card
            yield from _cards(card.get("card_group"), depth - 1)
