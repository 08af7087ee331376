"""A model of few words, for what is not about models."""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import PrivateAttr

from mentions.types import Label
from sentiment.model import Judgement, Model


class WordModel(Model):
    """Calls a text negative for 差 and positive for 好; `then` runs first on every batch."""

    type: Literal["word"] = "word"
    _then: Callable[[Sequence[str]], None] | None = None
    _loading: Callable[[], object] | None = None
    _batches: list[list[str]] = PrivateAttr(default_factory=list)

    @property
    def name(self) -> str:
        return "word-1"

    @property
    def batches(self) -> list[list[str]]:
        return self._batches

    @classmethod
    def that(cls, then: Callable[[Sequence[str]], None]) -> "WordModel":
        model = cls()
        model._then = then
        return model

    @classmethod
    def that_loads(cls, loading: Callable[[], object]) -> "WordModel":
        model = cls()
        model._loading = loading
        return model

    def load(self) -> None:
        if self._loading:
            self._loading()

    def judge_said(self, texts: Sequence[str]) -> list[Judgement]:
        self._batches.append(list(texts))
        if self._then:
            self._then(texts)
        return [word_judgement(text) for text in texts]


def word_judgement(text: str) -> Judgement:
    if "差" in text:
        return Judgement(0.9, Label.NEGATIVE, ("差",))
    return Judgement(0.1, Label.POSITIVE) if "好" in text else Judgement(0.5, Label.NEUTRAL)
