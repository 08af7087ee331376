import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mentions.types import Label
from sentiment.cleaning import clean
from sentiment.model import NOTHING_SAID, ModelUnavailable
from sentiment.models import AnyModel, SnowNlp
from sentiment.models import snownlp as module

TEXTS = ["这个手机太差了，屏幕碎了还不给修", "很好用，推荐", "emmm...", "的", "😡", "xm", "垃圾[怒]垃圾"]


def their_negativity(text: str) -> float:
    from snownlp import SnowNLP  # noqa: PLC0415 - slow to import

    sentiments: float = SnowNLP(text).sentiments
    return 1 - sentiments


def test_the_score_is_snownlps_own(snownlp: SnowNlp) -> None:
    assert [j.negativity for j in snownlp.judge(TEXTS)] == [their_negativity(text) for text in TEXTS]


def test_the_score_is_snownlps_own_on_real_comments(snownlp: SnowNlp, shared_data: Path) -> None:
    with (shared_data / "sentiment" / "weibo_comments.csv").open(encoding="utf-8", newline="") as file:
        texts = [said for row in csv.DictReader(file) if (said := clean(row["text"]))][:100]
    assert [j.negativity for j in snownlp.judge(texts)] == [their_negativity(text) for text in texts]


def test_the_words_that_made_it_negative_are_given(snownlp: SnowNlp) -> None:
    [judgement] = snownlp.judge(["这个手机太差了，屏幕碎了，客服态度恶劣，垃圾，退货！！！"])
    assert judgement.label is Label.NEGATIVE
    assert "垃圾" in judgement.words
    assert len(judgement.words) == module.MOST_WORDS
    assert all(any(char.isalnum() for char in word) for word in judgement.words)


def test_praise_has_no_negative_words(snownlp: SnowNlp) -> None:
    [judgement] = snownlp.judge(["很好用，推荐，非常喜欢"])
    assert (judgement.label, judgement.words) == (Label.POSITIVE, ())


def test_nothing_said_is_neutral(snownlp: SnowNlp) -> None:
    assert snownlp.judge([""]) == [NOTHING_SAID]


def test_thresholds_can_be_set(snownlp: SnowNlp) -> None:
    [as_usual] = snownlp.judge(["的"])
    [strict] = SnowNlp(negative_from=0.1, positive_to=0.05).judge(["的"])
    assert (as_usual.label, strict.label) == (Label.NEUTRAL, Label.NEGATIVE)


def test_the_name_holds_the_version() -> None:
    assert SnowNlp().name.startswith("snownlp-0.")


def test_a_config_block_makes_the_model() -> None:
    read = TypeAdapter[Any](AnyModel).validate_python
    assert read({"type": "snownlp"}) == SnowNlp()
    with pytest.raises(ValidationError, match="negativ_from"):
        read({"type": "snownlp", "negativ_from": 0.5})


def test_without_snownlp_the_user_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snownlp.sentiment", None)
    with pytest.raises(ModelUnavailable, match="pip install snownlp"):
        module.load.__wrapped__()


def test_reading_a_configuration_imports_no_model_library() -> None:
    code = "import sys, sentiment.models, sentiment.scoring; print({*sys.modules} & {'snownlp', 'transformers'})"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
