"""What commands say is in the language of whoever reads, and `doctor` is no exception."""

import json
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mentions.outbox import NotificationState
from tests.alerts.test_language import used
from tingfeng.cli import main
from tingfeng.cli.checking import RESTLESS
from tingfeng.cli.common import LOCALES
from tingfeng.demo import show

CLI = Path(show.__file__).parents[1] / "cli"
CONFIG = """
brands: {星河: {}}
sources: {talk: {type: v2ex}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow}}
store: store.db
"""
SUBJECTS = {"version", "packages", "store", "disk", "source", "not watched", "queue", "job", "messages", "message"}
SUBJECTS |= {"model", "screenshots", "timestamps"}


def test_every_text_of_the_commands_is_translated() -> None:
    with (LOCALES / "zh_CN.po").open("rb") as file:
        translated = {str(m.id): str(m.string) for m in read_po(file)}
    texts = {text for path in CLI.glob("*.py") for text in used(path)}
    assert {
        text for text in texts | SUBJECTS | {RESTLESS, *NotificationState} if not translated.get(text)
    } == set()


@pytest.mark.parametrize(
    ("language", "said"), [("zh_CN", "! 数据源 talk: 至今没有看过"), ("en", "not looked at so far")]
)
def test_doctor_speaks_the_readers_language(
    language: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"{CONFIG}language: {language}\n", encoding="utf-8")
    main(["score", "-c", str(config)])
    capsys.readouterr()
    main(["doctor", "--no-model", "-c", str(config)])
    assert said in capsys.readouterr().out
    main(["doctor", "--no-model", "--json", "-c", str(config)])
    assert {"source talk", "queue score", "disk"} <= {
        one["subject"] for one in json.loads(capsys.readouterr().out)
    }
