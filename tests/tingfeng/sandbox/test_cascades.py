import lzma
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tingfeng.sandbox.world import Site, World
from tingfeng.sandbox.worlds.cascades import cascades
from tingfeng.sandbox.worlds.storyline import storyline

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "cascades" / "cascades_dev.jsonl.xz"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason=f"needs the recorded cascades at {RECORDED}")

AUTHOR = {
    "uid": "00000000ff",
    "followers": 630_000,
    "verified": True,
    "verified_type": 0,
    "location": "四川 成都",
}


def row(event: str, text: str, author: dict[str, Any] | None, reposts: list[list[Any]]) -> dict[str, Any]:
    announced = {"reposts": 9, "comments": 2, "likes": 8}
    return {
        "event": event,
        "label": "rumor",
        "text": text,
        "posted": 1,
        "author": author,
        "announced": announced,
        "reposts": reposts,
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two cascades that we made up."""
    events: list[list[Any]] = [
        [-5, "a1", -1, "转发微博。"],
        [10, "b2", -1, "真的假的"],
        [70, "c3", 1, "是真的"],
        [900, "d4", -1, ""],
    ]
    rows = [row("e1", "星河电池", AUTHOR, events), row("e2", "天气真好", None, [])]
    path = tmp_path / "cascades.jsonl.xz"
    path.write_bytes(lzma.compress(b"".join(orjson.dumps(line) + b"\n" for line in rows)))
    return path


def origin(world: World, text: str) -> Any:
    return next(post for post in world.posts if post.text == text)


def test_counts_grow_by_the_recorded_seconds(file: Path) -> None:
    post = origin(cascades(file), "星河电池")
    assert [post.reposts.at(age) for age in (0, 9, 10, 70, 900)] == [1, 1, 2, 3, 4]
    assert post.comments.at(900) == 2
    assert post.likes.at(70) == 6


def test_authors_are_shown_as_recorded_and_unknown_ones_as_unknown(file: Path) -> None:
    world = cascades(file)
    author = origin(world, "星河电池").author
    assert (author.id, author.followers, author.verified, author.verified_type) == ("255", 630_000, True, 0)
    assert author.region == "四川 成都"
    assert origin(world, "天气真好").author.followers is None


def test_all_are_posted_within_the_window_the_same_way_each_time(file: Path) -> None:
    times = [(post.at, post.text) for post in cascades(file, window=timedelta(minutes=1)).posts]
    assert [at for at, _ in times] == [0, 30]
    assert times == [(post.at, post.text) for post in cascades(file, window=timedelta(minutes=1)).posts]


def test_words_and_limit_choose(file: Path) -> None:
    assert [post.text for post in cascades(file, words=["星河"]).posts] == ["星河电池"]
    assert [post.text for post in cascades(file, limit=1).posts] == ["星河电池"]


def test_reposts_with_words_of_their_own_can_be_posts(file: Path) -> None:
    world = cascades(file, reposts_shown=5)
    root = origin(world, "星河电池")
    shown = [post for post in world.posts if post.repost_of == root.id]
    assert [(post.text, post.at - root.at) for post in shown] == [("真的假的", 10), ("是真的", 70)]
    assert [shown[0].reposts.at(59), shown[0].reposts.at(60)] == [0, 1]
    assert all(post.author.followers is None for post in shown)
    with pytest.raises(ValueError, match="0 to 10006"):
        cascades(file, reposts_shown=10_007)


def test_cascades_and_story_can_share_a_site(file: Path) -> None:
    both = cascades(file) + storyline().world
    assert len(both) == 2 + len(storyline().world)
    assert both.search(Site.WEIBO, "星河电池", 1e9)[1] == 1


@recorded
def test_the_whole_recording_becomes_a_world() -> None:
    world = cascades(RECORDED)
    assert len(world) == 1_932
    assert sum(post.reposts.at(1e9) for post in world.posts) == 735_369
    assert world.posts[-1].at < 7200
    hits, total = world.search(Site.WEIBO, "苹果", 1e9)
    assert total >= 10
    assert all("苹果" in post.text for post in hits)
