"""A trained model's files: which they are, and that they are what was made."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

CARD, MODEL, TOKENIZER = "card.json", "model.onnx", "tokenizer.json"


class BadWeights(Exception):
    """A file of the model is missing or is not what was shipped: the message says which."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From logits to what is said: found on texts that nothing was fitted to.

    `temperature` divides the logits of polarity; `bias` is added to them, by class; `slope` and `level` make of
    the negative class's log-odds a probability (Platt, 1999).
    """

    temperature: float
    bias: tuple[float, float, float]
    slope: float
    level: float


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of the model: its name, how it is read, what its files are."""

    name: str
    calibration: Calibration
    digests: dict[str, str]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def read_card(folder: Path) -> Card:
    """The card, after a look at every file that it names. BadWeights."""
    path = folder / CARD
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        calibration = said["calibration"]
        card = Card(
            said["name"],
            Calibration(
                float(calibration["temperature"]),
                (float(calibration["bias"][0]), float(calibration["bias"][1]), float(calibration["bias"][2])),
                float(calibration["slope"]),
                float(calibration["level"]),
            ),
            dict(said["digests"]),
        )
    except OSError as error:
        raise BadWeights(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadWeights(f"{path}: it is no model card ({type(error).__name__}: {error})") from error
    for name, expected in card.digests.items():
        file = folder / name
        if not file.is_file():
            raise BadWeights(f"{file} is missing")
        if digest(file) != expected:
            raise BadWeights(f"{file} is not the file that was made with it: its SHA-256 is another")
    return card


def write_card(folder: Path, name: str, calibration: Calibration, **more: Any) -> None:
    """Write down what stands in the folder."""
    card = {
        "name": name,
        "calibration": {
            "temperature": calibration.temperature,
            "bias": list(calibration.bias),
            "slope": calibration.slope,
            "level": calibration.level,
        },
        "digests": {file: digest(folder / file) for file in (MODEL, TOKENIZER)},
        **more,
    }
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
