"""What the model learns from: texts with as much of an answer as somebody gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CLASSES = ("negative", "neutral", "positive")
CATEGORIES = (
    "safety",
    "quality",
    "service",
    "price",
    "privacy",
    "labour",
    "fraud",
    "ethics",
    "disaster",
    "crime",
    "marketing",
    "news",
    "life",
    "other",
)
"""What a post is about, for the desk that has to answer it."""
SEVERITIES = 4
"""0 no worry, 1 watch, 2 page me, 3 crisis: how much the PR manager of who it is about would worry."""

NUMBER: Mapping[str, int] = MappingProxyType({name: n for n, name in enumerate(CLASSES)})


@dataclass(frozen=True, slots=True)
class Example:
    """One text, cleaned. None is what nobody said of it.

    `sure` is how much of the belief goes to `label`: a reader who was torn teaches less. `binary`: the source
    knows no neutral, so only negative and positive are weighed against each other. With a `brand`, `stance` is
    what the text says of it, and `subject` whether it is about it at all.
    """

    source: str
    text: str
    label: int | None = None
    sure: float = 0.95
    binary: bool = False
    category: int | None = None
    severity: int | None = None
    brand: str | None = None
    stance: int | None = None
    subject: int | None = None
    emoticons: bool = False
    """Its label was, or may have been, read off its emoticons: they are left out more often than not."""
