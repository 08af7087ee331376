"""The blocks of config.yaml. Sources, models, rules and channels bring their own; the rest is here."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.language import Language
from alerts.notifiers import AnyNotifier
from alerts.rules.expression import Expression
from alerts.rules.facts import PostFacts
from alerts.rules.rules import AnyRule, RuleBook
from alerts.settings import DEFAULT_SUSPECT, Settings
from crawlers.sources import AnySource
from mentions.brands import Brand
from mentions.durations import Duration
from mentions.text import fold
from mentions.types import ReachThresholds
from sentiment.models import AnyModel
from sentiment.models.snownlp import SnowNlp


class Block(BaseModel):
    """A part of config.yaml: a key that nobody reads is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write Asia/Shanghai") from None
    return name


def _readable(text: str) -> str:
    return Expression(text, PostFacts).text


def _findable(phrase: str) -> str:
    if not fold(phrase).strip():
        raise ValueError(f"{phrase!r} holds nothing that can be looked for")
    return phrase


def _lasting(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("has to be longer than nothing")
    return length


Phrase = Annotated[str, AfterValidator(_findable)]
"""What can be looked for in a text."""
Length = Annotated[Duration, AfterValidator(_lasting)]
"""A duration that is not zero."""


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
    """Which posts are looked at again, how often, and until what age."""

    suspect: Annotated[str, AfterValidator(_readable)] = DEFAULT_SUSPECT
    every: Length = timedelta(minutes=1)
    until: Duration = timedelta(days=1)


Name = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=60)]
"""What sources, channels and rules are called: it becomes part of file names and of log lines."""


class Config(Block):
    """The whole file. Paths are relative to it."""

    brands: dict[Phrase, BrandBlock] = Field(min_length=1)
    sources: dict[Name, AnySource] = Field(min_length=1)
    channels: dict[Name, AnyNotifier] = Field(min_length=1)
    rules: dict[Name, AnyRule] = Field(min_length=1)
    model: AnyModel = Field(default_factory=SnowNlp)
    language: Literal["zh_CN", "en"] = "zh_CN"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    store: Path = Path("data/tingfeng.db")
    contact: str | None = None
    reach: ReachBlock = Field(default_factory=ReachBlock)
    reread: RereadBlock = Field(default_factory=RereadBlock)
    resolve_after: Length = timedelta(days=1)
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

    def alerting(self) -> Settings:
        """What the alerting stages are told."""
        return Settings(
            book=RuleBook(self.rules, list(self.brands)),
            channels=tuple(self.channels),
            sources=tuple(self.enabled_sources()),
            suspect=Expression(self.reread.suspect, PostFacts),
            thresholds=ReachThresholds(self.reach.big_v, self.reach.kol),
            reread_every=self.reread.every,
            reread_for=self.reread.until,
            resolve_after=self.resolve_after,
            speed=self.story_speed,
        )


def dangling_names(data: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a rule names a channel, brand or source that does not exist: its path in the file, and a sentence.

    Works on the file as it was read, so that these are reported together with every other mistake.
    """
    for rule, block in _mapping(data, "rules").items():
        for key, section in (("notify", "channels"), ("brands", "brands"), ("sources", "sources")):
            names = block.get(key) if isinstance(block, dict) else None
            for place, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and name not in _mapping(data, section):
                    known = ", ".join(map(str, _mapping(data, section))) or "none"
                    yield (
                        ("rules", rule, key, place),
                        f"there is no {name!r} under {section} (there is: {known})",
                    )


def _mapping(data: Any, key: str) -> dict[Any, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
