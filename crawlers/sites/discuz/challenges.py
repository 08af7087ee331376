"""What a firewall, a captcha or a forum that is down shows in the place of a page, mostly with HTTP 200."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import to_text
from crawlers.source import Outcome

Said = tuple[Outcome, str]

FRAME = "#nv_forum, #nv_portal, #nv_group, #um, #scbar, .threadlist, .fl, #ft"
"""Parts of a forum's own pages: their words are not those of a firewall."""
SHORT = 1_500
"""Characters of words: what stands in a page's place says little."""
WIDGETS = re.compile(
    r"g-recaptcha|h-?captcha|cf-turnstile|cf-chl|challenge-platform|geetest|tcaptcha|tencentcaptcha|aliyuncaptcha",
    re.IGNORECASE,
)
SCRIPTS = ("__jsl_clearance", "acw_sc__v2", "_cf_chl_opt", "aliyun_waf", "yunsuo_session", "safedog-flow-item")
"""Cookies that a firewall's script sets before it loads the page again."""
SETS_A_COOKIE = re.compile(r"document\.cookie\s*=|setCookie\s*\(|\.cookie\s*=")
LOADS_AGAIN = re.compile(
    r"location\s*(?:\.href\s*)?=|location\.(?:reload|replace|assign)|http-equiv=[\"']?refresh|\.submit\(\)",
    re.IGNORECASE,
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TABLE: tuple[tuple[re.Pattern[str], Outcome, str], ...] = (
    (
        _any(
            *(r"(?:安全|人机|滑动|点击|完成)验证(?!码)", r"(?:拖动|移动|滑动)[^。\n]{0,6}滑块"),
            r"verify you are (?:a )?human",
        ),
        Outcome.CAPTCHA,
        "The forum wants to see a person.",
    ),
    (
        _any(
            *("just a moment", "checking your browser", "attention required", "ddos protection"),
            *("浏览器(?:安全)?检[查测]", "检测您的浏览器", "正在(?:进行)?(?:安全)?(?:检[查测]|跳转)"),
            *("请(?:开启|启用) ?(?:javascript|js|cookie)", "enable (?:javascript|cookies)"),
        ),
        Outcome.CAPTCHA,
        "The forum answers with a check that only a browser can pass.",
    ),
    (
        _any(r"(?:请求|访问|操作|刷新)(?:过于|太|过)?(?:频繁|频率)", "too many requests", "rate limit"),
        Outcome.THROTTLED,
        "The forum says that it was asked too often.",
    ),
    (
        _any(
            *(
                "(?:database|system|internal server|fatal|parse) error",
                r"mysql (?:query )?error",
                "can'?t connect to",
            ),
            *("数据库(?:连接)?(?:错误|出错|失败)", "(?:系统|服务器)(?:内部)?(?:错误|繁忙|维护)", "没有找到站点"),
            *("bad gateway", "gateway time-?out", "service (?:temporarily )?unavailable"),
            *("站点(?:已|正在)?(?:关闭|暂停|停止|维护)", "网站维护", "维护中"),
        ),
        Outcome.ERROR_PAGE,
        "The forum shows an error of its own.",
    ),
    (
        _any(
            r"(?:请求|访问|IP)[^。\n]{0,20}(?:拦截|阻断|阻止|拒绝|封禁|禁止)",
            *("拦截提示", "防火墙", "网站安全狗", "云锁", "护卫神", "创宇盾", "安全威胁", "非法(?:请求|参数)"),
            *("access denied", "request blocked", "you have been blocked", "forbidden"),
        ),
        Outcome.NO_PERMISSION,
        "A firewall before the forum refuses this address.",
    ),
)


CODES = re.compile("验证码|滑块|captcha", re.IGNORECASE)
"""People write of these too: the forum does where something is to be typed, or as the whole title."""
TITLED = re.compile(
    rf"\s*(?:请?(?:输入|填写|拖动))?(?:安全|图[形片])?(?:{CODES.pattern})(?:验证|校验|页面)?\s*(?:[-_|–—].*)?",
    re.IGNORECASE | re.DOTALL,
)
TYPED_INTO = 'input:not([type="hidden"])'


def _wants_a_code(tree: LexborHTMLParser, title: str) -> bool:
    return TITLED.fullmatch(title) is not None or any(CODES.search(_beside(node)) for node in tree.css(TYPED_INTO))


def _beside(node: LexborNode) -> str:
    """The form around a field (else what the field stands in), and the words that wait in the field."""
    around, form = node.parent, node.parent
    while form is not None and form.tag != "form":
        form = form.parent
    around = form or around
    return f"{node.attributes.get('placeholder') or ''}\n{around.text() if around is not None else ''}"


def challenge(tree: LexborHTMLParser, page: str) -> Said | None:
    """What stands in the place of a page that is neither a list nor a thread; None where it is something else."""
    head, body = tree.css_first("title"), tree.body
    title = head.text() if head is not None else ""
    words = f"{title}\n{to_text((body.html or '') if body is not None else '')}"
    if len(words) > SHORT or tree.css_first(FRAME) is not None:
        return None
    if WIDGETS.search(page) or _wants_a_code(tree, title):
        return Outcome.CAPTCHA, "The forum wants to see a person."
    loads_again = SETS_A_COOKIE.search(page) and LOADS_AGAIN.search(page)
    if any(mark in page for mark in SCRIPTS) or loads_again:
        return Outcome.CAPTCHA, "The forum answers with a script that only a browser can run."
    return next(((outcome, said) for marks, outcome, said in TABLE if marks.search(words)), None)
