"""Rules that fire between two visits although all is well are told by `check`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tingfeng.cli import main
from tingfeng.config import load_config
from tingfeng.config.restless import longest_pause, restless

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, schedule: "SCHEDULE", feeds: ["http://127.0.0.1:9/feed.xml"]}, talk: {type: v2ex}}
channels: {console: {type: console}}
rules: {silent: {type: source, title: 读不到了, severity: yellow, when: WHEN}}
store: store.db
"""
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def written(folder: Path, schedule: str, when: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(CONFIG.replace("SCHEDULE", schedule).replace("WHEN", when), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("schedule", "when", "told"),
    [
        ("1h", "source.minutes_since_success >= 30", ["feed"]),
        ("29m", "source.minutes_since_success >= 30", []),
        ("0 * * * *", "source.minutes_since_run >= 30", ["feed"]),
        ("1h", "source.minutes_since_success >= 30 and source.blocked", []),
        ("1h", "source.query_unread_minutes >= 30", []),
        ("1h", '"true"', []),
    ],
)
def test_a_source_that_rests_longer_than_a_rule_waits_is_told(
    schedule: str, when: str, told: list[str], tmp_path: Path
) -> None:
    config = load_config(written(tmp_path, schedule, when), {})
    assert [(one.rule, one.source) for one in restless(config, AT)] == [("silent", name) for name in told]


def test_the_longest_pause_of_a_cron_line_is_that_over_night() -> None:
    assert longest_pause("0 9-18 * * *", AT) == timedelta(hours=15)
    assert longest_pause("0 0 30 2 *", AT) == timedelta()  # it never runs


def test_check_says_so_and_the_file_is_right_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "1h", "source.minutes_since_success >= 30")
    assert main(["check", "-c", str(path)]) == 0
    assert "规则 silent 在一切正常时也会触发：feed 每隔 60 分钟 才看一次" in capsys.readouterr().out
    assert main(["check", "--json", "-c", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)["restless"]
    assert told == [{"rule": "silent", "source": "feed", "minutes": 60}]
