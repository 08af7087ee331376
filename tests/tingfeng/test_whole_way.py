"""A post's whole way with everything that can go wrong on it; the processes are real, the sites are ours."""

import json
import lzma
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.tasks import SCORE
from tests.crawlers.conftest import Reply, Site, site
from tests.tingfeng.running import STORY, Stage, finished, tingfeng
from tingfeng.sandbox import Answer, Kind, Sandbox

__all__ = ["site"]
STORY_AGE = timedelta(hours=2)
"""So much of the story has happened when the test begins."""
ATTEMPTS = 20


@pytest.fixture
def playing() -> Iterator[Sandbox]:
    with Sandbox(speed=1, start=datetime.now(UTC) - STORY_AGE) as running:
        yield running


@pytest.fixture
def judged(playing: Sandbox, tmp_path: Path) -> Stage:
    """A desk that has crawled and scored, and is about to alert."""
    stage = Stage(tmp_path, asdict(playing.urls))
    stage.write_config(STORY.read_text(encoding="utf-8"))
    for command in (["crawl", "weibo"], ["score"]):
        assert finished(*command, "-c", stage.config)[0] == 0
    return stage


def shown(playing: Sandbox) -> list[tuple[str, str]]:
    """Headline and footer of each message that a person would have seen."""
    payloads = [dict(entry.payload or {}) for entry in playing.slack.log.shown]
    return [(p["blocks"][0]["text"]["text"], p["blocks"][-1]["elements"][0]["text"]) for p in payloads]


def alert_until_sent(stage: Stage) -> None:
    for _ in range(ATTEMPTS):
        finished("alert", "-c", stage.config)
        with SqliteStore(stage.store) as store:
            if not store.outbox.unsent():
                return
    pytest.fail("messages remain unsent")


def test_the_recorded_forum_is_stored_post_for_post(shared_data: Path, tmp_path: Path) -> None:
    with Sandbox(forum_recording=shared_data / "forum" / "site.jsonl.gz") as playing:
        stage = Stage(tmp_path, asdict(playing.urls))
        stage.write_config(STORY.read_text(encoding="utf-8").replace("order: active", "max_pages: 10"))
        code, output = finished("crawl", "forum", "-c", stage.config)
        assert code == 0, output
    with lzma.open(shared_data / "forum" / "truth.jsonl.xz", "rt", encoding="utf-8") as lines:
        truth = {row["pid"]: row for row in map(json.loads, lines)}
    with SqliteStore(stage.store) as store:
        stored = [found.mention for found in store.posts.search(Search(limit=1000))]
    assert {int(m.id.rpartition(":")[2]): fingerprint(m.author, m.published, m.text) for m in stored} == {
        pid: (row["author"], row["dateline"], "".join(row["message"].split())) for pid, row in truth.items()
    }
    assert len(stored) == 431


def fingerprint(author: Any, published: datetime | None, text: str) -> tuple[str, float, str]:
    assert published is not None
    return author.name, published.timestamp(), "".join(text.split())


def test_a_receiver_that_fails_gets_the_message_later_marked_as_a_possible_repeat(
    playing: Sandbox, judged: Stage
) -> None:
    playing.slack.plan.add(Answer.server_error())
    finished("alert", "-c", judged.config)
    alert_until_sent(judged)
    ((headline, footer),) = shown(playing)
    assert "大V 负面正在扩散" in headline
    assert "可能重复" in footer


def test_a_channel_that_refuses_loses_nothing_and_doctor_says_so(playing: Sandbox, judged: Stage) -> None:
    refusal = Answer(json_body={"ok": False, "error": "channel_not_found"})
    playing.slack.plan.add(refusal)
    code, output = finished("alert", "-c", judged.config)
    assert code == 0
    assert "Slack refused: channel_not_found" in output
    assert "Traceback" not in output
    code, output = finished("doctor", "--no-model", "-c", judged.config)
    assert code == 1
    assert "channel_not_found" in output


def test_killed_between_sending_and_marking_it_sends_once_more_and_says_so(
    playing: Sandbox, judged: Stage
) -> None:
    playing.slack.plan.add(Answer(kind=Kind.HANG))
    alerting = tingfeng("alert", "-c", judged.config)
    while not playing.slack.log.total:
        with suppress(subprocess.TimeoutExpired):
            alerting.communicate(timeout=0.05)
    alerting.kill()
    alerting.communicate()
    alert_until_sent(judged)
    first, second = shown(playing)
    assert first[0] == second[0]
    assert ("可能重复" in first[1], "可能重复" in second[1]) == (False, True)


def test_a_model_that_is_missing_is_an_alert_and_never_neutral(playing: Sandbox, tmp_path: Path) -> None:
    """SnowNLP is hidden behind a package of its name that cannot be imported."""
    stage = Stage(tmp_path, asdict(playing.urls))
    stage.write_config(STORY.read_text(encoding="utf-8"))
    finished("crawl", "news", "-c", stage.config)
    hidden = tmp_path / "hidden" / "snownlp"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('no such model here')")
    code, output = finished("score", "-c", stage.config, path=hidden.parent)
    assert code == 1
    assert "snownlp" in output
    assert "Traceback" not in output
    finished("alert", "-c", stage.config)
    assert any("情感判分停了" in headline for headline, _ in shown(playing))
    with SqliteStore(stage.store) as store:
        assert store.tasks.backlog(SCORE).waiting > 0
        assert store.posts.count(Search(min_negativity=0)) == 0


NASTY = {
    "5000000000000001": "星河手机\x00炸了",
    "5000000000000002": "星河手机\ud800鼓包",
    "5000000000000003": "星河手机" + "很差" * 1_700_000,
    "5000000000000004": "\u202e星河手机\u200d<script>alert(1)</script>",
}


def test_poisonous_and_enormous_posts_go_the_whole_way(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = [
        {
            "card_type": 9,
            "mblog": {
                "id": number,
                "created_at": "Sat Nov 21 20:00:00 +0800 2026",
                "text": text,
                "user": {"id": 1, "screen_name": "某人\ud800", "followers_count": "1万"},
                "reposts_count": 600,
            },
        }
        for number, text in NASTY.items()
    ]
    body = json.dumps({"ok": 1, "data": {"cardlistInfo": {"page": None}, "cards": cards}})

    def reply(path: str, headers: dict[str, str]) -> Reply:  # noqa: ARG001 - the site's signature
        return Reply(body if "getIndex" in path else "", 200)

    monkeypatch.setattr(site, "reply", reply)
    config = tmp_path / "config.yaml"
    config.write_text(
        f"""
brands: {{星河: {{}}}}
sources: {{weibo: {{type: weibo, base_url: "{site.url}", delay: 0s}}}}
channels: {{console: {{type: console}}}}
rules: {{any: {{type: post, title: 有人说了, severity: blue}}}}
store: store.db
""",
        encoding="utf-8",
    )
    for command in ("crawl", "score", "alert"):
        code, output = finished(command, "-c", config)
        assert (code, "Traceback" in output) == (0, False), output
    with SqliteStore(tmp_path / "store.db") as store:
        assert store.posts.count(Search(min_negativity=0)) == len(NASTY)
        assert len(store.incidents.recent()) == len(NASTY)
