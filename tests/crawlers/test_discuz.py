"""Which pages of a forum are worth asking for."""

from datetime import UTC, datetime

import pytest

from crawlers.source import Answer, Fetch, Gate, Outcome, Page
from crawlers.spiders.discuz import Discuz

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
FORUM = "http://bbs.example"


def source(**block: object) -> Discuz:
    return Discuz.model_validate({"base_url": FORUM, "forums": (2,), **block})


def read_list(*last_replies: str) -> Page:
    """The first of three pages of a list, its threads in this order."""
    rows = "".join(
        f'<tbody id="{"stick" if n == 1 else "normal"}thread_{n}"><tr><th><a class="s xst">x</a></th>'
        f'<td class="by"><em><span title="{at}">x</span></em></td></tr></tbody>'
        for n, at in enumerate(last_replies, 1)
    )
    pager = '<div class="pg"><strong>1</strong><label><span title="共 3 页"></span></label></div>'
    body = f'<table id="threadlisttableid">{rows}</table>{pager}'
    chosen = source()
    (fetch,) = chosen.start([])
    return chosen.read(Answer(body.encode(), NOW, url=fetch.url, fetch=fetch), "x")


CAPTCHAS = [
    ("<title>手机收不到验证码怎么办 - 论坛</title><p>手机收不到验证码怎么办</p>", False),
    ("<p>滑块坏了，验证码也收不到</p><form><input name=q></form>", False),
    ("<p>收不到验证码</p><form><input type=hidden>验证码</form>", False),
    ("<title>验证码 - 论坛</title><p>x</p>", True),
    ("<form><p>验证码</p><span><input name=code></span></form>", True),
    ("<p>验证码：<input name=code></p>", True),
    ('<p><input placeholder="请输入验证码"></p>', True),
    ("<p>请拖动下方滑块</p>", True),
    ("<p>请完成安全验证</p>", True),
]


@pytest.mark.parametrize(("page", "wants"), CAPTCHAS)
def test_a_captcha_is_asked_for_where_something_is_to_be_typed(page: str, *, wants: bool) -> None:
    body = f"<html><body>{page}</body></html>".encode()
    read = source().read(Answer(body, NOW, url=f"{FORUM}/thread-1-1-1.html"), "x")
    assert (read.outcome is Outcome.CAPTCHA) == wants
    assert read.outcome.blocked


def test_a_list_by_last_reply_is_read_on_if_its_end_changed_since_the_last_look() -> None:
    further = read_list("2020-01-01 10:00", "2026-03-05 11:00", "2026-03-05 10:00").follow[-1]
    assert (further.kind, further.gate) == ("list", Gate.CHANGED)
    assert further.changed == datetime(2026, 3, 5, 2, 0, 59, tzinfo=UTC)


@pytest.mark.parametrize("times", [("2026-03-05 11:00", "2026-03-05 10:00", "2026-03-05 11:30"), ("x", "x", "x")])
def test_a_list_in_another_order_or_without_times_is_read_on_in_any_case(times: tuple[str, ...]) -> None:
    further = read_list(*times).follow[-1]
    assert (further.kind, further.gate) == ("list", Gate.ALWAYS)


def test_the_archivers_last_page_is_reckoned_where_its_pager_does_not_show_it() -> None:
    pager = "<strong>[1]</strong>" + "".join(f'<a href="?tid-7.html&amp;page={n}">{n}</a>' for n in range(2, 11))
    posts = '<p class="author"><strong>甲</strong> 发表于 2026-3-4 08:15:00</p>好' * 10
    body = f'<base href="{FORUM}/archiver/" /><div id="content">{posts}<div class="page">{pager}</div></div>'
    fetch = Fetch(f"{FORUM}/archiver/?tid-7.html", "thread", context={"replies": 295})
    page = source(view="archiver").read(Answer(body.encode(), NOW, url=fetch.url, fetch=fetch), "x")
    assert [followed.url for followed in page.follow] == [f"{FORUM}/archiver/?tid-7.html&page=30"]


def test_a_list_of_the_archiver_leads_to_threads_whose_replies_were_recounted() -> None:
    body = f"""<base href="{FORUM}/archiver/" /><div id="content"><ul>
        <li><a href="?tid-7.html">听风</a> (13 篇回复)</li></ul></div>"""
    (followed,) = source(view="archiver").read(Answer(body.encode(), NOW), "x").follow
    assert (followed.gate, followed.mention_id, followed.comments) == (
        Gate.RECOUNTED,
        "discuz:bbs.example:tid-7",
        13,
    )
