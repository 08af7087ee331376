import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.types import Label
from sentiment.evaluation import Labelled, LabelledFileError, evaluate, read_labelled
from sentiment.models import SnowNlp
from tests.sentiment.faking import WordModel

N, O, P = Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE  # noqa: E741 - the middle one is round
ROWS = [Labelled("差", N), Labelled("太差", N), Labelled("行", N), Labelled("好", P), Labelled("差", P)]


def test_the_figures_are_those_worked_out_by_hand() -> None:
    found = evaluate(WordModel(), ROWS)
    assert found.accuracy.value == pytest.approx(3 / 5)
    negative, positive = found.per_class[N], found.per_class[P]
    assert (negative.precision, negative.recall) == pytest.approx((2 / 3, 2 / 3))
    assert (positive.precision, positive.recall) == pytest.approx((1, 1 / 2))
    assert found.macro_f1.value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert found.auc_negativity is not None
    assert found.auc_negativity.value == pytest.approx((1 + 0.5 + 1 + 0.5 + 1 + 0) / 6)


def test_classes_that_nobody_labelled_are_left_out() -> None:
    assert set(evaluate(WordModel(), ROWS).per_class) == {N, P}


def test_intervals_hold_their_figure_and_repeat_with_the_seed() -> None:
    found, again = evaluate(WordModel(), ROWS * 20), evaluate(WordModel(), ROWS * 20)
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high
    assert found.accuracy == again.accuracy
    assert evaluate(WordModel(), ROWS * 20, seed=1).macro_f1 != found.macro_f1


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=30))
def test_the_auc_is_the_share_of_pairs_in_order(rows: list[Labelled]) -> None:
    scores = WordModel().judge([row.text for row in rows])
    pairs = [
        (bad.negativity > other.negativity) + (bad.negativity == other.negativity) / 2
        for bad, worse in zip(scores, rows, strict=True)
        if worse.label is N
        for other, better in zip(scores, rows, strict=True)
        if better.label is not N
    ]
    figure = evaluate(WordModel(), rows).auc_negativity
    assert (figure is None) == (not pairs)
    assert figure is None or math.isclose(figure.value, sum(pairs) / len(pairs))


def test_json_has_the_promised_keys() -> None:
    printed = evaluate(WordModel(), ROWS).as_json()
    assert {"accuracy", "macro_f1", "auc_negativity", "per_class", "texts_per_second"} <= set(printed)
    assert set(printed["per_class"]["negative"]) == {"precision", "recall", "f1"}
    assert len(printed["intervals"]["macro_f1"]) == 2


def test_one_kind_of_text_has_no_auc() -> None:
    assert evaluate(WordModel(), [Labelled("差", N)]).as_json()["auc_negativity"] is None


def test_no_rows_cannot_be_evaluated() -> None:
    with pytest.raises(ValueError, match="no labelled text"):
        evaluate(WordModel(), [])


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def test_a_labelled_file_is_read(tmp_path: Path) -> None:
    """With the mark that Excel writes, other columns, texts of several lines, and blank lines."""
    path = write(tmp_path / "a.csv", '\ufefftext,event,label\n"一\n二",7,Negative\n\n三,8, positive\n')
    assert read_labelled(path) == [Labelled("一\n二", N), Labelled("三", P)]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("text,label\n好,positive\n差,neg\n", "a.csv:3: label 'neg' is none of negative, neutral, positive"),
        ('text,label\n"一\n二",positive\n差,\n', "a.csv:4: label '' is none of"),
        ("text,label\n好\n", "a.csv:2: the row has 1 columns"),
        ("text,sentiment\n好,positive\n", "a.csv:1: there is no column label"),
        ("", "a.csv:1: there is no column text and no label"),
        ('text,label\n"好,positive\n', "a.csv:2: unexpected end of data"),
        ("text,label\n\udcff\udcfe,positive\n", "a.csv: is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(LabelledFileError) as error:
        read_labelled(write(tmp_path / "a.csv", content))
    assert complaint in str(error.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelledFileError, match="No such file"):
        read_labelled(tmp_path / "b.csv")


def test_snownlp_is_the_known_baseline(snownlp: SnowNlp, shared_data: Path) -> None:
    """AUC .64 and macro-F1 .44 on the development comments; cleaning must not lose that."""
    found = evaluate(snownlp, read_labelled(shared_data / "sentiment" / "weibo_comments.csv"))
    assert found.auc_negativity is not None
    assert found.auc_negativity.value > 0.63
    assert found.macro_f1.value > 0.43
