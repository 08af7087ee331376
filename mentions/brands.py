"""Brands: the names that people call them by, and telling 小米 the company from 小米 the millet."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntFlag

import ahocorasick

from mentions.text import fold


@dataclass(frozen=True, slots=True)
class Brand:
    """One watched brand.

    `aliases` mean the brand wherever they stand (菊厂, 某米, a model, an executive, an emoji). `ambiguous`
    names mean it only where one of `context` stands in the same text. `exclude` phrases (小米粥) are struck
    out before anything is looked for. `search` is what is typed into a site's search box; by default the
    name.
    """

    name: str
    aliases: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


def searched(brands: Iterable[Brand]) -> dict[str, tuple[str, ...]]:
    """The words that are typed into search boxes, each once, with the brands that they are typed for."""
    words: dict[str, tuple[str, ...]] = {}
    for brand in brands:
        for word in brand.search or (brand.name,):
            words[word] = tuple(dict.fromkeys((*words.get(word, ()), brand.name)))
    return words


class Role(IntFlag):
    """What finding a phrase says of its brand."""

    NAME = 1
    AMBIGUOUS = 2
    CONTEXT = 4
    EXCLUDE = 8


# As plain numbers: every post of every page is asked about them, and an enum's own arithmetic is slow.
NAME, IN_CONTEXT, EXCLUDE = Role.NAME.value, (Role.AMBIGUOUS | Role.CONTEXT).value, Role.EXCLUDE.value


Span = tuple[int, int]
"""From a character to before another, in the folded text."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to look for, and what finding it says of each brand that listed it."""

    text: str
    roles: dict[int, int] = field(default_factory=dict)
    """By brand, `Role`s together."""
    names: set[int] = field(default_factory=set)
    """The brands that this can be a name of. A context that all brands share (手机) calls none to mind."""

    def says(self, role: Role, brand: int) -> None:
        """Remember what finding it says of a brand."""
        self.roles[brand] = self.roles.get(brand, 0) | role.value
        if role in {Role.NAME, Role.AMBIGUOUS}:
            self.names.add(brand)


Found = Sequence[tuple[Phrase, list[Span]]]


class BrandMatcher:
    """Which of the brands a text mentions.

    Traditional, full-width and upper-case writings are the same (see `mentions.text.fold`). A phrase that
    begins or ends with an ASCII letter, digit or underscore does so only at the edge of such a word: xm is
    not in xml. All phrases of all brands are looked for in one pass. ValueError for a phrase with nothing in
    it.
    """

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._names = tuple(brand.name for brand in brands)
        wanted: dict[str, Phrase] = {}
        for number, brand in enumerate(brands):
            for text, role in phrases(brand):
                wanted.setdefault(text, Phrase(text)).says(role, number)
        self._automaton = ahocorasick.Automaton()
        for text, phrase in wanted.items():
            self._automaton.add_word(text, phrase)
        if wanted:
            self._automaton.make_automaton()

    def match(self, text: str) -> tuple[str, ...]:
        """Names of the brands, in the configured order."""
        found = self._find(fold(text))
        brands = {brand for phrase, _ in found for brand in phrase.names}
        return (
            tuple(self._names[brand] for brand in sorted(brands) if is_mentioned(brand, found)) if brands else ()
        )

    def _find(self, folded: str) -> Found:
        found: dict[str, tuple[Phrase, list[Span]]] = {}
        if self._automaton:
            for last, phrase in self._automaton.iter(folded):
                start, end = last + 1 - len(phrase.text), last + 1
                if stands_alone(folded, start, end):
                    found.setdefault(phrase.text, (phrase, []))[1].append((start, end))
        return list(found.values())


def phrases(brand: Brand) -> Iterator[tuple[str, Role]]:
    """The folded phrases of a brand and what each says; its name is an alias unless it is ambiguous."""
    ambiguous = {fold(name) for name in brand.ambiguous}
    roles = (
        (Role.NAME, (name for name in (brand.name, *brand.aliases) if fold(name) not in ambiguous)),
        (Role.AMBIGUOUS, brand.ambiguous),
        (Role.CONTEXT, brand.context),
        (Role.EXCLUDE, brand.exclude),
    )
    for role, written in roles:
        for phrase in written:
            folded = fold(phrase).strip()
            if not folded:
                raise ValueError(f"brand {brand.name!r}: {phrase!r} holds nothing that can be looked for")
            yield folded, role


def is_mentioned(brand: int, found: Found) -> bool:
    """Whether what was found means the brand."""
    of_brand = [(phrase.roles[brand], spans) for phrase, spans in found if brand in phrase.roles]
    said = 0
    for roles, _ in of_brand:
        said |= roles
    if said & EXCLUDE:
        said = not_struck_out(of_brand)
    return bool(said & NAME) or said & IN_CONTEXT == IN_CONTEXT


def not_struck_out(of_brand: Sequence[tuple[int, list[Span]]]) -> int:
    """The roles of what stands outside the phrases that are struck out."""
    starts, ends = merged(span for roles, spans in of_brand if roles & EXCLUDE for span in spans)

    def stands(span: Span) -> bool:
        before = bisect_left(starts, span[1])
        return before == 0 or ends[before - 1] <= span[0]

    said = 0
    for roles, spans in of_brand:
        said |= roles if any(map(stands, spans)) else 0
    return said


def merged(spans: Iterable[Span]) -> tuple[list[int], list[int]]:
    """Where the spans start and where they end, in order, those that overlap as one."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(spans):
        if ends and start < ends[-1]:
            ends[-1] = max(end, ends[-1])
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no ASCII word is cut at either edge."""
    cuts_before = start > 0 and is_ascii_word(text[start - 1]) and is_ascii_word(text[start])
    cuts_after = end < len(text) and is_ascii_word(text[end]) and is_ascii_word(text[end - 1])
    return not (cuts_before or cuts_after)


def is_ascii_word(char: str) -> bool:
    """Whether the character is an ASCII letter, digit or underscore."""
    return char.isascii() and (char.isalnum() or char == "_")
