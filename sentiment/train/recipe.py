"""The whole way, from a data folder to the files that ship: each step leaves a file, and is not done twice."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sentiment.train import pretrained, vocabulary
from sentiment.train.calibrating import calibrate
from sentiment.train.examples import Example
from sentiment.train.fitting import Budget, fit
from sentiment.train.labels import is_held_out
from sentiment.train.sources import Data
from sentiment.weights import MODEL, TOKENIZER, write_card

HELD = frozenset({"our comments", "our posts", "given posts"})
"""Where held-out texts are taken from; the given comments are few, and all of them teach."""
KEPT, FITTED, PROGRESS = "pieces.json", "network.pt", "progress.pt"


def make(data: Data, out: Path, *, name: str, layers: int, budget: Budget, say: Callable[[str], None]) -> None:
    """Make model.onnx, tokenizer.json and card.json in `out`. DataMissing, NotReadable.

    What a run that was ended left in `out` is gone on from.
    """
    import torch  # noqa: PLC0415 - late: an extra

    from sentiment.encoder import Encoder  # noqa: PLC0415
    from sentiment.train.exporting import export  # noqa: PLC0415
    from sentiment.train.network import Network  # noqa: PLC0415

    out.mkdir(parents=True, exist_ok=True)
    encoder = pretrained.read(pretrained.default_file())
    kept = _kept(encoder, data, out / KEPT, say)
    tokenizer = vocabulary.tokenizer_of([encoder.pieces[n] for n in kept], [encoder.scores[n] for n in kept])
    tokenizer.save(str(out / TOKENIZER))
    learned, held = _split(data.examples())
    say(f"{len(learned):,} examples to learn from, {len(held):,} to calibrate on")
    torch.manual_seed(budget.seed)
    network = Network(encoder, kept, layers)
    if (out / FITTED).exists():
        network.load_state_dict(torch.load(out / FITTED, weights_only=True))
    else:
        fit(network, tokenizer, learned, budget, saved=out / PROGRESS, say=say)
        torch.save(network.state_dict(), out / FITTED)
    export(network, out / MODEL)
    answers = Encoder(out).answers([example.text for example in held])["polarity"]
    calibration = calibrate(answers, [example.label for example in held if example.label is not None])
    write_card(out, name, calibration, layers=layers, budget=asdict(budget), examples=len(learned))
    say(f"done: {out}")


def _kept(encoder: pretrained.Encoder, data: Data, path: Path, say: Callable[[str], None]) -> list[int]:
    if path.exists():
        return list(json.loads(path.read_text(encoding="utf-8")))
    say("choosing the vocabulary")
    kept = vocabulary.needed(encoder, data.texts())
    path.write_text(json.dumps(kept), encoding="utf-8")
    return kept


def _split(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    learned, held = list[Example](), list[Example]()
    for example in examples:
        aside = example.source in HELD and example.label is not None and is_held_out(example.text)
        (held if aside else learned).append(example)
    return learned, held
