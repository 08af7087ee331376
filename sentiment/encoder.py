"""The transformer at work: onnxruntime and tokenizers, no torch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.weights import MODEL, TOKENIZER

LONGEST = 256
"""Tokens of a text that are read."""
TOGETHER = 16
"""Texts of like length that are read together. More bring nothing on one core."""
PAD = 1

Floats = NDArray[np.float64]


class Encoder:
    """The network and its tokenizer, loaded when first asked."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder, self._threads = folder, threads

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # noqa: PLC0415 - late: models are loaded when they judge

        found = Tokenizer.from_file(str(self._folder / TOKENIZER))
        found.enable_truncation(LONGEST, strategy="only_first")
        return found

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415 - late, as above

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self._folder / MODEL), options, providers=["CPUExecutionProvider"])

    def load(self) -> None:
        """Have the network and the tokenizer in memory."""
        _ = self._tokenizer, self._session

    def answers(self, texts: Sequence[str], brands: Sequence[str | None] | None = None) -> dict[str, Floats]:
        """Logits by question, a row a text, in their order; `brands` are those that stance and subject are of."""
        pairs = brands or [None] * len(texts)
        rows = [
            self._tokenizer.encode(text) if brand is None else self._tokenizer.encode(text, brand)
            for text, brand in zip(texts, pairs, strict=True)
        ]
        order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))
        found: dict[str, Floats] = {}
        for start in range(0, len(order), TOGETHER):
            places = order[start : start + TOGETHER]
            for name, values in self._run([rows[place].ids for place in places]).items():
                whole = found.setdefault(name, np.zeros((len(rows), values.shape[1])))
                whole[places] = values
        return found

    def _run(self, rows: Sequence[Sequence[int]]) -> dict[str, Floats]:
        longest = max(map(len, rows))
        ids = np.full((len(rows), longest), PAD, dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        names = [output.name for output in self._session.get_outputs()]
        values = self._session.run(None, {"ids": ids, "mask": mask})
        return {name: np.asarray(value, dtype=np.float64) for name, value in zip(names, values, strict=True)}
