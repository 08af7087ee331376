"""How well the share of posts that a source misses is estimated: the real crawl against sites that hide some."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.posts import NAMES, weibo_post
from benchmarks.results import Goal, Line
from mentions.brands import Brand, BrandMatcher
from mentions.coverage import Basis, Coverage
from mentions.sqlite import SqliteStore
from tingfeng.sandbox import Sandbox, World
from tingfeng.sandbox.veil import Authors, EachLook, SomePosts, Times, Veil
from tingfeng.sandbox.world import Post

START = datetime(2026, 11, 21, 4, tzinfo=UTC)
NAME = NAMES[0]
SHARES = (0.05, 0.2, 0.4)
POINTS = Goal(5.0, at_most=True)
ALWAYS = Goal(1.0, at_most=False)
BEFORE = timedelta(hours=1)
"""Posts are there already when the first look comes."""
PAGES, PAGE_SIZE = 3, 10
MINUTE = timedelta(minutes=1)
CAPPED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Case:
    """A site with so many posts a minute, which is looked at so often; `beside`: by a second source too."""

    veil: Veil | None
    rate: float = 4.0
    every: timedelta = timedelta(minutes=2)
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was estimated, and what was missed in truth."""

    said: Coverage
    truth: float

    @property
    def error(self) -> float:
        """Points by which the estimate is too high."""
        return 100 * ((self.said.share or 0.0) - self.truth)


@dataclass(slots=True)
class Clock:
    """The time of the site and of who looks at it."""

    at: datetime = field(default=START)

    def __call__(self) -> datetime:
        """Now."""
        return self.at


def posts(rate: float, until: timedelta, seed: int) -> list[Post]:
    """Posts on one brand by 5,000 authors, as chance has it."""
    chance, made, at = Random(seed), list[Post](), -BEFORE.total_seconds()  # noqa: S311 - the same at every run
    while (at := at + chance.expovariate(rate / 60)) < until.total_seconds():
        made.append(weibo_post(chance, len(made), NAME, at))
    return made


def measure(case: Case, looks: int, seed: int) -> Outcome:
    """Look so often, and hold the estimate against what is in the store."""
    from crawlers.crawl import crawl  # noqa: PLC0415 - late: importing Scrapy chooses a reactor
    from crawlers.reactor import run_in_reactor  # noqa: PLC0415
    from crawlers.spiders.weibo import Weibo  # noqa: PLC0415

    clock, there = Clock(), posts(case.rate, case.every * looks, seed)
    brands = [Brand(NAME, search=(NAME,))]
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        store = opened.enter_context(SqliteStore(Path(folder) / "store.db"))
        sites = {"weibo": Sandbox(World(there), speed=1.0, start=START, now=clock, veil=case.veil)}
        if case.beside:
            veil = EachLook(0.5, seed + 1)
            sites["beside"] = Sandbox(World(there), speed=1.0, start=START, now=clock, veil=veil)
        urls = {name: opened.enter_context(site).urls.weibo for name, site in sites.items()}
        for _ in range(looks):
            for name, url in urls.items():
                source = Weibo(base_url=url, delay=timedelta(), max_pages=PAGES)
                run = run_in_reactor(
                    lambda name=name, source=source: crawl(  # type: ignore[misc]
                        name,
                        source,
                        store=store,
                        matcher=BrandMatcher(brands),
                        brands=brands,
                        clock=clock,
                        user_agent="Tingfeng",
                    )
                )
                assert run.error is None, run.error
            clock.at += case.every
        store.looks.work_out("weibo")
        (covered,) = store.looks.covered(["weibo"], START)["weibo"]
        return Outcome(covered.coverage, _truth(store, there))


def _truth(store: SqliteStore, there: Sequence[Post]) -> float:
    """Of the posts between what the first look reached and the last one, the share that none of them showed."""
    looks = store.looks.seen("weibo", NAME)
    shown = {n for look in looks for n in look.posts}
    ids = {row["id"] for row in store.database.rows("SELECT id, n FROM mention") if row["n"] in shown}
    first = (min(looks[0].posts.values()) - START).total_seconds()
    last = (looks[-1].at - START).total_seconds()
    inside = [post for post in there if first < post.at <= last]
    return sum(f"weibo:{post.id}" not in ids for post in inside) / len(inside)


KINDS: dict[str, tuple[str, Callable[[float, int], Case], bool]] = {
    "random": ("hidden at random at each look", lambda share, seed: Case(EachLook(share, seed)), True),
    "cap": (
        "cut by the page cap",
        lambda share, _: Case(None, PAGES * PAGE_SIZE / (1 - share) / (CAPPED_EVERY / MINUTE), CAPPED_EVERY),
        True,
    ),
    "author": ("hidden by author", lambda share, seed: Case(Authors(share, seed)), False),
    "time": ("hidden by time", lambda share, _: Case(Times(share)), False),
    "beside": (
        "hidden by author, with a second source that sees half",
        lambda share, seed: Case(Authors(share, seed), beside=True),
        True,
    ),
    "uneven": ("hidden at random in one half", lambda share, seed: Case(SomePosts(share, seed)), False),
}
"""By name what hides posts, the case, and whether it can be estimated."""


def run(*, quick: bool) -> list[Line]:
    """Every kind and share, several times."""
    looks, seeds = (6, 1) if quick else (16, 6)
    lines = []
    for kind, (words, case, known) in KINDS.items():
        for share in SHARES[1:2] if quick else SHARES:
            found = [measure(case(share, seed), looks, seed) for seed in range(seeds)]
            lines += _lines(f"coverage.{kind}.{share:.0%}", f"{share:.0%} {words}", found, known=known)
    return lines


def _lines(name: str, words: str, found: Sequence[Outcome], *, known: bool) -> list[Line]:
    truth = 100 * sum(outcome.truth for outcome in found) / len(found)
    estimated = [outcome for outcome in found if outcome.said.share is not None]
    bases = ", ".join(sorted({outcome.said.basis.value for outcome in found}))
    told = f"{words}; {truth:.1f} % missed in truth; {len(found)} runs said: {bases}"
    if known:
        errors = [outcome.error for outcome in estimated]
        inside = sum((o.said.low or 0) <= o.truth <= (o.said.high or 0) for o in estimated)
        mean = sum(errors) / max(len(errors), 1)
        alone = [100 * o.said.one_look for o in estimated if o.said.one_look]
        told += f"; one look misses {min(alone):.1f}–{max(alone):.1f} %" if alone else ""
        told += f"; {len(estimated)} estimated, on average {mean:+.1f}; {inside} intervals hold"
        largest = max(map(abs, errors), default=100.0)
        return [Line(name, f"the largest error, {told}", largest, "points", POINTS)]
    if name.startswith("coverage.uneven"):
        share = 100 * sum(outcome.said.share or 0 for outcome in found) / len(found)
        return [Line(name, f"estimated on average, {told}", share, "%")]
    unknown = sum(outcome.said.basis is Basis.AGREE for outcome in found) / len(found)
    return [Line(name, f"runs that said that it cannot be known, {told}", unknown, "", ALWAYS)]
