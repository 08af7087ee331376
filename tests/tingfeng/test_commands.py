"""What the commands do for whoever types them: against the sandbox where they need a site."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from mentions.oslock import OsLock
from mentions.sqlite import SqliteStore
from tests.crawlers.shapes import cases
from tests.making import BIG_V, NOW, mention, minutes, negative, seen
from tests.tingfeng.running import STORY, Stage, finished, sandbox, tingfeng
from tingfeng.cli import main

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
store: store.db
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The sandbox at a moment when the scandal has spread for two story hours."""
    ago = f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}"
    with sandbox(tmp_path_factory.mktemp("stage"), "--speed", "1", "--start", ago) as running:
        yield running


def test_check_says_that_the_shipped_configuration_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-c", str(STORY.parents[2] / "config.yaml")]) == 0
    assert "没有错误" in capsys.readouterr().out


def test_a_broken_configuration_is_told_line_by_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(CONFIG + "languag: en\n", encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 2
    assert capsys.readouterr().err == f"{config}:7:1: languag: there is no such setting\n"


def test_every_stage_refuses_a_broken_configuration(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("brands: 3\n", encoding="utf-8")
    for command in ("run", "crawl", "score", "alert", "search", "doctor"):
        assert main([command, "-c", str(config)]) == 2
        assert f"{config}:1:1: brands:" in capsys.readouterr().err


def test_a_second_run_of_a_stage_is_turned_away(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = OsLock(config.parent / "store.db.alert.lock")
    with lock.exclusive_now("alert: process 1234"):
        assert main(["alert", "-c", str(config)]) == 3
    assert capsys.readouterr().err == "Another run is doing this already (alert: process 1234).\n"


@pytest.mark.parametrize("command", ["search", "export"])
def test_the_help_on_platform_names_all_that_sources_read(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    said = "".join(capsys.readouterr().out.replace("│", "").split())
    read = (
        json.loads((case / "expected.json").read_text("utf-8"))
        for case in cases()
        if case.parent.name != "generic"
    )
    platforms = {mention["id"].partition(":")[0] for case in read for mention in case["mentions"]}
    assert len(platforms) > 10
    assert all(f"{platform}," in said for platform in platforms)


def test_search_prints_the_documented_shape(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(author=BIG_V), reposts=7)])
        store.posts.add_scores([negative()])
    assert main(["search", "电池", "--json", "-c", str(config)]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["author"] == {
        "id": "42",
        "name": "数码老炮",
        "followers": 1_200_000,
        "verified": True,
        "verified_type": 0,
    }
    assert found["engagement"] == {"reposts": 7, "comments": None, "likes": None, "views": None}
    assert (found["published"], found["brands"], found["score"]["label"]) == (
        "2026-11-21T11:55:00Z",
        ["星河"],
        "negative",
    )


@pytest.mark.parametrize("command", ["search", "export"])
def test_originals_are_searched_and_exported_without_their_copies(config: Path, command: str) -> None:
    posts = [mention("weibo:1"), mention("weibo:2", repost_of="weibo:1")]
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(post) for post in posts])
        store.copies.link(posts, NOW)
    file = config.parent / "out.csv"
    to = ["--csv", str(file)] if command == "search" else [str(file)]
    assert main([command, *to, "--originals", "-c", str(config)]) == 0
    assert [line.partition(",")[0] for line in file.read_text("utf-8-sig").splitlines()] == ["id", "weibo:1"]


def test_a_csv_opens_in_excel_and_holds_no_formula(config: Path) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(text="=HYPERLINK(1)"))])
    assert main(["search", "--csv", str(config.parent / "out.csv"), "-c", str(config)]) == 0
    raw = (config.parent / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"'=HYPERLINK" in raw


def test_a_time_that_is_none_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--since", "gestern", "-c", str(config)]) == 2
    assert "gestern" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "file", "mentions", "said"),
    [
        ("weibo", "pages/weibo/weibo_ak_list_0.json", 10, ""),
        ("weibo", "pages/weibo/weibo_ak_list_1.json", 11, ""),
        ("weibo", "pages/weibo/weibo_ak_profile.json", 0, "empty"),
        ("weibo", "pages/weibo/weibo_err_profile.json", 0, "empty"),
        ("rss", "pages/rss/rss-github-atom.xml", 5, ""),
        ("rss", "pages/rss/rss-ruanyifeng.xml", 3, ""),
        ("rss", "forum/edge/rss.xml", 20, ""),
        ("discuz", "forum/edge/forum_noperm.html", 0, "no_permission"),
        ("discuz", "forum/edge/viewthread_404.html", 0, "not_found"),
        ("discuz", "forum/edge/viewthread_bbcode_anon_banned.html", 4, ""),
    ],
)
def test_a_recorded_page_gives_its_mentions_or_a_word_why_not(
    shared_data: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    file: str,
    mentions: int,
    said: str,
) -> None:
    main(["parse", source, str(shared_data / file), "--fetched-at", "2026-11-22T03:20:00+08:00"])
    printed = capsys.readouterr()
    assert (len(printed.out.splitlines()), said in printed.err) == (mentions, True)


def test_a_page_of_garbage_gives_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page").write_bytes(bytes(range(256)) * 40)
    for source in ("weibo", "discuz", "v2ex", "rss"):
        assert main(["parse", source, str(tmp_path / "page")]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_incident_is_listed_taken_and_closed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(author=BIG_V), reposts=7)])
        store.posts.add_scores([negative()])
    options = ["-c", str(config)]
    assert main(["alert", *options]) == 0
    assert "【黄】星河：有负面" in capsys.readouterr().out
    assert main(["incident", "ack", "1", "--by", "小王", *options]) == 0
    assert main(["incident", "list", "--json", *options]) == 0
    (incident,) = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert (incident["state"], incident["owner"], incident["severity"]) == ("acknowledged", "小王", "yellow")
    assert main(["incident", "resolve", "1", *options]) == 0
    assert main(["incident", "resolve", "1", *options]) == 1
    assert "resolved already" in capsys.readouterr().err
    assert main(["incident", "show", "7", *options]) == 1


def test_a_source_that_is_down_is_a_sentence_and_exit_1(config: Path) -> None:
    code, output = finished("crawl", "-c", config)
    assert code == 1
    assert "Traceback" not in output
    assert "拒绝连接" in output


def test_an_unknown_source_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["crawl", "weibo", "-c", str(config)]) == 2
    assert "there is no source 'weibo'" in capsys.readouterr().err


def test_cron_lines_run_the_whole_way(stage: Stage) -> None:
    """`tingfeng crawl && tingfeng score && tingfeng alert`: the alert is at the receiver when they end."""
    for command in ("crawl", "score", "alert"):
        code, output = finished(command, "-c", stage.config)
        assert code == 0, output
    headlines = [entry["payload"]["blocks"][0]["text"]["text"] for entry in stage.received()]
    assert any("大V 负面正在扩散" in headline for headline in headlines)
    assert [entry["problems"] for entry in stage.received()] == [[]] * len(headlines)


def test_doctor_says_that_a_desk_at_work_is_well(stage: Stage) -> None:
    finished("crawl", "-c", stage.config)
    code, output = finished("doctor", "--no-model", "-c", stage.config)
    assert code == 0, output
    assert "✗" not in output


def test_the_service_stops_when_it_is_told_to(stage: Stage) -> None:
    service = tingfeng("run", "-c", stage.config)
    assert service.stderr is None
    assert service.stdout is not None
    while b"listening" not in service.stdout.readline():
        pass
    assert finished("score", "-c", stage.config)[0] == 3
    os.kill(service.pid, signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert b"Traceback" not in output
    assert service.returncode == 128 + signal.SIGTERM


def test_a_source_that_is_off_is_not_asked_also_when_it_is_named(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A signed-in source is checked for its approval only while it is on."""
    config.write_text(CONFIG.replace("{type: rss,", "{type: rss, enabled: false,"), encoding="utf-8")
    assert main(["crawl", "feed", "-c", str(config)]) == 2
    assert "is off" in capsys.readouterr().err


def test_doctor_notices_that_nobody_looks_any_more(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        long_ago = NOW - minutes(60)
        run = store.runs.start("feed", long_ago)
        store.runs.finish(replace(run, finished=long_ago, pages=1, seen=3, new=3))
    assert main(["doctor", "--no-model", "-c", str(config)]) == 1
    assert "服务或 cron 在运行吗？" in capsys.readouterr().out


def test_a_cookie_never_stands_in_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever breaks, the log shows the lines of code and not the values of their variables."""
    main(["check", "-c", "nowhere.yaml"])

    def visit() -> None:
        cookie = "SUB=" + "c4n4ry"
        raise RuntimeError(f"a parser broke after {len(cookie)} characters")

    try:
        visit()
    except RuntimeError as error:
        structlog.get_logger().error("visit failed", exc_info=error)
    printed = capsys.readouterr().err
    assert "a parser broke" in printed
    assert "SUB=c4n4ry" not in printed


def test_half_an_emoji_can_be_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    post = {"id": "5000000000000001", "text": "\ud83d 炸了", "created_at": "刚刚", "user": {"id": 1}}
    (tmp_path / "page").write_text(json.dumps({"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": post}]}}))
    assert main(["parse", "weibo", str(tmp_path / "page")]) == 0
    assert "炸了" in capsys.readouterr().out


def test_what_a_post_says_cannot_move_the_terminal(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(text="\x1b]0;mine\x07\u202e星河"))])
    assert main(["search", "星河", "-c", str(config)]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_a_file_holds_all_that_was_found(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(f"weibo:{n}")) for n in range(90)])
    assert main(["search", "--json", "-c", str(config)]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 90
    assert main(["search", "--csv", "/nonexistent/out.csv", "-c", str(config)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_source_named_twice_is_asked_once(config: Path) -> None:
    code, output = finished("crawl", "feed", "feed", "-c", config)
    assert (code, output.count("连接")) == (1, 1)


def test_a_file_of_another_kind_is_no_recording(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--cascades", "--forum"):
        assert main(["demo", option, str(config)]) == 2
        assert "no recording" in capsys.readouterr().err


def test_a_command_that_only_reads_makes_no_store(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["search"], ["doctor"], ["incident", "list"]):
        assert main([*command, "-c", str(config)]) == 1
        assert "There is no mention store at" in capsys.readouterr().err
    assert not (config.parent / "store.db").exists()
