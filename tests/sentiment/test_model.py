import math

import pytest

from mentions.types import Label
from sentiment.model import LONGEST_JUDGED, NOTHING_SAID, Judgement, ModelUnavailable
from tests.sentiment.faking import WordModel


def test_an_empty_text_is_calm_and_never_reaches_the_model() -> None:
    model = WordModel()
    assert model.judge(["", "差", ""]) == [
        NOTHING_SAID,
        Judgement(0.9, Label.NEGATIVE, ("差",)),
        NOTHING_SAID,
    ]
    assert model.batches == [["差"]]


def test_nothing_to_judge_loads_no_model() -> None:
    model = WordModel()
    assert model.judge(["", ""]) == [NOTHING_SAID, NOTHING_SAID]
    assert model.batches == []


def test_only_the_beginning_of_a_long_text_is_judged() -> None:
    model = WordModel()
    model.judge(["好" * 10_000])
    assert len(model.batches[0][0]) == LONGEST_JUDGED


@pytest.mark.parametrize("negativity", [-0.1, 1.1, math.nan])
def test_a_negativity_outside_its_range_is_refused(negativity: float) -> None:
    with pytest.raises(ValueError, match="not in"):
        Judgement(negativity, Label.NEUTRAL)


def test_an_unavailable_model_says_which_why_and_what_to_do() -> None:
    error = ModelUnavailable("bert", "model.onnx is missing", "run: tingfeng doctor")
    assert str(error) == "model bert cannot run: model.onnx is missing; run: tingfeng doctor"
