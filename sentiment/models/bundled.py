"""A small transformer for Chinese posts, as `tingfeng sentiment train` makes it: onnxruntime runs it, no torch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mentions.types import Label
from sentiment.encoder import Encoder
from sentiment.model import Judgement, Model, ModelUnavailable
from sentiment.weights import BadWeights, Calibration, Card, read_card

NEGATIVE = 0
LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
"""In the order of the network's answers."""

Floats = NDArray[np.float64]


class Bundled(Model):
    """Three classes and a calibrated negativity."""

    type: Literal["bundled"] = "bundled"
    folder: Path = Field(description="the folder that `tingfeng sentiment train` made")
    threads: int = Field(1, ge=1, description="cores that one judging uses")

    @property
    def name(self) -> str:
        """See Model.name."""
        return self._card.name

    def load(self) -> None:
        """See Model.load."""
        _ = self._card
        self._encoder.load()

    def judge_said(self, texts: Sequence[str]) -> list[Judgement]:
        """See Model.judge_said."""
        polarity = self._encoder.answers(texts)["polarity"]
        shares, negativity = calibrated(polarity, self._card.calibration)
        return [
            Judgement(float(negative), LABELS[int(best)])
            for negative, best in zip(negativity, shares.argmax(axis=1), strict=True)
        ]

    @cached_property
    def _card(self) -> Card:
        try:
            return read_card(self.folder)
        except BadWeights as error:
            raise ModelUnavailable(
                "bundled", str(error), "make it again with `tingfeng sentiment train`"
            ) from error

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self.folder, self.threads)


def calibrated(polarity: Floats, by: Calibration) -> tuple[Floats, Floats]:
    """From logits [texts, 3]: the shares by which a label is chosen, and the negativity in [0, 1]."""
    scaled = polarity / by.temperature
    plain = shares_of(scaled)[:, NEGATIVE].clip(1e-6, 1 - 1e-6)
    odds = np.log(plain) - np.log1p(-plain)
    negativity: Floats = 1 / (1 + np.exp(-(by.slope * odds + by.level)))
    return shares_of(scaled + np.array(by.bias)), negativity


def shares_of(logits: Floats) -> Floats:
    """Softmax."""
    risen = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = risen / risen.sum(axis=1, keepdims=True)
    return shares
