"""Brands: the names that people call them by, and telling 小米 the company from 小米 the millet."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """One watched brand.

    `aliases` mean the brand wherever they stand (菊厂, 某米, a model, an executive, an emoji). `ambiguous` names
    mean it only where one of `context` stands in the same text. `exclude` phrases (小米粥) are struck out before
    anything is looked for. `search` is what is typed into a site's search box; by default the name.
    """

    name: str
    aliases: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


class BrandMatcher:
    """Which of the brands a text mentions."""

    def __init__(self, brands: Sequence[Brand]) -> None: ...

    def match(self, text: str) -> tuple[str, ...]:
        """Names of the brands, in the configured order."""
        raise NotImplementedError
