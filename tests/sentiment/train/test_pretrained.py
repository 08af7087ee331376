"""Reading the encoder that training begins with."""

import struct
from pathlib import Path

import numpy as np
import pytest

from sentiment.train.pretrained import BLOCK, LAYER, NotReadable, read

HIDDEN, INNER, WORDS, POSITIONS, TYPES = 32, 64, 5, 40, 2
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "电池")


def packed(values: np.ndarray) -> bytes:
    """Q4_0, as the file has it: a scale of .5, and each weight as a number from -8 to 7."""
    found = b""
    for block in values.reshape(-1, BLOCK).astype(int) + 8:
        found += struct.pack("<e", 0.5) + bytes(
            low | high << 4 for low, high in zip(block[:16], block[16:], strict=True)
        )
    return found


def written(path: Path, words: np.ndarray) -> Path:
    """A file of one layer."""
    tensors = {"emb.word": packed(words)}
    for name, count in (("pos", POSITIONS * HIDDEN), ("type", TYPES * HIDDEN), ("ln.w", HIDDEN), ("ln.b", HIDDEN)):
        tensors[f"emb.{name}"] = np.ones(count, "<f4").tobytes()
    for short, name in LAYER.items():
        out, into = (INNER if short == "fi" else HIDDEN), (INNER if short == "fo" else HIDDEN)
        is_norm = "LayerNorm" in name
        tensors[f"l0.{short}.w"] = np.ones(out, "<f4").tobytes() if is_norm else packed(np.ones(out * into))
        tensors[f"l0.{short}.b"] = np.zeros(out, "<f4").tobytes()
    said = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, INNER, WORDS, POSITIONS, TYPES, 1e-12, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(said)) + ends.tobytes()
    head += np.arange(len(PIECES), dtype="<f4").tobytes() + said + struct.pack("<iI", 0, 0)
    listed = sum(2 + len(name) + 1 + 4 + 16 for name in tensors)
    start = len(head) + 4 + listed
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, data in tensors.items():
        place = (start + len(body), len(data))
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, *place)
        body += data
    path.write_bytes(head + directory + body)
    return path


def test_four_bits_and_a_scale_become_the_weights_that_they_stand_for(tmp_path: Path) -> None:
    words = np.random.default_rng(1).integers(-8, 8, (WORDS, HIDDEN))
    encoder = read(written(tmp_path / "e5.bin", words))
    assert (encoder.weights["embeddings.word_embeddings.weight"] == words * 0.5).all()


def test_every_part_of_a_layer_has_the_name_and_shape_that_bert_knows(tmp_path: Path) -> None:
    encoder = read(written(tmp_path / "e5.bin", np.zeros((WORDS, HIDDEN))))
    assert encoder.weights["encoder.layer.0.intermediate.dense.weight"].shape == (INNER, HIDDEN)
    assert encoder.weights["encoder.layer.0.output.dense.weight"].shape == (HIDDEN, INNER)
    assert encoder.weights["encoder.layer.0.output.LayerNorm.weight"].shape == (HIDDEN,)
    assert encoder.pieces == PIECES
    assert encoder.shape["layers"] == 1


@pytest.mark.parametrize("data", [b"", b"E5S1", b"something else altogether", b"E5S1" + bytes(400)])
def test_what_is_no_encoder_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "e5.bin"
    file.write_bytes(data)
    with pytest.raises(NotReadable, match="it is no encoder that we can read"):
        read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match=r"none\.bin: No such file"):
        read(tmp_path / "none.bin")
