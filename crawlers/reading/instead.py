"""What a page says that stands in the place of another: a wall, a captcha, a challenge, a farewell.

Phrases are looked for where a page says little else: an article may speak of a captcha.
"""

from crawlers.source import Outcome

SHORT = 200
"""Characters of a page, with its title, that says nothing but this."""
PHRASES: tuple[tuple[Outcome, str, tuple[str, ...]], ...] = (
    (
        Outcome.CAPTCHA,
        "The site wants to see a person",
        (
            *(
                "captcha",
                "验证码",
                "安全验证",
                "人机验证",
                "滑动验证",
                "拖动滑块",
                "去验证",
                "完成验证",
                "环境异常",
            ),
            *(
                "just a moment",
                "checking your browser",
                "verify you are human",
                "are you a robot",
                "unusual traffic",
            ),
            *("attention required", "enable javascript and cookies to continue", "正在验证", "浏览器安全检查"),
        ),
    ),
    (
        Outcome.LOGIN_WALL,
        "The site shows it to signed-in visitors only",
        (
            *("sina visitor system", "visitor system", "请先登录", "请登录", "登录后查看", "登录后可", "登录后才"),
            *(
                "您还未登录",
                "您需要登录",
                "立即登录查看",
                "扫码登录",
                "账号登录",
                "帐号登录",
                "登录/注册",
                "登录注册",
            ),
            *("log in to continue", "sign in to continue", "please log in", "please sign in", "login required"),
        ),
    ),
    (
        Outcome.THROTTLED,
        "The site is asked too often",
        ("访问过于频繁", "操作过于频繁", "请求过于频繁", "访问频率过高", "访问太频繁", "too many requests"),
    ),
    (
        Outcome.NOT_FOUND,
        "The site says that it is gone",
        (
            *("已被发布者删除", "已被作者删除", "内容已被删除", "内容已删除", "文章已被删除", "该文章已删除"),
            *(
                "帖子已被删除",
                "微博已被删除",
                "视频已被删除",
                "笔记已被删除",
                "已被删除或",
                "内容不存在",
                "文章不存在",
            ),
            *(
                "页面不存在",
                "网页不存在",
                "页面没有找到",
                "页面未找到",
                "找不到页面",
                "无法找到该页",
                "页面走丢",
                "帖子不存在",
            ),
            *("违规无法查看", "已停止访问该网页", "内容已下架", "视频不见了", "视频去哪了", "你访问的页面不见了"),
            *("404 not found", "page not found", "this page isn’t available", "this page isn't available"),
        ),
    ),
    (
        Outcome.NO_PERMISSION,
        "The site does not show it to us",
        (
            "无权查看",
            "没有权限",
            "没有权限访问",
            "权限不足",
            "access denied",
            "403 forbidden",
            "访问被拒绝",
            "已被屏蔽",
        ),
    ),
)


def said_instead(title: str | None, words: str) -> tuple[Outcome, str] | None:
    """What such a page says: what it is, and a sentence with the phrase; None where it says more than that."""
    said = f"{title or ''}\n{words}".lower()
    if len(said) > SHORT:
        return None
    return next(
        (
            (outcome, f"{meaning}: “{phrase}”.")
            for outcome, meaning, phrases in PHRASES
            for phrase in phrases
            if phrase in said
        ),
        None,
    )
