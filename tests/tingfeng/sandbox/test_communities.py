"""The sites that answer JSON: what they send is what our sources read, and what is signed stays with the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from crawlers.source import Answer, Outcome, Page
from crawlers.sources import SOURCE_TYPES
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.zhihu import SESSION, signature
from tingfeng.sandbox.world import Account, Growth, Post, Site, World

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
MEI, LAO = Account("4200001", "梅子酱", followers=1200), Account("4200002", "老周头")
SHOP = Account("4200003", "听风客服", verified=True)
ASKED = "/api/v4/search_v3?q=%E5%90%AC%E9%A3%8E"
LIKES = Growth(1000, scale=60)
NOTE = "67aa0000000000001b000001"


def post(site: Site, number: str, text: str = "听风手机起火", at: float = -600, **more: Any) -> Post:
    return Post(site, number, at, MEI, text, likes=LIKES, **more)


WORLD = World(
    [
        *(
            post(Site.MI_COMMUNITY, str(n), at=-600 + n, title=f"帖子{n}", node=("558495", ""))
            for n in range(1, 13)
        ),
        Post(Site.MI_COMMUNITY, "90", -5, LAO, "同款", thread="12"),
        post(Site.HEIMAO, "17390000001", title="屏幕自裂", node=("1001", "退款,道歉")),
        Post(Site.HEIMAO, "1", -300, SHOP, "已联系您退款", thread="17390000001", node=("回复", "")),
        Post(Site.HEIMAO, "2", -5, MEI, "", thread="17390000001", node=("已完成", "")),
        post(Site.BILIBILI, "170001", title="听风起火现场", views=Growth(9000, scale=60)),
        Post(Site.BILIBILI, "812345", -5, LAO, "我的也是", thread="170001"),
        post(Site.BILIBILI, "916000000000000001", "听风 X9 开售", node=("dynamic", "")),
        post(Site.ZHIHU, "3400000001", "听风</script>起火", node=("640000001", "听风怎么样？")),
        post(Site.XIAOHONGSHU, NOTE, title="听风避雷"),
    ]
)


@pytest.fixture
def get() -> Callable[..., Page]:
    """What the source of a site makes of a page of it."""
    sandbox = Sandbox(WORLD, start=NOON, now=lambda: NOON + timedelta(seconds=1))

    def read(site: str, path: str, method: str = "GET", **more: Any) -> Page:
        answer = TestClient(sandbox.doors[site]).request(method, path, **more)
        source = SOURCE_TYPES[site.replace("_", "-")].reader()
        url = str(answer.url)
        return source.read(Answer(answer.content, NOON + timedelta(seconds=1), url, answer.status_code), "x")

    return read


@pytest.mark.parametrize(
    ("site", "path", "ids"),
    [
        ("mi_community", "/api/community/post/detail?postId=12", ["mi-community:12"]),
        ("mi_community", "/mtop/planet/vip/content/comments?postId=12", ["mi-community:comment:90"]),
        ("heimao", "/api/company/received_complaints?couid=1001", ["heimao:17390000001"]),
        ("heimao", "/api/index/s?keywords=听风", ["heimao:17390000001"]),
        ("bilibili", "/x/web-interface/view?bvid=BV17x411w7KC", ["bilibili:BV17x411w7KC"]),
        ("bilibili", "/x/v2/reply?type=1&oid=170001&pn=1", ["bilibili:reply:812345"]),
        ("bilibili", "/x/v2/reply/reply?type=1&oid=170001&root=812345", ["bilibili:reply:812345"]),
        (
            "bilibili",
            "/x/polymer/web-dynamic/v1/feed/space?host_mid=4200001",
            ["bilibili:916000000000000001"],
        ),
        ("bilibili", "/x/polymer/web-dynamic/v1/detail?id=916000000000000001", ["bilibili:916000000000000001"]),
        ("bilibili", "/x/web-interface/wbi/search/type?keyword=现场&w_rid=1", ["bilibili:BV17x411w7KC"]),
        ("zhihu", "/question/640000001/answer/3400000001", ["zhihu:answer:3400000001"]),
        ("xiaohongshu", f"/explore/{NOTE}", [f"xiaohongshu:{NOTE}"]),
    ],
)
def test_the_source_reads_what_the_site_shows(
    get: Callable[..., Page], site: str, path: str, ids: list[str]
) -> None:
    page = get(site, path)
    assert [o.mention.id for o in page.observations] == ids
    assert all(o.mention.text and o.mention.published and o.mention.author for o in page.observations)


def test_a_complaint_says_the_same_on_its_page_as_in_lists_and_its_steps_besides(get: Callable[..., Page]) -> None:
    (listed,) = get("heimao", "/api/index/s?keywords=听风").observations
    begun, answer, done = (o.mention for o in get("heimao", "/complaint/view/17390000001/").observations)
    assert (begun.id, begun.text, begun.title, begun.published) == (
        listed.mention.id,
        listed.mention.text,
        listed.mention.title,
        listed.mention.published,
    )
    assert [(m.title, m.text, m.author and m.author.name) for m in (answer, done)] == [
        ("回复", "已联系您退款", "听风客服"),
        ("已完成", "已完成", "梅*酱"),
    ]


def test_a_board_has_pages_and_ends(get: Callable[..., Page]) -> None:
    path = "/api/community/board/search/announce?boardId=558495&limit=10&after={}"
    assert [len(get("mi_community", path.format(after)).observations) for after in ("", 10, 20)] == [10, 2, 0]


@pytest.mark.parametrize(
    ("site", "method", "path", "signed", "refusal"),
    [
        ("zhihu", "GET", ASKED, {"x-zse-96": signature(ASKED)}, Outcome.NO_PERMISSION),
        ("xiaohongshu", "POST", "/api/sns/web/v1/search/notes", {"x-s": "1"}, Outcome.CAPTCHA),
    ],
)
def test_a_search_is_for_the_pages_own_code(
    get: Callable[..., Page], site: str, method: str, path: str, signed: dict[str, str], refusal: Outcome
) -> None:
    asked = {"json": {"keyword": "听风"}} if method == "POST" else {}
    assert get(site, path, method, **asked).outcome is refusal
    assert len(get(site, path, method, headers=signed, **asked).observations) == 1


def test_an_unsigned_search_on_bilibili_is_a_captcha(get: Callable[..., Page]) -> None:
    assert get("bilibili", "/x/web-interface/wbi/search/type?keyword=听风").outcome is Outcome.CAPTCHA


@pytest.mark.parametrize(
    ("site", "path"),
    [
        ("mi_community", "/api/community/post/detail?postId=1000"),
        ("bilibili", "/x/web-interface/view?bvid=BV1xx411c7mD"),
        ("bilibili", "/x/v2/reply/reply?root=1"),
        ("bilibili", "/x/polymer/web-dynamic/v1/detail?id=1"),
        ("heimao", "/complaint/view/1/"),
        ("zhihu", "/answer/1"),
        ("xiaohongshu", "/explore/67aa00000000000000000000"),
    ],
)
def test_what_is_not_there_is_said(get: Callable[..., Page], site: str, path: str) -> None:
    assert get(site, path).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("site", "path"), [("zhihu", "/search"), ("xiaohongshu", "/search_result"), ("bilibili", "/video")]
)
def test_a_person_can_open_the_search_page(site: str, path: str) -> None:
    known = {SESSION: "sandbox"}
    assert "fetch(" in TestClient(Sandbox(WORLD, start=NOON).doors[site], cookies=known).get(path).text
