"""Hot lists over HTTP: the sandbox's lists grow from what its world passes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from crawlers.crawl import crawl
from crawlers.reactor import run_in_reactor
from crawlers.sites.hotlists import READERS
from crawlers.source import Answer, Fetch, Outcome
from crawlers.spiders.hot import WHERE, Hot, ListName
from mentions.brands import Brand, BrandMatcher
from mentions.hot import LISTS, last_stay
from mentions.posts import Search
from mentions.runs import CrawlRun
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.tasks import JUDGE
from tingfeng.sandbox import Sandbox

START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FIRE = "星河X9起火"
BRANDS = [Brand("星河", aliases=("星河X9",))]


class Story:
    """The sandbox's clock, which stands where a test puts it: at a minute of the story."""

    minute = 0.0

    def now(self) -> datetime:
        return START + timedelta(minutes=self.minute)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def playing(story: Story) -> Iterator[Sandbox]:
    with Sandbox(speed=1, start=START, now=story.now) as running:
        yield running


@pytest.fixture
def store(tmp_path: object) -> Iterator[Store]:
    with SqliteStore(tmp_path / "mentions.db") as opened:  # type: ignore[operator]
        yield opened


def look(playing: Sandbox, store: Store, story: Story, minute: float) -> CrawlRun:
    story.minute = minute
    source = Hot(base_urls=dict.fromkeys(LISTS, playing.urls.hot), delay=timedelta())
    return run_in_reactor(
        lambda: crawl(
            "hot",
            source,
            store=store,
            matcher=BrandMatcher(BRANDS),
            brands=BRANDS,
            clock=story.now,
            user_agent="Tingfeng/0",
        )
    )


def test_every_list_is_read_in_one_visit(playing: Sandbox, store: Store, story: Story) -> None:
    run = look(playing, store, story, 60)
    assert (run.pages, run.blocked, run.error) == (len(LISTS), {}, None)
    found = store.posts.search(Search(text=FIRE, brand="星河", limit=99))
    assert {f.mention.platform for f in found if f.hot and f.hot.rank == 1} == {f"hot-{name}" for name in LISTS}


def test_an_entry_grows_and_falls_under_one_id_and_unbranded_ones_are_kept_too(
    playing: Sandbox, store: Store, story: Story
) -> None:
    for minute in (15, 30, 60):
        look(playing, store, story, minute)
    (entry,) = store.posts.search(Search(text=FIRE, platform="hot-weibo"))
    ranks = store.posts.hot([entry.mention.id])[entry.mention.id]
    assert [hot.rank for hot in ranks] == [2, 2, 1]
    assert [hot.tag for hot in ranks] == ["新", "热", "沸"]
    stay = last_stay(ranks, story.now())
    assert stay is not None
    assert (stay.since, stay.lasted) == (START + timedelta(minutes=15), timedelta(minutes=45))
    (paid,) = store.posts.search(Search(text="听风镇早市", platform="hot-weibo"))
    assert (paid.mention.brands, paid.hot and paid.hot.tag) == ((), "商")


def test_only_entries_that_name_a_brand_are_judged(playing: Sandbox, store: Store, story: Story) -> None:
    look(playing, store, story, 60)
    waiting = store.tasks.claim(JUDGE, owner="t", now=story.now(), lease=timedelta(minutes=1), limit=999)
    assert waiting
    assert {store.posts.get([t.mention_id])[t.mention_id].mention.brands for t in waiting} == {("星河",)}


def test_a_list_that_refuses_ends_nobody_s_stay(playing: Sandbox, store: Store, story: Story) -> None:
    from tingfeng.sandbox import Answer as Planned  # noqa: PLC0415 - of the same name as ours

    look(playing, store, story, 60)
    playing.doors["hot"].plan.add(Planned(status=403, times=20))
    run = look(playing, store, story, 61)
    assert run.blocked.keys() == {"no_permission"}
    (entry,) = store.posts.search(Search(text=FIRE, platform="hot-weibo"))
    assert entry.hot is not None
    assert entry.hot.until is None


def test_the_names_of_lists_are_the_same_everywhere() -> None:
    assert get_args(ListName) == LISTS == tuple(READERS) == tuple(WHERE)


def test_a_list_that_answers_as_another_one_has_changed() -> None:
    answer = Answer(b'{"word_list": []}', START, fetch=Fetch("x", "list", context={"list": "zhihu"}))
    page = Hot.reader().read(answer, "hot")
    assert page.outcome is Outcome.LAYOUT_CHANGED
    assert "zhihu" in page.detail


@pytest.mark.parametrize(
    "said",
    [
        b'{"ok": 1, "data": {"realtime": [{"title": "a"}, {"title": "b"}]}}',
        b'{"ok": 1, "data": {"realtime": ["a", "b"]}}',
        b'{"data": [{"target": {"headline": "a"}}]}',
        b'{"data": {"cards": [{"content": [{"name": "a"}]}]}}',
        b'{"data": {"cards": [{"items": [{"word": "a"}]}]}}',
        b'{"data": {"trending": {"list": [{"title": "a"}]}}}',
        b'{"word_list": [{"sentence": "a"}]}',
        b'{"ok": 1, "data": {"hotgov": {"word": "#a#"}, "realtime": [{"headline": "b"}]}}',
        b'{"ok": 1, "data": {"realtime": [{"word": "ad", "is_ad": 1}, {"headline": "b"}]}}',
        b'{"ok": 1, "data": {"realtime": [{"word": "a"}, {"headline": "b"}, {"headline": "c"}]}}',
        b'{"data": {"cards": [{"topContent": [{"word": "a"}], "content": [{"name": "b"}]}]}}',
        b'{"data": {"top_list": [{"keyword": "a"}], "list": [{"keyword": "", "name": "b"}]}}',
        b'{"fixed_top_data": [{"Title": "a"}], "data": [{"Title": "", "Name": "b"}]}',
        b'<table><tr><td class="td-02"><span>a</span></td></tr></table>',
    ],
)
def test_entries_of_which_few_can_be_read_are_a_changed_layout(said: bytes) -> None:
    assert Hot.reader().read(Answer(said, START), "hot").outcome is Outcome.LAYOUT_CHANGED


def test_a_title_of_zhihu_that_stands_in_an_area_is_read() -> None:
    target = (
        '{"title_area": {"text": "星河X9"}, "metrics_area": {"text": "12 万热度"}, "link": {"url": "https://z/1"}}'
    )
    page = Hot.reader().read(Answer(f'{{"data": [{{"target": {target}}}]}}'.encode(), START), "hot")
    (entry,) = page.observations
    assert (entry.mention.text, entry.mention.url, entry.hot and entry.hot.heat) == (
        "星河X9",
        "https://z/1",
        120_000,
    )


def test_each_list_has_a_freshness_of_its_own(playing: Sandbox, store: Store, story: Story) -> None:
    from tingfeng.sandbox import Answer as Planned  # noqa: PLC0415 - of the same name as ours

    look(playing, store, story, 60)
    for at in (75, 90):
        playing.doors["hot"].plan.add(Planned(json_body={"data": {"realtime": [{"title": "a"}]}}))
        run = look(playing, store, story, at)
        assert (run.error, run.blocked) == (None, {"layout_changed": 1})
    (fresh,) = store.runs.freshness(["hot"])
    lists = store.looks.covered(["hot"], START)["hot"]
    (weibo,) = [one for one in lists if one.outcome != "mentions"]
    assert weibo.query == "[weibo]"
    assert [one.behind(fresh, story.now()) for one in lists if one is not weibo] == [timedelta()] * (
        len(lists) - 1
    )
    assert weibo.behind(fresh, story.now()) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"lists": []}, "lists is empty"),
        ({"lists": ["weixin"]}, "Input should be 'weibo'"),
        ({"base_urls": {"weibo": "weibo.com"}}, "is no http"),
    ],
)
def test_mistakes_are_named(block: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Hot.model_validate(block)
