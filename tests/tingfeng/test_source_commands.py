"""`tingfeng source`: what one source sees, what refused it, and its layout; `doctor` says what it may miss."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mentions.looks import Look
from mentions.pages import Refusal, Shape
from mentions.sqlite import SqliteStore
from tingfeng.cli import main
from tingfeng.cli.common import desk_of
from tingfeng.cli.stages import show
from tingfeng.desk import wall_clock

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}, talk: {type: v2ex}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow}}
store: store.db
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    now = wall_clock()
    with SqliteStore(tmp_path / "store.db") as store:
        store.runs.finish(replace(store.runs.start("feed", now), finished=now, pages=1, note="its end is missing"))
        store.looks.add([Look("feed", "[http://x]", now, pages=1, cap_hit=True)])
        body = "<p>请登录</p>".encode("gbk")
        store.pages.keep(Refusal("feed", "login_wall", now, "http://x/", 403, "feed", "a wall", len(body), body))
        store.pages.put_shapes([Shape("feed", "feed", now, 9, {"item.id": 9}, ("item.id",), ("item.id",), 0.1)])
    return path


def test_show_says_what_is_missed_refused_and_changed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["source", "show", "feed", "-c", str(config)]) == 0
    said = capsys.readouterr().out
    assert "无法得知" in said
    assert "tingfeng source page feed login_wall" in said
    assert "订阅 类页面少了 10%：item.id" in said
    assert "its end is missing" in said


def test_show_speaks_the_readers_language(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that a command asks for stand beside the translation."""
    with SqliteStore(config.parent / "store.db") as store:
        now = wall_clock()
        store.looks.add([Look("feed", q, now, pages=1, outcome=q) for q in ("mentions", "empty")])
    main(["source", "show", "feed", "-c", str(config)])
    said = capsys.readouterr().out
    assert all(word in said for word in ("拒绝原因", "要求登录 (login_wall)", "订阅", "读到内容", "没有结果"))
    assert "拒绝连接" not in said


def test_show_as_json_holds_times_and_no_bodies(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["source", "show", "feed", "--json", "-c", str(config)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["missed"]["basis"] == "too few"
    assert (said["queries"][0]["query"], said["queries"][0]["capped"]) == ("[http://x]", 1)
    assert said["note"] == "its end is missing"
    assert "body" not in said["refusals"][0]
    assert said["pages"][0]["changed"] == ["item.id"]


def test_crawl_prints_what_a_visit_has_to_say_of_itself(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desk_of(config, reading=True) as desk:
        show(desk, desk.store.runs.recent("feed"), as_json=False)
    assert "(its end is missing)" in capsys.readouterr().out


def test_page_gives_the_bytes_that_the_site_sent(config: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["source", "page", "feed", "login_wall", "-c", str(config)]) == 0
    assert capfdbinary.readouterr().out == "<p>请登录</p>".encode("gbk")


def test_a_page_that_is_not_kept_is_refused_with_those_that_are(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["source", "page", "feed", "captcha", "-c", str(config)]) == 1
    assert "(there is: login_wall)" in capsys.readouterr().err
    assert main(["source", "show", "nobody", "-c", str(config)]) == 1
    assert "(there is: feed, talk)" in capsys.readouterr().err


def test_an_accepted_layout_is_no_change(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["source", "accept", "feed", "-c", str(config)]) == 0
    assert main(["source", "show", "feed", "-c", str(config)]) == 0
    assert "少了" not in capsys.readouterr().out


def test_doctor_names_what_nobody_watches(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--no-model", "-c", str(config)])
    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if "没有监测" in line)
    assert "微博" in line
    assert "V2EX" not in line


@pytest.fixture
def two_brands(config: Path) -> Path:
    """A source that searches for two brands, and cannot read what it finds for one of them."""
    config.write_text(CONFIG.replace("{星河: {}}", "{星河: {}, 云岭: {}}"), encoding="utf-8")
    now = wall_clock()
    with SqliteStore(config.parent / "store.db") as store:
        for at in (now - timedelta(minutes=45), now):
            run = store.runs.start("talk", at)
            store.runs.finish(replace(run, finished=at, pages=1))
            store.looks.add(
                [Look("talk", "星河", at, pages=1, cap_hit=True), Look("talk", "云岭", at, outcome="captcha")]
            )
    return config


def test_show_lists_the_brands_with_their_freshness_and_caps(
    two_brands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["source", "show", "talk", "--json", "-c", str(two_brands)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {b["brand"]: (b["capped"], b["unread_minutes"]) for b in said["brands"]} == {
        "星河": (2, 0),
        "云岭": (0, 45),
    }
    assert {q["query"]: (q["outcome"], q["read"] is None) for q in said["queries"]}["云岭"] == ("captcha", True)
    main(["source", "show", "talk", "-c", str(two_brands)])
    assert "从未" in capsys.readouterr().out


def test_doctor_names_the_query_and_the_brand_that_are_not_read(
    two_brands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--no-model", "-c", str(two_brands)])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "数据源 talk" in line]
    assert line.startswith("! 数据源 talk: ")
    assert "“云岭”" in line
    assert "要求验证码" in line
    assert "45 分钟" in line
