"""The interface of every model: cleaned texts in, how negative each is and which words made it so out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from mentions.types import Label

LONGEST_JUDGED = 2_000
"""Characters of a cleaned text that a model sees. Long enough for a complaint, short enough for a lease."""


class ModelUnavailable(Exception):
    """The model cannot run. The message says which model, why, and what to do; no text is at fault."""

    def __init__(self, model: str, why: str, what_to_do: str) -> None:
        super().__init__(f"model {model} cannot run: {why}; {what_to_do}")
        self.model = model


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model thinks of one text.

    `negativity` is in [0, 1] and ranks texts of one model; `label` is by the model's own thresholds; `words`
    are those that made it negative, strongest first, none where the model cannot tell. ValueError for a
    negativity outside, NaN above all: no store could hold it.
    """

    negativity: float
    label: Label
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.negativity <= 1:
            raise ValueError(f"a negativity of {self.negativity} is not in [0, 1]")


NOTHING_SAID = Judgement(0.0, Label.NEUTRAL)
"""The judgement of an empty text. A bare repost has no words of its own to be angry with; its weight is in
the counts of the post that it spreads. A negativity of 0.5 would fill every list's middle with silence."""


class Model(BaseModel, ABC):
    """A model, which is also its block in config.yaml: a subclass adds `type: Literal["…"]` and its settings.

    Models are imported and loaded late, in `load` or `judge_said`: reading a configuration costs nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    @abstractmethod
    def name(self) -> str:
        """The model and its version, as it is stored with each score: "snownlp-0.12"."""

    def load(self) -> None:
        """Have in memory what judging needs; where that takes long, before a text is claimed. ModelUnavailable."""

    @abstractmethod
    def judge_said(self, texts: Sequence[str]) -> Sequence[Judgement]:
        """Judge texts of 1 to `LONGEST_JUDGED` characters, in their order. Raises ModelUnavailable."""

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """One judgement a text, in order. Texts come from `sentiment.cleaning.clean`.

        An empty text is `NOTHING_SAID`; of a long one only the first `LONGEST_JUDGED` characters count.
        """
        said = [(place, text[:LONGEST_JUDGED]) for place, text in enumerate(texts) if text]
        judgements = [NOTHING_SAID] * len(texts)
        if said:
            judged = self.judge_said([text for _, text in said])
            for (place, _), judgement in zip(said, judged, strict=True):
                judgements[place] = judgement
        return judgements
