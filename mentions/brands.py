"""Brands: the names that people call them by, and telling 小米 the company from 小米 the millet."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

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


class Role(Enum):
    """What finding a phrase says of its brand."""

    NAME = 1
    AMBIGUOUS = 2
    CONTEXT = 3
    EXCLUDE = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of one brand, from `start` to before `end` in the folded text."""

    brand: int
    role: Role
    start: int
    end: int


class BrandMatcher:
    """Which of the brands a text mentions.

    Traditional, full-width and upper-case writings are the same (see `mentions.text.fold`). A phrase that
    begins or ends with an ASCII letter, digit or underscore does so only at the edge of such a word: xm is
    not in xml. All phrases of all brands are looked for in one pass. ValueError for a phrase with nothing in
    it.
    """

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._names = tuple(brand.name for brand in brands)
        meanings: defaultdict[str, set[tuple[int, Role]]] = defaultdict(set)
        for number, brand in enumerate(brands):
            for phrase, role in phrases(brand):
                meanings[phrase].add((number, role))
        self._automaton = ahocorasick.Automaton()
        for phrase, meaning in meanings.items():
            self._automaton.add_word(phrase, (phrase, meaning))
        if meanings:
            self._automaton.make_automaton()

    def match(self, text: str) -> tuple[str, ...]:
        """Names of the brands, in the configured order."""
        by_brand: defaultdict[int, list[Hit]] = defaultdict(list)
        for hit in self._hits(fold(text)):
            by_brand[hit.brand].append(hit)
        return tuple(self._names[number] for number in sorted(by_brand) if is_mentioned(by_brand[number]))

    def _hits(self, folded: str) -> Iterator[Hit]:
        if not self._automaton:
            return
        for last, (phrase, meanings) in self._automaton.iter(folded):
            end = last + 1
            start = end - len(phrase)
            if stands_alone(folded, start, end):
                for brand, role in meanings:
                    yield Hit(brand, role, start, end)


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


def is_mentioned(hits: Sequence[Hit]) -> bool:
    """Whether what was found of one brand means the brand."""
    starts, ends = struck_out(hits)
    roles = set()
    for hit in hits:
        before = bisect_left(starts, hit.end)
        if before == 0 or ends[before - 1] <= hit.start:
            roles.add(hit.role)
    return Role.NAME in roles or {Role.AMBIGUOUS, Role.CONTEXT} <= roles


def struck_out(hits: Iterable[Hit]) -> tuple[list[int], list[int]]:
    """Where the excluded phrases start and end, in order, those that overlap as one."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((hit.start, hit.end) for hit in hits if hit.role is Role.EXCLUDE):
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
