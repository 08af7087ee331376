"""How each source stands: how fresh it is, what refused it, how much it may miss, and what nobody watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mentions.looks import Covered, Missed, in_all
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
    """How one source stands."""

    fresh: Freshness
    covered: Sequence[Covered] = ()

    @property
    def missed(self) -> Missed:
        """How much it may miss in all."""
        return in_all(self.covered)


@dataclass(frozen=True, slots=True)
class Walls:
    """Of the pages that were read or walled off, the share that a login wall or a captcha answered: lately, before.

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
    layout_changed: bool = field(default=False)

    @property
    def drift(self) -> float:
        """The largest share that pages of a kind have lost."""
        return max((shape.drift for shape in self.shapes), default=0.0)


def watch_of(store: Store, sources: Sequence[str], unwatched: tuple[str, ...], at: datetime) -> Watch:
    """What a message says of the watch itself."""
    covered = store.looks.covered(sources, at - CURRENT)
    return Watch([Standing(fresh, covered[fresh.source]) for fresh in store.runs.freshness(sources)], unwatched)


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
        any(LAYOUT_CHANGED in run.blocked for run in layout),
    )


def _walls(visits: Sequence[CrawlRun]) -> float:
    walls = sum(run.blocked.get(reason, 0) for run in visits for reason in WALLS)
    answered = sum(run.pages for run in visits) + walls
    return walls / answered if answered else 0.0
