"""How each source stands: how fresh it is, what refused it, how much it may miss, and what nobody watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from alerts.settings import Settings
from mentions.looks import Covered, Missed, asked_now, in_all
from mentions.pages import Shape
from mentions.runs import CrawlRun, Freshness
from mentions.store import Store

CURRENT = timedelta(days=1)
"""A query that was last looked at longer ago is none of the configuration's any more."""
LATEST, EARLIER = 3, 20
"""Visits that say how many walls there are now, and how many there were."""
WALLS = ("login_wall", "captcha")
LAYOUT_CHANGED = "layout_changed"


@dataclass(frozen=True, slots=True)
class Watch:
    """All that is looked at, and the platforms that no source looks at."""

    sources: Sequence["Standing"]
    unwatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How one source stands at a time, or what it shows of one brand.

    `searched`: the brands by the words that are typed into search boxes.
    """

    fresh: Freshness
    at: datetime
    covered: Sequence[Covered] = ()
    searched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    brand: str = ""

    @property
    def missed(self) -> Missed:
        """How much it may miss in all."""
        return in_all(self.covered)

    @property
    def last_read(self) -> datetime | None:
        """When it was last read; of a brand, when any query was that could show it."""
        if not self.brand or not self.covered:
            return self.fresh.last_success
        return max((one.read for one in self.covered if one.read is not None), default=None)

    @property
    def unread(self) -> Sequence[tuple[Covered, timedelta]]:
        """The queries that were not read while the source was, and for how long, the longest first."""
        behind = [(one, one.behind(self.fresh, self.at)) for one in asked_now(self.covered)]
        return sorted((both for both in behind if both[1]), key=lambda both: both[1], reverse=True)

    def refused(self, reason: str) -> Sequence[str]:
        """The queries whose last look ended with this refusal."""
        return [one.query for one in asked_now(self.covered) if one.outcome == reason]

    @property
    def blind_for(self) -> timedelta:
        """For how long none of its queries was read while the source was."""
        unread = self.unread
        return unread[-1][1] if unread and len(unread) == len(asked_now(self.covered)) else timedelta()

    @property
    def brands(self) -> Sequence[str]:
        """The brands whose words it searches, in their order, and those whose own channels it asks for."""
        words = {one.query for one in self.covered}
        ours = (one.brand for one in self.covered if one.brand is not None)
        by_word = (brand for word, brands in self.searched.items() if word in words for brand in brands)
        return list(dict.fromkeys((*by_word, *ours)))

    def of(self, brand: str) -> "Standing":
        """What it shows of a brand: a word is searched for its brands, and in a list stands what anybody says."""
        shown = [
            one
            for one in self.covered
            if one.query.startswith("[") or brand in (one.brand, *self.searched.get(one.query, ()))
        ]
        return replace(self, covered=shown, brand=brand)


@dataclass(frozen=True, slots=True)
class Walls:
    """Of the pages read or walled off, the share that a login wall or a captcha answered: lately, and before.

    Visits that asked nothing of a site, or got no answer, say nothing of its walls and are left out.
    """

    now: float = 0.0
    before: float = 0.0


@dataclass(frozen=True, slots=True)
class Condition:
    """More of one source, for the rules on sources."""

    standing: Standing
    walls: Walls = Walls()
    shapes: Sequence[Shape] = ()
    signed_in: bool = False
    cookie_expires: date | None = None
    layout_changed: bool = False

    @property
    def drift(self) -> float:
        """The largest share that pages of a kind have lost."""
        return max((shape.drift for shape in self.shapes), default=0.0)

    def of(self, brand: str) -> "Condition":
        """The same of what the source shows of one brand."""
        return replace(self, standing=self.standing.of(brand))


def watch_of(store: Store, settings: Settings, at: datetime) -> Watch:
    """What a message says of the watch itself."""
    return Watch(standings(store, settings, settings.sources, at), settings.unwatched)


def standings(store: Store, settings: Settings, sources: Sequence[str], at: datetime) -> Sequence[Standing]:
    """How each of these sources stands."""
    covered = store.looks.covered(sources, at - CURRENT)
    fresh = store.runs.freshness(sources)
    return [Standing(one, at, covered[one.source], settings.searched) for one in fresh]


def condition_of(
    store: Store, standing: Standing, *, accounts: Mapping[str, date | None], shapes: Sequence[Shape]
) -> Condition:
    """All that a rule may ask of a source."""
    name = standing.fresh.source
    visits = store.runs.telling(name, WALLS, LATEST + EARLIER)
    layout = store.runs.telling(name, [LAYOUT_CHANGED], 1)
    return Condition(
        standing,
        Walls(_walls(visits[:LATEST]), _walls(visits[LATEST:])),
        [shape for shape in shapes if shape.source == name],
        name in accounts,
        accounts.get(name),
        any(LAYOUT_CHANGED in run.blocked for run in layout)
        or any(one.broken is not None for one in asked_now(standing.covered)),
    )


def _walls(visits: Sequence[CrawlRun]) -> float:
    walls = sum(run.blocked.get(reason, 0) for run in visits for reason in WALLS)
    answered = sum(run.pages for run in visits) + walls
    return walls / answered if answered else 0.0
