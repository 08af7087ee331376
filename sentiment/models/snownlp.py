"""SnowNLP's naive Bayes: the baseline that runs everywhere.

It was trained on shop reviews and knows no neutral: on comments under brand posts its negativity ranks with
an AUC of about .64. Importing it costs 4.6 CPU seconds and 421 MB, so it is imported when a text is judged.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from math import log
from typing import Literal, Protocol, cast

from pydantic import Field

from mentions.types import Label
from sentiment.model import Judgement, Model, ModelUnavailable

MOST_WORDS = 5
TELLING = log(1.5)
"""A word counts as a reason from 3 : 2 for negative on; nearer to even it only fills the list."""


class Counts(Protocol):
    """How often SnowNLP saw each word in one class."""

    def exists(self, word: str) -> bool:
        """Whether it ever did."""

    def freq(self, word: str) -> float:
        """Its share of the class, above 0 also for a word never seen."""


class Bayes(Protocol):
    """SnowNLP's `classification.bayes.Bayes`."""

    d: dict[str, Counts]

    def classify(self, words: Sequence[str]) -> tuple[str, float]:
        """The likelier class, "pos" or "neg", and its probability."""


class Sentiment(Protocol):
    """SnowNLP's `sentiment.Sentiment`."""

    classifier: Bayes

    def handle(self, text: str) -> list[str]:
        """The words of a text, stop words left out: 97 % of the time goes here."""


class SnowNlp(Model):
    """SnowNLP behind the interface; its score is exactly 1 - SnowNLP(text).sentiments.

    The thresholds are those with the best macro-F1 on 1,274 training comments (.42, against .40 at 0.6 and
    0.4). They are far from even, since it was taught no neutral.
    """

    type: Literal["snownlp"] = "snownlp"
    negative_from: float = Field(0.6, ge=0, le=1, description="negativity from which a text is negative")
    positive_to: float = Field(0.2, ge=0, le=1, description="negativity up to which a text is positive")

    @property
    def name(self) -> str:
        """See Model.name."""
        return f"snownlp-{version('snownlp')}"

    def load(self) -> None:
        """See Model.load."""
        load()

    def judge_said(self, texts: Sequence[str]) -> list[Judgement]:
        """See Model.judge_said."""
        sentiment = load()
        return [self._judge(sentiment, text) for text in texts]

    def _judge(self, sentiment: Sentiment, text: str) -> Judgement:
        words = sentiment.handle(text)
        side, probability = sentiment.classifier.classify(words)
        # Two steps, as SnowNLP takes them: 1 - (1 - p) is not p in floating point.
        positivity = probability if side == "pos" else 1 - probability
        negativity = 1 - positivity
        return Judgement(negativity, self._label(negativity), reasons(sentiment, words))

    def _label(self, negativity: float) -> Label:
        if negativity >= self.negative_from:
            return Label.NEGATIVE
        return Label.POSITIVE if negativity <= self.positive_to else Label.NEUTRAL


@cache
def load() -> Sentiment:
    """SnowNLP's trained classifier, with its segmenter; loaded once. Raises ModelUnavailable."""
    try:
        from snownlp.sentiment import classifier  # noqa: PLC0415 - late: it costs seconds and 421 MB
    except (ImportError, OSError, EOFError, ValueError) as error:
        raise ModelUnavailable(
            "snownlp", f"{type(error).__name__}: {error}", "run: pip install snownlp"
        ) from error
    return cast("Sentiment", classifier)


def reasons(sentiment: Sentiment, words: Sequence[str]) -> tuple[str, ...]:
    """Up to five words that weigh most for negative, by SnowNLP's own counts; punctuation is no reason."""
    negative = sentiment.classifier.d["neg"]
    positive = sentiment.classifier.d["pos"]
    weights: dict[str, float] = {}
    for word in words:
        if any(char.isalnum() for char in word) and (negative.exists(word) or positive.exists(word)):
            odds = log(negative.freq(word)) - log(positive.freq(word))
            weights[word] = weights.get(word, 0.0) + odds
    telling = [word for word, weight in weights.items() if weight >= TELLING]
    return tuple(sorted(telling, key=lambda word: -weights[word])[:MOST_WORDS])
