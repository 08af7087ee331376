"""Fitting and exporting a network small enough for a test. Needs the extra train."""

from pathlib import Path

import numpy as np
import pytest

from sentiment.train import pretrained
from sentiment.train.examples import Example
from tests.sentiment.train.test_pretrained import PIECES, WORDS, written

torch = pytest.importorskip("torch", reason="the extra train is not installed")

from sentiment.encoder import Encoder  # noqa: E402
from sentiment.train.exporting import export  # noqa: E402
from sentiment.train.fitting import Budget, fit  # noqa: E402
from sentiment.train.network import Answers, Network, loss_of  # noqa: E402
from sentiment.train.vocabulary import tokenizer_of  # noqa: E402
from sentiment.weights import MODEL, TOKENIZER  # noqa: E402

HIDDEN = 32
EXAMPLES = [Example("shop", "电池" * (n % 5 + 1), n % 3) for n in range(60)]
TOKENIZER_OF_FIVE = tokenizer_of(PIECES, range(len(PIECES)))


@pytest.fixture
def encoder(tmp_path: Path) -> pretrained.Encoder:
    words = np.random.default_rng(1).integers(-8, 8, (WORDS, HIDDEN))
    return pretrained.read(written(tmp_path / "e5.bin", words))


def fitted(encoder: pretrained.Encoder, folder: Path, examples: int, *, until: int | None = None) -> Network:
    """A network that saw so many examples; `until`: the run was ended there and begun again."""
    torch.manual_seed(1)
    network = Network(encoder, range(WORDS), layers=1)
    budget = Budget(examples=examples, tokens=64)
    folder.mkdir()
    if until is not None:
        with pytest.raises(InterruptedError):
            fit(
                network, TOKENIZER_OF_FIVE, EXAMPLES, budget, saved=folder / "progress.pt", say=ending_after(until)
            )
        network = Network(encoder, range(WORDS), layers=1)
    fit(network, TOKENIZER_OF_FIVE, EXAMPLES, budget, saved=folder / "progress.pt", say=lambda _: None)
    return network


def ending_after(pools: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a local helper
    """Somebody ends the run when it has said so much."""
    said = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) > pools:
            raise InterruptedError

    return say


def test_what_nobody_said_of_a_text_teaches_nothing() -> None:
    answers = Answers(*(torch.zeros(1, size, requires_grad=True) for size in (3, 14, 4, 3, 2)))
    assert float(loss_of(answers, [Example("brands", "电池")]).detach()) == 0


def test_a_source_without_neutral_moves_only_negative_and_positive() -> None:
    polarity = torch.zeros(1, 3, requires_grad=True)
    answers = Answers(polarity, *(torch.zeros(1, size) for size in (14, 4, 3, 2)))
    loss_of(answers, [Example("shop", "电池", 0, binary=True)]).backward()
    assert polarity.grad is not None
    assert polarity.grad[0, 1] == 0
    assert polarity.grad[0, 0] < 0 < polarity.grad[0, 2]


def test_the_same_seed_gives_the_same_weights(encoder: pretrained.Encoder, tmp_path: Path) -> None:
    one, other = (fitted(encoder, tmp_path / name, 60).state_dict() for name in ("a", "b"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_that_was_ended_goes_on_to_the_same_end(
    encoder: pretrained.Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment.train.fitting.POOL", 20)
    whole = fitted(encoder, tmp_path / "whole", 60).state_dict()
    ended = fitted(encoder, tmp_path / "ended", 60, until=1).state_dict()
    assert all(torch.equal(whole[name], ended[name]) for name in whole)


def test_the_exported_network_answers_as_the_fitted_one_does(encoder: pretrained.Encoder, tmp_path: Path) -> None:
    network = fitted(encoder, tmp_path / "run", 60).eval()
    export(network, tmp_path / MODEL)
    TOKENIZER_OF_FIVE.save(str(tmp_path / TOKENIZER))
    ids = torch.tensor([TOKENIZER_OF_FIVE.encode("电池电池").ids])
    with torch.no_grad():
        theirs = network(ids, torch.ones_like(ids))[0].numpy()
    ours = Encoder(tmp_path).answers(["电池", "电池电池"])["polarity"][1:]
    assert np.abs(ours - theirs).max() < 0.1  # 8 bits a weight
