"""How good a model is on texts that people labelled: what `tingfeng sentiment eval` shows."""

import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mentions.types import Label
from sentiment.cleaning import clean
from sentiment.model import Model

RESAMPLES = 1_000
"""Bootstrap resamples of each interval: the ends move by about .002 from seed to seed."""
SHARE = 95
"""Per cent of the resamples that an interval holds."""
LABELS = tuple(Label)
LONGEST_FIELD = 16 * 1024 * 1024
"""Characters of one CSV field; the reader's own limit of 131,072 is shorter than some forum posts."""

Weights = NDArray[np.int64]


class LabelledFileError(ValueError):
    """A file of labelled texts cannot be read; the message is one sentence with file:line and why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what people say it is."""

    text: str
    label: Label


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and the ends of its bootstrap interval (95 %, percentiles)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class is told: all in [0, 1], 0 where nothing was predicted."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's figures on one file, all in [0, 1] but `texts_per_second` (wall clock, loading left out).

    `macro_f1` is the mean over the classes that the labels contain. `auc_negativity` is the probability that
    a negative text gets a higher negativity than another text, ties counting half; None without both kinds.
    """

    model: str
    texts: int
    accuracy: Figure
    macro_f1: Figure
    auc_negativity: Figure | None
    per_class: dict[Label, ClassFigures]
    texts_per_second: float

    def as_json(self) -> dict[str, Any]:
        """Plain figures by name, and under "intervals" the ends of those that have them."""
        figures = {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "auc_negativity": self.auc_negativity,
        }
        return {
            "model": self.model,
            "texts": self.texts,
            **{name: figure and figure.value for name, figure in figures.items()},
            "per_class": {str(label): asdict(of_class) for label, of_class in self.per_class.items()},
            "texts_per_second": self.texts_per_second,
            "intervals": {name: [figure.low, figure.high] for name, figure in figures.items() if figure},
        }


def evaluate(model: Model, rows: Sequence[Labelled], *, seed: int = 0, batch: int = 64) -> Evaluation:
    """Clean and judge the texts as the scoring stage does, and compare.

    ValueError without rows. Raises ModelUnavailable. The same seed gives the same intervals.
    """
    if not rows:
        raise ValueError("there is no labelled text to evaluate on")
    model.judge(["好"])  # loads it: seconds that say nothing of its speed
    started = time.perf_counter()
    texts = [clean(row.text) for row in rows]
    judged = [j for start in range(0, len(texts), batch) for j in model.judge(texts[start : start + batch])]
    seconds = time.perf_counter() - started
    truth = np.array([LABELS.index(row.label) for row in rows])
    found = np.array([LABELS.index(judgement.label) for judgement in judged])
    figures = Figures(truth, found, np.array([judgement.negativity for judgement in judged]))
    once: Weights = np.ones(len(rows), dtype=np.int64)
    drawn = np.array([figures.all(weights) for weights in resamples(len(rows), seed)])
    accuracy, macro_f1, auc = map(with_interval, figures.all(once), drawn.T)
    return Evaluation(
        model=model.name,
        texts=len(rows),
        accuracy=accuracy,
        macro_f1=macro_f1,
        auc_negativity=None if np.isnan(auc.value) else auc,
        per_class=figures.per_class(once),
        texts_per_second=len(rows) / seconds,
    )


class Figures:
    """Figures over rows that each count as often as their weight says: a resample is a set of weights."""

    def __init__(self, truth: Weights, found: Weights, negativity: NDArray[np.float64]) -> None:
        self._cells = truth * len(LABELS) + found
        self._is_negative = truth == LABELS.index(Label.NEGATIVE)
        self._present = np.unique(truth)
        values, self._rank = np.unique(negativity, return_inverse=True)
        self._ranks = len(values)

    def all(self, weights: Weights) -> tuple[float, float, float]:
        """Accuracy, macro-F1 and AUC."""
        return self.accuracy(weights), self.macro_f1(weights), self.auc(weights)

    def accuracy(self, weights: Weights) -> float:
        """The share of rows whose label was found."""
        return float(np.trace(self._table(weights)) / weights.sum())

    def macro_f1(self, weights: Weights) -> float:
        """The mean F1 over the classes that the labels contain."""
        return float(self._by_class(weights)[2][self._present].mean())

    def per_class(self, weights: Weights) -> dict[Label, ClassFigures]:
        """Precision, recall and F1 of each class that the labels contain."""
        columns = self._by_class(weights)
        return {
            LABELS[place]: ClassFigures(*(float(column[place]) for column in columns)) for place in self._present
        }

    def auc(self, weights: Weights) -> float:
        """The rank-based area under the curve of negativity; NaN without negative texts and others."""
        negative = np.bincount(self._rank, weights * self._is_negative, self._ranks)
        other = np.bincount(self._rank, weights * ~self._is_negative, self._ranks)
        pairs = negative.sum() * other.sum()
        won = negative @ (np.cumsum(other) - other / 2)
        return float(won / pairs) if pairs else float("nan")

    def _table(self, weights: Weights) -> NDArray[np.float64]:
        size = len(LABELS)
        counts: NDArray[np.float64] = np.bincount(self._cells, weights, size * size).astype(np.float64)
        return counts.reshape(size, size)

    def _by_class(self, weights: Weights) -> tuple[NDArray[np.float64], ...]:
        table = self._table(weights)
        right, predicted, true = np.diag(table), table.sum(axis=0), table.sum(axis=1)
        precision = right / np.maximum(predicted, 1)
        recall = right / np.maximum(true, 1)
        return precision, recall, 2 * right / np.maximum(predicted + true, 1)


def resamples(size: int, seed: int) -> Iterator[Weights]:
    """How often each row is drawn when `size` rows are drawn with replacement, again and again."""
    random = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        yield np.bincount(random.integers(size, size=size), minlength=size)


def with_interval(value: float, drawn: NDArray[np.float64]) -> Figure:
    """A figure between its percentiles over the resamples; those that drew only one kind have no AUC."""
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not known.size:
        return Figure(float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(known, [50 - SHARE / 2, 50 + SHARE / 2])
    return Figure(value, float(low), float(high))


def read_labelled(path: Path) -> list[Labelled]:
    """Read a CSV with the columns text and label (negative, neutral, positive); others are ignored.

    LabelledFileError for the first thing wrong: a file that is absent or not UTF-8, a column that is missing,
    a row without its label.
    """
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(labelled_rows(path, csv.reader(file, strict=True)))
    except OSError as error:
        raise LabelledFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LabelledFileError(f"{path}: is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    finally:
        csv.field_size_limit(limit)


class CsvReader(Protocol):
    """What `csv.reader` makes."""

    @property
    def line_num(self) -> int:
        """Lines read so far, which is more than rows where a text has several."""

    def __iter__(self) -> Iterator[list[str]]: ...


def labelled_rows(path: Path, reader: CsvReader) -> Iterator[Labelled]:
    """The rows of an open CSV reader. Raises LabelledFileError."""
    line = 1
    try:
        header = next(iter(reader), [])
        if missing := [column for column in ("text", "label") if column not in header]:
            raise LabelledFileError(f"{path}:1: there is no column {' and no '.join(missing)}")
        text_at, label_at = header.index("text"), header.index("label")
        line = reader.line_num + 1
        for row in reader:
            if row:
                yield labelled_row(f"{path}:{line}", row, text_at, label_at)
            line = reader.line_num + 1
    except csv.Error as error:
        raise LabelledFileError(f"{path}:{line}: {error}") from error


def labelled_row(where: str, row: Sequence[str], text_at: int, label_at: int) -> Labelled:
    """One row. Raises LabelledFileError."""
    if len(row) <= max(text_at, label_at):
        raise LabelledFileError(f"{where}: the row has {len(row)} columns, too few for text and label")
    try:
        return Labelled(row[text_at], Label(row[label_at].strip().lower()))
    except ValueError:
        wanted = ", ".join(LABELS)
        raise LabelledFileError(f"{where}: label {row[label_at]!r} is none of {wanted}") from None
