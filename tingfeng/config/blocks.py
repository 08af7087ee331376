"""The blocks of config.yaml. Sources, models, rules and channels bring their own; the rest is here."""

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.language import Language
from alerts.names import PLACES
from alerts.notifiers import AnyNotifier
from alerts.repolling import Schedule
from alerts.rules.expression import Expression
from alerts.rules.facts import PostFacts
from alerts.rules.rules import AnyRule, Phrase, PostCondition, RuleBook
from alerts.settings import DEFAULT_SUSPECT, Settings
from crawlers.source import Source
from crawlers.sources import AnySource
from crawlers.spiders.generic import Generic
from mentions.brands import Brand, searched
from mentions.durations import UNITS, Duration
from mentions.life import Retention, Times
from mentions.sizes import Size, format_size
from mentions.stores import is_postgres, what_is_wrong
from mentions.types import ReachThresholds
from sentiment.models import AnyModel
from sentiment.models.snownlp import SnowNlp
from tingfeng.config.evidence import EvidenceBlock
from tingfeng.config.pushing import PushBlock, SenderBlock


class Block(BaseModel):
    """A part of config.yaml: a key that nobody reads is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write Asia/Shanghai") from None
    return name


def _lasting(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("has to be longer than nothing")
    return length


def _bounded(length: timedelta) -> timedelta:
    if length > LONGEST:
        raise ValueError(f"is longer than {LONGEST // UNITS['y']} years")
    return length


def _kept(length: timedelta) -> timedelta:
    if length > LONGEST:
        raise ValueError(f"is longer than {LONGEST // UNITS['y']} years: leave it out to keep for ever")
    return length


def _enough(memory: int) -> int:
    if memory < LEAST_MEMORY:
        raise ValueError(f"a crawler needs {format_size(LEAST_MEMORY)} at least")
    return memory


def _file(path: str) -> str:
    name = path.strip().rpartition("/")[2]
    if name in {"", ".", ".."} or "\0" in path:
        raise ValueError("is to be a file's path: data/erasures.jsonl")
    return path


def _store(where: str) -> str:
    if "://" in where and not is_postgres(where):
        raise ValueError("is a file's path, or postgresql://user:${PASSWORD}@host/database")
    if is_postgres(where) and (wrong := what_is_wrong(where)):
        raise ValueError(wrong)
    return where


LEAST_MEMORY = 300 * 10**6
"""Python, Scrapy and the libraries of the sources take half of it."""
LONGEST = 100 * UNITS["y"]
"""No setting is longer: times that are reckoned with it stay within the calendar."""
Length = Annotated[Duration, AfterValidator(_lasting), AfterValidator(_bounded)]
"""A duration that is not zero."""
KeptFor = Annotated[Duration, AfterValidator(_lasting), AfterValidator(_kept)]
"""How long something is kept."""


class BrandBlock(Block):
    """How people call one brand; see `mentions.brands.Brand`."""

    aliases: list[Phrase] = Field(default_factory=list)
    ambiguous: list[Phrase] = Field(default_factory=list)
    context: list[Phrase] = Field(default_factory=list)
    exclude: list[Phrase] = Field(default_factory=list)
    search: list[Phrase] = Field(default_factory=list)

    def brand(self, name: str) -> Brand:
        """The block as the matcher wants it."""
        return Brand(
            name=name,
            aliases=tuple(self.aliases),
            ambiguous=tuple(self.ambiguous),
            context=tuple(self.context),
            exclude=tuple(self.exclude),
            search=tuple(self.search),
        )


class ReachBlock(Block):
    """From how many followers a voice carries."""

    big_v: int = Field(default=500_000, ge=1)
    kol: int = Field(default=100_000, ge=1)


class RereadBlock(Block):
    """Which posts are looked at again, how often, until what age, and with how many of a host's requests."""

    suspect: PostCondition = DEFAULT_SUSPECT
    every: Length = timedelta(minutes=1)
    calm: Length = timedelta(minutes=30)
    big_v: Length = timedelta(minutes=15)
    until: Annotated[Duration, AfterValidator(_bounded)] = timedelta(days=1)
    share: float = Field(default=0.5, gt=0, le=1)

    def schedule(self) -> Schedule:
        """The block as judging wants it."""
        return Schedule(self.every, self.calm, self.big_v, self.until)


class RetainBrandBlock(Block):
    """How long each kind of what is stored is kept; see `mentions.life`."""

    mentions: KeptFor | None = None
    engagement: KeptFor | None = None
    revisions: KeptFor | None = None
    evidence: KeptFor | None = None
    incidents: KeptFor | None = None

    def times(self) -> Times:
        """The block as the store wants it."""
        return Times(self.mentions, self.engagement, self.revisions, self.evidence, self.incidents)


class RetainBlock(RetainBrandBlock):
    """How long what is stored is kept; what is not named is kept for ever."""

    unbranded: KeptFor | None = None
    runs: KeptFor | None = None
    raw: KeptFor = timedelta(days=7)
    brands: dict[Phrase, RetainBrandBlock] = Field(default_factory=dict)


Name = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=60)]
"""What sources, channels and rules are called: it becomes part of file names and of log lines."""


class WatchBlock(Block):
    """What `watch` may fetch and send, and who may ask for it over HTTP."""

    private_addresses: bool = False
    look_elsewhere: bool = True
    senders: dict[Name, SenderBlock] = Field(default_factory=dict)


class Config(Block):
    """The whole file. Paths are relative to it."""

    brands: dict[Phrase, BrandBlock] = Field(min_length=1)
    sources: dict[Name, AnySource] = Field(min_length=1)
    channels: dict[Name, AnyNotifier] = Field(min_length=1)
    rules: dict[Name, AnyRule] = Field(min_length=1)
    model: AnyModel = Field(default_factory=SnowNlp)
    language: Literal["zh_CN", "en"] = "zh_CN"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    store: Annotated[str, AfterValidator(_store), Field(repr=False)] = "data/tingfeng.db"
    disk_floor: Size = 200 * 10**6
    crawler_memory: Annotated[Size, AfterValidator(_enough)] = 10**9
    contact: str | None = None
    reach: ReachBlock = Field(default_factory=ReachBlock)
    reread: RereadBlock = Field(default_factory=RereadBlock)
    retain: RetainBlock = Field(default_factory=RetainBlock)
    evidence: EvidenceBlock = Field(default_factory=EvidenceBlock)
    push: PushBlock = Field(default_factory=PushBlock)
    watch: WatchBlock = Field(default_factory=WatchBlock)
    erasures: Annotated[str, AfterValidator(_file)] = "data/erasures.jsonl"
    resolve_after: Length = timedelta(days=1)
    alert_within: Length = timedelta(days=7)
    tick: Length = timedelta(seconds=0.5)
    story_speed: float = Field(default=1.0, gt=0)

    def watched(self) -> list[Brand]:
        """The brands, in the order written."""
        return [block.brand(name) for name, block in self.brands.items()]

    def enabled_sources(self) -> dict[str, AnySource]:
        """The sources that are looked at."""
        return {name: source for name, source in self.sources.items() if source.enabled}

    def reader(self) -> Language:
        """The language and time zone of whoever reads."""
        return Language(self.language, ZoneInfo(self.timezone))

    def retention(self) -> Retention:
        """How long what is stored is kept."""
        own = {name: block.times() for name, block in self.retain.brands.items()}
        return Retention(self.retain.times(), own, self.retain.unbranded, self.retain.runs, self.retain.raw)

    def alerting(self) -> Settings:
        """What the alerting stages are told."""
        return Settings(
            book=RuleBook(self.rules, list(self.brands)),
            channels=tuple(self.channels),
            sources=(*self.enabled_sources(), *self.push.feeds),
            suspect=Expression(self.reread.suspect, PostFacts),
            thresholds=ReachThresholds(self.reach.big_v, self.reach.kol),
            looks=self.reread.schedule(),
            resolve_after=self.resolve_after,
            alert_within=self.alert_within,
            speed=self.story_speed,
            accounts={
                name: source.cookie_expires
                for name, source in self.enabled_sources().items()
                if source.collection == "signed-in"
            },
            unwatched=self.unwatched(),
            pictured=frozenset(self.enabled_sources()) if self.evidence.screenshots else None,
            searched=searched(self.watched()),
        )

    def unwatched(self) -> tuple[str, ...]:
        """The platforms where people talk and which no enabled source watches."""
        watched = {_place(source) for source in self.enabled_sources().values()}
        # A feed may bring many platforms; it is taken at its word, or its name.
        watched |= {feed.platform or name for name, feed in self.push.feeds.items()}
        return tuple(place for place in PLACES if place not in watched)


def _place(source: Source) -> str | None:
    """The platform that a source watches: it says so, or its type begins with it (weibo-search)."""
    kind = str(type(source).model_fields["type"].default)
    if isinstance(source, Generic):
        return source.platform
    return source.place or next((place for place in PLACES if kind.startswith(place)), None)
