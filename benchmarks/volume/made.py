"""Any number of mentions made up one page at a time: the same ones at every run, whatever their number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from benchmarks.posts import NAMES, author, talk, text
from mentions.types import Author, Engagement, Label, Mention, Observation, Score

START = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 35
PAGE = 1_000
"""What is recorded at once."""
TALKS = 50_000
VISIT = 10
"""Posts that are first seen at one moment."""
WRITERS = 200_000
PLATFORMS = ("weibo", "xiaohongshu", "zhihu", "tieba", "heimao")
SHARES = (70, 12, 8, 6, 4)
"""Of each hundred posts."""
TITLED = frozenset({"zhihu", "tieba"})
TWO_BRANDS = 0.1
REPOSTS = 0.15
UNDATED = 0.01
LATE = 0.05
"""The share of posts that are found hours or days after they were published; the others within minutes."""
SEEN_AGAIN = 0.1
"""The share of posts that the next page shows once more, with other counts."""
SCORED = 0.9
NEGATIVE, NEUTRAL = 0.25, 0.6
WORDS = ("退款", "投诉", "客服", "不错", "推荐", "发烫")


@dataclass(frozen=True, slots=True)
class Page:
    """What is stored in one go: new posts, posts of the page before once more, and the models' judgements."""

    new: list[Observation]
    again: list[Observation]
    scores: list[Score]

    @property
    def seen(self) -> list[Observation]:
        """All that the page shows."""
        return [*self.new, *self.again]


def pages(mentions: int, seed: int = 3) -> Iterator[Page]:
    """So many new mentions in time's order, spread over `DAYS` days."""
    chance = Random(seed)  # noqa: S311 - the same rows at every run
    talks = [talk(chance) for _ in range(TALKS)]
    step = timedelta(days=DAYS) / mentions
    before: list[Observation] = []
    for first in range(0, mentions, PAGE):
        numbers = range(first, min(first + PAGE, mentions))
        new = [_observation(chance, talks, number, START + number // VISIT * VISIT * step) for number in numbers]
        at = new[-1].mention.first_seen
        again = [_once_more(chance, o, at) for o in before if chance.random() < SEEN_AGAIN]
        judged = [*(o.mention for o in new if chance.random() < SCORED), *(o.mention for o in again)]
        yield Page(new, again, [_score(chance, mention, at) for mention in judged])
        before = new


def platform_of(number: int) -> str:
    """Where the mention of this number stands."""
    place = number * 37 % 100
    return next(name for name, share in zip(PLATFORMS, accumulate(SHARES), strict=True) if place < share)


def mention_id(number: int) -> str:
    """The id of the mention of this number."""
    return f"{platform_of(number)}:{5_100_000_000_000_000 + number * 1_009}"


def number_of(made: str) -> int:
    """The reverse of `mention_id`."""
    return (int(made.partition(":")[2]) - 5_100_000_000_000_000) // 1_009


def two_character_words(listed: Sequence[Mention]) -> set[str]:
    """Every two neighbouring Chinese characters of the texts."""
    return {
        word
        for mention in listed
        for word in map("".join, zip(mention.text, mention.text[1:], strict=False))
        if all("一" <= char <= "\u9fff" for char in word)
    }


def _observation(chance: Random, talks: Sequence[str], number: int, seen: datetime) -> Observation:
    name, platform = chance.choice(NAMES), platform_of(number)
    written, brands = text(chance, name, talks), [name]
    if chance.random() < TWO_BRANDS:
        other = chance.choice([n for n in NAMES if n != name])
        written, brands = f"{written}不如{other}", [name, other]
    account = author(chance, chance.randrange(WRITERS))
    origin = mention_id(chance.randrange(number)) if number and chance.random() < REPOSTS else None
    mention = Mention(
        id=mention_id(number),
        platform=platform,
        source=platform,
        url=f"https://{platform}.example/status/{number}",
        text=f"转发//@{account.name}:{written}" if origin else written,
        title=written[:20] if platform in TITLED else None,
        first_seen=seen,
        published=_published(chance, seen),
        author=Author(platform, account.id, account.name, account.followers, verified=False, verified_type=-1),
        brands=tuple(brands),
        repost_of=origin,
        region=account.region,
    )
    return Observation(mention, _counts(chance, mention, seen))


def _published(chance: Random, seen: datetime) -> datetime | None:
    kind = chance.random()
    if kind < UNDATED:
        return None
    late = kind < UNDATED + LATE
    return seen - timedelta(seconds=chance.randrange(200_000) if late else int(chance.expovariate(1 / 300)))


def _counts(chance: Random, mention: Mention, at: datetime) -> Engagement:
    return Engagement(mention.id, at, chance.randrange(50), chance.randrange(50), chance.randrange(500))


def _once_more(chance: Random, seen: Observation, at: datetime) -> Observation:
    return replace(seen, engagement=_counts(chance, seen.mention, at))


def _score(chance: Random, mention: Mention, at: datetime) -> Score:
    place = chance.random()
    label = Label.NEGATIVE if place < NEGATIVE else Label.NEUTRAL if place < NEUTRAL else Label.POSITIVE
    return Score(mention.id, "bundled", at, round(1 - place, 4), label, (chance.choice(WORDS),))
