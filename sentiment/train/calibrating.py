"""What the logits of a finished network mean, found on held-out texts of the training labels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.models.bundled import NEGATIVE, shares_of
from sentiment.weights import Calibration

TEMPERATURES = np.geomspace(0.5, 3.0, 61)
BIASES = np.linspace(-0.8, 0.8, 17)
STEPS, RATE = 4_000, 0.05

Floats = NDArray[np.float64]


def calibrate(logits: Floats, labels: Sequence[int]) -> Calibration:
    """Temperature by the likelihood, bias by macro-F1, and Platt's line from the negative class's log-odds."""
    truth = np.asarray(labels)
    temperature = min(TEMPERATURES, key=lambda t: _surprise(shares_of(logits / t), truth))
    scaled = logits / temperature
    bias = max(
        ((a, 0.0, b) for a in BIASES for b in BIASES),
        key=lambda bias: (macro_f1(truth, (scaled + np.array(bias)).argmax(axis=1)), -abs(bias[0]) - abs(bias[2])),
    )
    slope, level = _line(shares_of(scaled)[:, NEGATIVE], truth == NEGATIVE)
    return Calibration(float(temperature), (float(bias[0]), 0.0, float(bias[2])), slope, level)


def macro_f1(truth: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """The mean F1 over the classes."""
    scores = []
    for kind in np.unique(truth):
        right = float(((truth == kind) & (found == kind)).sum())
        scores.append(2 * right / max(1.0, float((truth == kind).sum() + (found == kind).sum())))
    return float(np.mean(scores))


def _surprise(shares: Floats, truth: NDArray[np.int64]) -> float:
    return float(-np.log(shares[np.arange(len(truth)), truth].clip(1e-9)).mean())


def _line(shares: Floats, is_negative: NDArray[np.bool_]) -> tuple[float, float]:
    """Platt's slope and level, by gradient descent on the likelihood with his smoothed targets."""
    clipped = shares.clip(1e-6, 1 - 1e-6)
    odds = np.log(clipped) - np.log1p(-clipped)
    some, rest = float(is_negative.sum()), float((~is_negative).sum())
    target = np.where(is_negative, (some + 1) / (some + 2), 1 / (rest + 2))
    slope, level = 1.0, 0.0
    for _ in range(STEPS):
        wrong = 1 / (1 + np.exp(-(slope * odds + level))) - target
        slope -= RATE * float((wrong * odds).mean())
        level -= RATE * float(wrong.mean())
    return slope, level
