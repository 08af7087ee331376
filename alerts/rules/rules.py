"""The rules: each class is its block in config.yaml.

A rule has one `severity`, or `levels` with a condition for each; a level counts only where `when` holds too.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    model_validator,
)

from alerts.rules.expression import Expression, Term
from alerts.rules.facts import HotView, PostFacts, ScoringView, SourceView
from mentions.text import fold
from mentions.types import Severity

F = TypeVar("F")


def _severity(value: Any) -> Severity:
    return value if isinstance(value, Severity) else Severity.parse(str(value))


def _readable(text: str, facts: type[Any]) -> str:
    return Expression(text, facts).text


def _findable(phrase: str) -> str:
    if not fold(phrase).strip():
        raise ValueError(f"{phrase!r} holds nothing that can be looked for")
    return phrase


SeverityName = Annotated[Severity, BeforeValidator(_severity)]
PostCondition = Annotated[str, AfterValidator(partial(_readable, facts=PostFacts))]
HotCondition = Annotated[str, AfterValidator(partial(_readable, facts=HotView))]
SourceCondition = Annotated[str, AfterValidator(partial(_readable, facts=SourceView))]
ScoringCondition = Annotated[str, AfterValidator(partial(_readable, facts=ScoringView))]
Phrase = Annotated[str, AfterValidator(_findable)]
"""What can be looked for in a text: a rule's word, a brand's name."""


class Met(BaseModel):
    """How a rule was met: the highest level, and the comparisons that say why."""

    model_config = ConfigDict(frozen=True)
    severity: Severity
    terms: tuple[Term, ...]


class Rule(BaseModel, Generic[F]):
    """What all rules have. `notify` names channels; by default all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    facts: ClassVar[type[Any]]
    """What the expressions of this kind of rule are checked against."""
    title: str
    when: str = "true"
    severity: SeverityName | None = None
    levels: dict[SeverityName, str] = Field(default_factory=dict)
    notify: list[str] | None = None
    _condition: Expression[F] = PrivateAttr()
    _levels: list[tuple[Severity, Expression[F]]] = PrivateAttr()

    @model_validator(mode="after")
    def _compile(self) -> Self:
        if (self.severity is None) == (not self.levels):
            raise ValueError("a rule needs either a severity or levels")
        self._condition = Expression(self.when, self.facts)
        levels = self.levels or {self.severity or Severity.BLUE: "true"}
        ordered = sorted(levels.items(), reverse=True)
        self._levels = [(severity, Expression(text, self.facts)) for severity, text in ordered]
        return self

    def meet(self, facts: F) -> Met | None:
        """The highest level that these facts meet, with its reasons; None if they meet none."""
        if not self._condition.met(facts):
            return None
        for severity, level in self._levels:
            if level.met(facts):
                return Met(severity=severity, terms=(*self._condition.terms(facts), *level.terms(facts)))
        return None


class PostRule(Rule[PostFacts]):
    """Looks at one post for one brand.

    `words`: at least one of them must stand in the title or text. `brands`: only these; by default all.
    `group` says what one incident holds: a post with its reposts, or everything of this rule and brand.
    """

    facts = PostFacts
    type: Literal["post"]
    when: PostCondition = "true"
    levels: dict[SeverityName, PostCondition] = Field(default_factory=dict)
    words: list[Phrase] = Field(default_factory=list)
    brands: list[str] = Field(default_factory=list)
    group: Literal["post", "brand"] = "post"

    def found_words(self, folded_text: str) -> list[str]:
        """Those of the rule's words that stand in a folded text."""
        return [word for word in self.words if fold(word).strip() in folded_text]


class HotRule(Rule[HotView]):
    """Looks at an entry of a hot list that names a brand, whatever its sentiment.

    `brands` and `group` as in a rule of type post. An entry under the same words on two lists is two.
    """

    facts = HotView
    type: Literal["hot"]
    when: HotCondition = "true"
    levels: dict[SeverityName, HotCondition] = Field(default_factory=dict)
    brands: list[str] = Field(default_factory=list)
    group: Literal["post", "brand"] = "post"


class SourceRule(Rule[SourceView]):
    """Looks at how each source stands; `sources` limits it to some.

    With `brands` it is asked for each of them by itself, of the queries that could show that brand.
    """

    facts = SourceView
    type: Literal["source"]
    when: SourceCondition = "true"
    levels: dict[SeverityName, SourceCondition] = Field(default_factory=dict)
    sources: list[str] = Field(default_factory=list)
    brands: list[str] = Field(default_factory=list)


class ScoringRule(Rule[ScoringView]):
    """Looks at whether mentions are being scored at all."""

    facts = ScoringView
    type: Literal["scoring"]
    when: ScoringCondition = "true"
    levels: dict[SeverityName, ScoringCondition] = Field(default_factory=dict)


R = TypeVar("R", PostRule, HotRule)
AnyRule = Annotated[PostRule | HotRule | SourceRule | ScoringRule, Field(discriminator="type")]


class RuleBook:
    """The rules by name, ready to be asked: those on posts by brand, so that a hundred cost no more than a few."""

    def __init__(
        self, rules: dict[str, PostRule | HotRule | SourceRule | ScoringRule], brands: Sequence[str]
    ) -> None:
        self.posts = {brand: list(_of_brand(PostRule, rules, brand)) for brand in brands}
        self.hot = {brand: list(_of_brand(HotRule, rules, brand)) for brand in brands}
        self.sources = [(name, rule) for name, rule in rules.items() if isinstance(rule, SourceRule)]
        self.scoring = [(name, rule) for name, rule in rules.items() if isinstance(rule, ScoringRule)]
        self.titles = {name: rule.title for name, rule in rules.items()}
        self.notify = {name: rule.notify for name, rule in rules.items()}


def _of_brand(kind: type[R], rules: Mapping[str, Any], brand: str) -> Iterator[tuple[str, R]]:
    """The rules of a kind that look at a brand."""
    for name, rule in rules.items():
        if isinstance(rule, kind) and (not rule.brands or brand in rule.brands):
            yield name, rule
