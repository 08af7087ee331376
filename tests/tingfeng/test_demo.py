"""The demo, as a new user runs it, only faster."""

from pathlib import Path

from mentions.posts import Search
from mentions.sqlite import SqliteStore
from tests.tingfeng.running import finished


def test_the_demo_finds_the_crisis_and_says_how_long_it_took(tmp_path: Path) -> None:
    code, output = finished("demo", "--speed", "180", "--seconds", "90", "--folder", tmp_path)
    assert code == 0, output
    for said in ("大V 负面正在扩散", "原野说数码", "负面词", "发现用时", "数据源新鲜度", "接下来可以试"):
        assert said in output
    code, output = finished("incident", "list", "-c", tmp_path / "config.yaml")
    assert "星河" in output


def test_the_demo_speaks_english(tmp_path: Path) -> None:
    code, output = finished("demo", "--speed", "180", "--seconds", "60", "--language", "en", "--folder", tmp_path)
    assert code == 0, output
    assert "Why you are told" in output


def test_the_demo_plays_recorded_posts_and_a_recorded_forum(shared_data: Path, tmp_path: Path) -> None:
    code, output = finished(
        *("demo", "--cascades", shared_data / "cascades" / "cascades_dev.jsonl.xz"),
        *("--forum", shared_data / "forum" / "site.jsonl.gz"),
        *("--speed", "180", "--seconds", "45", "--folder", tmp_path),
    )
    assert code == 0, output
    with SqliteStore(tmp_path / "tingfeng.db") as store:
        assert store.posts.count(Search(platform="discuz")) == 431
        assert store.posts.count(Search(platform="weibo")) > 40
