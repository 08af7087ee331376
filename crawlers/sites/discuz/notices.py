"""What stands in the place of a page, and what it means; HTTP often calls it 200."""

from selectolax.lexbor import LexborHTMLParser

from crawlers.reading.html import tidy
from crawlers.sites.discuz.archiver import is_archiver
from crawlers.source import Outcome

MEANINGS = (
    (("先登录", "需要登录", "尚未登录", "没有登录", "登录后", "请登录"), Outcome.LOGIN_WALL),
    (("验证码", "安全验证"), Outcome.CAPTCHA),
    (("没有权限", "无权", "权限高于", "不允许", "密码", "用户组", "特定用户", "被禁止"), Outcome.NO_PERMISSION),
    (("不存在", "已被删除", "正在被审核", "已删除"), Outcome.NOT_FOUND),
    (("频繁", "过快", "秒内", "间隔"), Outcome.THROTTLED),
    (("没有找到", "没有帖子"), Outcome.EMPTY),
    (("功能关闭", "已关闭简洁版"), Outcome.NO_PERMISSION),
)
DEFENCES = {
    "页面重载开启": (
        Outcome.CAPTCHA,
        "The forum answers with a script that only a browser can run (attackevasive).",
    ),
    "频繁刷新限制": (Outcome.THROTTLED, "The forum says that it was asked too often (attackevasive)."),
    "代理服务器访问限制": (Outcome.NO_PERMISSION, "The forum does not let proxies in (attackevasive)."),
}
"""Titles of the pages by which Discuz! defends itself."""
PLAIN = {
    b"RSS Disabled": (Outcome.NO_PERMISSION, "The forum has switched its feeds off."),
    b"Specified forum not found": (Outcome.NOT_FOUND, "There is no such board, or its feed is not for guests."),
}
"""What stands alone in an answer that is no page."""
A_NOTICE = 300
"""Characters: the archiver's notices have no mark of their own but that they are short."""


def notice(tree: LexborHTMLParser, page: str) -> tuple[Outcome, str] | None:
    """What a page says in place of what was asked for; None where it is no notice."""
    box = tree.css_first("#messagetext") or tree.css_first(".jump_c")
    if box is not None:
        words = tidy((box.css_first("p") or box).text())
        return meaning(words), f"The forum says: {words}"
    title = tree.css_first("title")
    called = title.text() if title is not None else ""
    for mark, said in DEFENCES.items():
        if mark in called:
            return said
    if tree.css_first('form[id^="loginform"]') is not None:
        return Outcome.LOGIN_WALL, "The forum shows its sign-in form."
    if tree.css_first('input[name="pw"], input[name="forumpw"]') is not None:
        return Outcome.NO_PERMISSION, "The forum wants the board's password."
    content = tree.css_first("#content")
    if content is not None and is_archiver(tree, page) and content.css_first("p.author, ul") is None:
        words = tidy(content.text())
        return (meaning(words), f"The forum says: {words}") if 0 < len(words) < A_NOTICE else None
    return None


def meaning(words: str) -> Outcome:
    """What the words of a notice mean."""
    return next(
        (outcome for marks, outcome in MEANINGS if any(mark in words for mark in marks)), Outcome.ERROR_PAGE
    )
