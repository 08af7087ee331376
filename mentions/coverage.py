"""How much a source misses of what its list could show: capture and recapture over successive looks.

A post that one look showed and another one did not, although it covered the post's time, was hidden from the
other. How often that happens says how many posts were hidden from every look (Lincoln and Petersen; Chapman 1951;
for looks that cover different times the sum over posts of Huggins 1989). It can only say so of what is hidden at
random, anew at each look: what is hidden from all looks alike leaves no trace in them, and then the answer is that
we cannot know. See docs/sources.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp, log, sqrt

from mentions.windows import Gap, Seen, Window, gap_of, windows_of

FRESH = timedelta(seconds=90)
"""Lists give times to the minute, and show a post a little after it was written: how often a look shows one that
is so young is a rate of its own."""
FEWEST = 20
"""Chances to see a known post again from which on their share says something."""
PAIR = 2
"""So many looks have a rate each; more than two are pooled, since one alone would decide on too few posts."""
AGREED = 0.02
"""Looks that miss less than this of each other's posts agree: so little is a site's index at work, or a clock."""
FEWEST_BESIDE = 10
"""Posts of other lists from which on these say something."""
UNEVEN = 3.0
"""Standard deviations by which the numbers of sightings may be spread more widely than chance spreads them."""
UNEVEN_LOOKS = 3
Z = 1.96
"""For intervals that hold the truth 95 times of 100."""


class Basis(StrEnum):
    """What an estimate rests on, or why there is none."""

    OVERLAP = "overlap"
    """Looks missed some of each other's posts."""
    GAPS = "gaps"
    """Looks agree, but did not reach back to one another: a page cap, or a refusal, cut them."""
    UNEVEN = "uneven"
    """Looks missed some posts far more often than others: at least so much is missed."""
    OTHER_SOURCE = "other source"
    """Another list of the same platform showed posts that this one did not."""
    AGREE = "agree"
    """All looks showed the same: what is hidden from each of them cannot be known."""
    UNORDERED = "unordered"
    """The list is not in the order of time: which posts a look could have shown cannot be known."""
    TOO_FEW = "too few"
    """Too few posts, or looks, so far."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of posts that no look showed, with an interval; None where it cannot be known.

    `one_look` is the share that a single look misses, `gaps` the time that no look reached.
    """

    basis: Basis
    share: float | None = None
    low: float | None = None
    high: float | None = None
    one_look: float | None = None
    looks: int = 0
    posts: int = 0
    gaps: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class _Chance:
    """A look that covered a post's time; `fresh` where the post was very young then."""

    look: int
    fresh: bool
    shown: bool


History = Sequence[_Chance]
"""Of one post that was seen: all the looks that covered its time."""


def estimate(looks: Sequence[Seen], beside: Mapping[int, datetime] | None = None) -> Coverage:
    """What the looks at one list, in the order of time, say of what they missed.

    `beside` are posts of other lists of the platform that this list should have shown.
    """
    windows, ordered = windows_of(looks)
    times = {n: published for look in looks for n, published in look.posts.items()}
    gap = gap_of(windows, times)
    about = Coverage(Basis.TOO_FEW, looks=len(looks), posts=len(times), gaps=gap.length)
    if not ordered:
        return replace(about, basis=Basis.UNORDERED)
    histories = [h for n, published in times.items() if (h := _history(n, published, windows))]
    return _against(_overlap(histories, len(windows), gap, about), times, windows, beside or {})


def _history(n: int, published: datetime, windows: Sequence[Window]) -> History:
    """The looks that covered a post's time; empty where none of these showed it."""
    chances = [
        _Chance(j, published > window.at - FRESH, n in window.posts)
        for j, window in enumerate(windows)
        if window.covers(published)
    ]
    return chances if any(chance.shown for chance in chances) else []


@dataclass(slots=True)
class _Rates:
    """How often looks showed a post that another one knew: `shown` of `chances`, by look, and of fresh posts."""

    chances: list[int]
    shown: list[int]
    fresh_chances: int = 0
    fresh_shown: int = 0

    def each(self) -> list[float]:
        """The rate of each look; the post more that all looks are said to have shown is Chapman's correction."""
        looks = len(self.chances)
        if looks > PAIR:
            return [(sum(self.shown) + looks) / (sum(self.chances) + looks)] * looks
        return [(shown + 1) / (many + 1) for shown, many in zip(self.shown, self.chances, strict=True)]

    def fresh(self) -> float:
        """The rate at which very young posts are shown."""
        return (self.fresh_shown + 1) / (self.fresh_chances + 2)


def _rates(histories: Collection[History], looks: int) -> _Rates:
    rates = _Rates([0] * looks, [0] * looks)
    for history in histories:
        sightings = sum(chance.shown for chance in history)
        for chance in history:
            if sightings > chance.shown:  # another look knew it
                if chance.fresh:
                    rates.fresh_chances += 1
                    rates.fresh_shown += chance.shown
                else:
                    rates.chances[chance.look] += 1
                    rates.shown[chance.look] += chance.shown
    return rates


def _overlap(histories: Sequence[History], looks: int, gap: Gap, about: Coverage) -> Coverage:
    """The estimate from the overlaps of looks, and from the gaps between them."""
    rates = _rates(histories, looks)
    chances = sum(rates.chances)
    missing = 1 - sum(rates.shown) / chances if chances else 0.0
    if chances < FEWEST or missing < AGREED:
        if chances >= FEWEST:
            about = replace(about, basis=Basis.AGREE, one_look=missing)
        return (
            _share(replace(about, basis=Basis.GAPS), len(histories), gap.posts, gap.variance)
            if gap.posts
            else about
        )
    p, fresh = rates.each(), rates.fresh()
    hidden = spread = 0.0
    by_rate = [0.0] * looks
    for history in histories:
        unseen = _unseen(history, p, fresh)
        hidden += unseen / (1 - unseen)
        spread += unseen / (1 - unseen) ** 2
        for chance in history:
            if not chance.fresh and p[chance.look] < 1:
                by_rate[chance.look] += unseen / ((1 - unseen) ** 2 * (1 - p[chance.look]))
    spread += _of_rates(by_rate, p, rates)
    about = replace(about, one_look=missing, basis=Basis.UNEVEN if _is_uneven(histories, p) else Basis.OVERLAP)
    return _share(about, len(histories), hidden + gap.posts, spread + gap.variance)


def _unseen(history: History, p: Sequence[float], fresh: float) -> float:
    """The chance that none of the looks shows a post that they all cover.

    Each post seen stands for so many unseen ones as this is to its opposite (Horvitz and Thompson 1952). With two
    looks that cover the same time that is Lincoln's and Petersen's n1 n2 / m.
    """
    unseen = 1.0
    for chance in history:
        unseen *= 1 - (fresh if chance.fresh else p[chance.look])
    return unseen


def _of_rates(by_rate: Sequence[float], p: Sequence[float], rates: _Rates) -> float:
    """The variance that comes of not knowing the rates (Huggins 1989)."""
    if len(p) > PAIR:
        return sum(by_rate) ** 2 * p[0] * (1 - p[0]) / max(sum(rates.chances), 1)
    return sum(d * d * q * (1 - q) / max(m, 1) for d, q, m in zip(by_rate, p, rates.chances, strict=True))


def _is_uneven(histories: Sequence[History], p: Sequence[float]) -> bool:
    """Whether some posts are seen far more often than others.

    Then the sightings of a post vary more than chance lets them: the index of dispersion, against a binomial
    without its zeros.
    """
    excess, noise = 0.0, 0.0
    for history in histories:
        chances = [chance for chance in history if not chance.fresh]
        many, sightings = len(chances), sum(chance.shown for chance in chances)
        if many < UNEVEN_LOOKS or not sightings:
            continue
        rate = sum(p[chance.look] for chance in chances) / many
        seen = 1 - (1 - rate) ** many
        mean = many * rate / seen
        variance = many * rate * (1 - rate + many * rate) / seen - mean**2
        if variance > 0:
            excess += (sightings - mean) ** 2 / variance - 1
            noise += 2 + max(0.0, (1 - 6 * rate * (1 - rate)) / (many * rate * (1 - rate)))
    return noise > 0 and excess / sqrt(noise) > UNEVEN


def _share(about: Coverage, seen: int, missed: float, variance: float) -> Coverage:
    """The missed as a share of all; the interval's upper end is log-normal (after Chao 1987).

    Never 0: two looks of which one showed all that the other did say nothing.
    """
    if not missed:
        return replace(about, basis=Basis.AGREE)
    low = max(0.0, missed - Z * sqrt(variance))
    high = missed * exp(Z * sqrt(log(1 + variance / missed**2)))
    return replace(about, share=missed / (seen + missed), low=low / (seen + low), high=high / (seen + high))


def _against(
    own: Coverage, times: Mapping[int, datetime], windows: Sequence[Window], beside: Mapping[int, datetime]
) -> Coverage:
    """The same, unless other lists show that more is missed than the looks themselves can know."""
    within = [n for n, published in beside.items() if any(window.covers(published) for window in windows)]
    missed = sum(n not in times for n in within)
    if len(within) < FEWEST_BESIDE or not missed:
        return own
    share, low, high = wilson(missed, len(within))
    if own.share is not None and low <= own.share:
        return own
    return replace(own, basis=Basis.OTHER_SOURCE, share=share, low=low, high=high)


def wilson(hits: int, of: int) -> tuple[float, float, float]:
    """A share and Wilson's interval around it."""
    share = hits / of
    middle = (share + Z**2 / (2 * of)) / (1 + Z**2 / of)
    half = Z / (1 + Z**2 / of) * sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    return share, max(0.0, middle - half), min(1.0, middle + half)
