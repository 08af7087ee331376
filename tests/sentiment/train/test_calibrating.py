"""What logits are made to mean."""

import numpy as np
import pytest

from sentiment.models.bundled import calibrated, shares_of
from sentiment.train.calibrating import calibrate, macro_f1


@pytest.fixture
def loud() -> tuple[np.ndarray, np.ndarray]:
    """Logits of a network that is three times as sure as it should be, and the truth."""
    chance = np.random.default_rng(5)
    logits = chance.normal(0, 1, (4_000, 3))
    truth = np.array([chance.choice(3, p=shares) for shares in shares_of(logits)])
    return logits * 2.5, truth


def test_the_temperature_undoes_what_the_network_is_too_sure_of(loud: tuple[np.ndarray, np.ndarray]) -> None:
    assert calibrate(loud[0], list(loud[1])).temperature == pytest.approx(2.5, rel=0.1)


def test_of_texts_with_a_negativity_of_about_seven_tenths_seven_in_ten_are_negative(
    loud: tuple[np.ndarray, np.ndarray],
) -> None:
    _, negativity = calibrated(loud[0], calibrate(loud[0], list(loud[1])))
    about = (negativity > 0.6) & (negativity < 0.8)
    assert (loud[1][about] == 0).mean() == pytest.approx(0.7, abs=0.06)


def test_the_bias_never_costs_macro_f1_on_the_texts_it_was_found_on(loud: tuple[np.ndarray, np.ndarray]) -> None:
    shares, _ = calibrated(loud[0], calibrate(loud[0], list(loud[1])))
    assert macro_f1(loud[1], shares.argmax(axis=1)) >= macro_f1(loud[1], loud[0].argmax(axis=1))
