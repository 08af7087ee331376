"""The sandbox's open API of Weibo, crawled over HTTP: its posts, its tokens, its hourly allowance."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crawlers.source import Answer, Outcome
from crawlers.spiders.weibo_api import WeiboApi
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.tasks import reread
from tests.crawlers.visits import look_again, visit
from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.weibo_api import EXPIRED_TOKEN, PLAIN_TOKEN, REVOKED_TOKEN, TOKEN, Allowance
from tingfeng.sandbox.world import Account, Growth, Post, Site, World

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
MEI = Account("1001", "梅子酱", followers=1_203_345, verified_type=0, verified=True)
LAO = Account("1002", "老周头", followers=88)
ORIGIN, REPOST, COMMENT = "5270000000000001", "5270000000000002", "5270000000000201"
FEW = Growth(3, scale=1)
WORLD = World(
    [
        Post(Site.WEIBO, ORIGIN, -600, MEI, "听风手机起火", likes=FEW, comments=FEW, reposts=FEW),
        Post(Site.WEIBO, REPOST, -500, LAO, "看看", repost_of=ORIGIN),
        Post(Site.WEIBO, COMMENT, -400, LAO, "听风的我也是", thread=ORIGIN),
    ]
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "mentions.db") as opened:
        yield opened


def opened(allowance: Allowance | None = None, hours: float = 0) -> Sandbox:
    more = {} if allowance is None else {"allowance": allowance}
    return Sandbox(WORLD, start=NOON, now=lambda: NOON + timedelta(hours=hours, seconds=1), **more)  # type: ignore[arg-type]


def api(sandbox: Sandbox, token: str = TOKEN, **block: Any) -> WeiboApi:
    asked = {"accounts": ("1001", "1002"), "search": True} | block
    return WeiboApi(base_url=f"{sandbox.urls.weibo}/2", token=token, delay=timedelta(), **asked)


def crawled(store: Store, sandbox: Sandbox, **block: Any) -> CrawlRun:
    with sandbox as site:
        return visit(store, api(site, **block))


def test_a_topic_and_timelines_are_read_with_exact_counts(store: Store) -> None:
    run = crawled(store, opened())
    assert (run.pages, run.new, run.blocked, run.error) == (3, 2, {}, None)
    found = {post.mention.id: post for post in store.posts.search(Search())}
    post = found[f"weibo:{ORIGIN}"]
    assert post.mention.author is not None
    assert (post.mention.text, post.mention.author.followers) == ("听风手机起火", 1_203_345)
    assert post.engagement is not None
    assert (post.engagement.likes, post.engagement.at_least) == (3, frozenset())
    assert found[f"weibo:{REPOST}"].mention.repost_of == f"weibo:{ORIGIN}"


def test_a_suspect_post_is_looked_at_again_with_its_comments_and_reposts(store: Store) -> None:
    with opened() as site:
        source = api(site, accounts=("1001",), search=False)
        visit(store, source)
        store.tasks.put(reread("x"), [f"weibo:{ORIGIN}"], NOON)
        run = look_again(store, source)
        asked = [seen.target for seen in site.doors["weibo"].visits]
    assert run is not None
    assert (run.error, run.new) == (None, 2)
    assert store.posts.answered([f"weibo:{ORIGIN}"]) == {f"weibo:{ORIGIN}"}
    assert [repost.id for repost in store.posts.reposts_by([f"weibo:{ORIGIN}"])[f"weibo:{ORIGIN}"]] == [
        f"weibo:{REPOST}"
    ]
    assert TOKEN not in "".join(asked)


@pytest.mark.parametrize(
    ("token", "reason", "words"),
    [
        (EXPIRED_TOKEN, "login_wall", "error_code 21327 (expired_token)"),
        (REVOKED_TOKEN, "login_wall", "error_code 21316 (revoked_token)"),
        ("made-up", "login_wall", "error_code 21332 (invalid_access_token)"),
    ],
)
def test_a_token_that_is_none_ends_the_visit_at_the_first_call(
    store: Store, token: str, reason: str, words: str
) -> None:
    run = crawled(store, opened(), token=token)
    assert run.blocked == {reason: 1}
    assert words in str(run.error)
    assert "make a new one" in str(run.error)
    assert store.posts.count(Search()) == 0


@pytest.mark.parametrize(
    ("allowance", "words"),
    [
        (Allowance(address=1), "error_code 10022 (IP requests out of rate limit)"),
        (Allowance(user=1), "error_code 10023 (User requests out of rate limit)"),
        (Allowance(call=1), "error_code 10024 (User requests for statuses/user_timeline out of rate limit)"),
    ],
)
def test_what_is_over_the_hours_allowance_is_too_often_and_keeps_what_was_read(
    store: Store, allowance: Allowance, words: str
) -> None:
    run = crawled(store, opened(allowance))
    assert (run.blocked, run.error) == ({"throttled": 1}, None)
    (cooling,) = store.sites.cooling("x")
    assert words in cooling.detail
    assert store.posts.count(Search()) == run.new > 0


def test_an_application_that_did_not_buy_the_search_reads_the_timelines_all_the_same(store: Store) -> None:
    run = crawled(store, opened(), token=PLAIN_TOKEN)
    assert (run.blocked, run.new) == ({"no_permission": 1}, 2)


def test_a_new_hour_has_a_new_allowance() -> None:
    clock = [NOON]
    sandbox = Sandbox(WORLD, start=NOON, now=lambda: clock[0], allowance=Allowance(user=1))
    client = TestClient(sandbox.doors["weibo"], headers={"Authorization": f"OAuth2 {TOKEN}"})
    codes = []
    for minutes in (0, 1, 60):
        clock[0] = NOON + timedelta(minutes=minutes)
        codes.append(client.get(f"/2/statuses/show.json?id={ORIGIN}").json().get("error_code"))
    assert codes == [None, 10023, None]


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (f"statuses/show.json?id={ORIGIN}&access_token={TOKEN}", Outcome.MENTIONS),
        (f"statuses/show.json?id=5&access_token={TOKEN}", Outcome.NOT_FOUND),
        (f"users/show.json?uid=5&access_token={TOKEN}", Outcome.NOT_FOUND),
        (f"users/show.json?uid=1001&access_token={TOKEN}", Outcome.EMPTY),
        (f"statuses/user_timeline.json?uid=5&access_token={TOKEN}", Outcome.EMPTY),
        (f"comments/show.json?id={REPOST}&access_token={TOKEN}", Outcome.EMPTY),
        (f"statuses/show.json?id={ORIGIN}", Outcome.LOGIN_WALL),
    ],
)
def test_every_answer_of_the_api_is_told_apart(call: str, outcome: Outcome) -> None:
    said = TestClient(opened().doors["weibo"]).get(f"/2/{call}")
    read = WeiboApi.reader().read(Answer(said.content, NOON, str(said.url), said.status_code), "x")
    assert read.outcome is outcome
