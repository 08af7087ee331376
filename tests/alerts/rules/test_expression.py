"""What an expression refuses, and how it explains itself."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.expression import BadExpression, Expression, RuleFailed
from alerts.rules.facts import VALUES, EngagementFacts, HotView, PostFacts, SourceView
from tests.alerts.arranging import FACTS


def met(text: str) -> bool:
    return Expression(text, PostFacts).met(FACTS)


def explained(text: str) -> list[tuple[str, str, Any, Any]]:
    return [(t.field, t.operator, t.threshold, t.value) for t in Expression(text, PostFacts).terms(FACTS)]


def refusal(text: str, facts: type[Any] = PostFacts) -> str:
    with pytest.raises(BadExpression) as caught:
        Expression(text, facts)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("author.folowers >= 5", "unknown attribute: 'folowers'; did you mean 'followers'?"),
        ("autor.followers >= 5", "unknown symbol: 'autor'; did you mean 'author'?"),
        ('author.followers >= "5"', "data type mismatch"),
        ('author.followers == "5"', "author.followers is a number and is compared to a text"),
        ("author.followers == null", "author.followers is a number and is compared to null"),
        ("3 in words", "a number is never in a list of a text"),
        ('author.reach >= "kol"', "texts have no order"),
        ("author.followers", "is a number, not a condition"),
        ('"negative"', "is a text, not a condition"),
        ("author", "not a condition"),
        ("author.followers and author.is_kol", "author.followers is a number, not a condition"),
        ("not engagement.reposts", "engagement.reposts is a number, not a condition"),
        ("", "syntax error"),
        ("   ", "syntax error"),
        ("author.is_kol and", "syntax error"),
        ("(" * 40, "syntax error"),
        ('mention.text =~ "("', "invalid regular expression"),
        ("1 / 0 > 1", "division by zero"),
        ("9 ** 9999999 > 1", "arithmetic error"),
        ('$now > d"2026-01-01"', "$now is another one at each look"),
        ("$any([$random() > 0.5 for w in words])", "$random is another one at each look"),
        ("$any([$nothing])", "there is no $nothing"),
        (" or ".join(["author.is_kol"] * 5000), "maximum recursion depth"),
    ],
)
def test_what_can_never_hold_is_refused_with_its_reason(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        '__import__("os").system("true") == 0',
        "author.__class__",
        "().__class__",
        "lambda: 1",
        "exec('1')",
        "author.name.format",
    ],
)
def test_nothing_is_evaluated_as_python(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'score.label == "negativ"',
            "'negativ' (there is: negative, neutral, positive, unscored); did you mean 'negative'?",
        ),
        ('not (author.is_kol or "NEGATIVE" != score.label)', "did you mean 'negative'?"),
        (
            'author.reach == "明星"',
            "author.reach is never '明星' (there is: ordinary, kol, big_v)",
        ),
        (
            'author.reach in ["kol", "big-v"]',
            "never 'big-v' (there is: ordinary, kol, big_v); did you mean 'big_v'?",
        ),
        ('author.reach not in {"kols"}', "did you mean 'kol'?"),
    ],
)
def test_a_value_that_the_field_never_has_is_refused_with_those_that_exist(text: str, said: str) -> None:
    assert refusal(text).endswith(said)


@pytest.mark.parametrize("field", VALUES)
def test_every_value_that_the_field_has_can_be_asked_for(field: str) -> None:
    facts = HotView if field.startswith("hot.") else PostFacts
    for value in VALUES[field]:
        Expression(f"{field} == '{value}' or '{value}' != {field} or {field} in ['{value}']", facts)


@pytest.mark.parametrize(
    "text",
    [
        'mention.platform == "new"',
        "score.label == author.reach",
        '"neg" in score.label',
        '"score.label" in [mention.text, "x"]',
        "[author.name] == words",
    ],
)
def test_other_comparisons_of_texts_stay_open(text: str) -> None:
    Expression(text, PostFacts)


def test_facts_of_another_kind_of_rule_are_unknown() -> None:
    assert "unknown symbol: 'author'" in refusal("source.blocked and author.is_kol", SourceView)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(BadExpression):
        Expression(text, PostFacts)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("true", True),
        ("author.is_big_v and engagement.reposts >= 100", True),
        ("author.is_big_v and engagement.reposts >= 121", False),
        ("not author.is_kol", False),
        ('"鼓包" in words', True),
        ('"鼓包" in mention.text', True),
        ('mention.text =~~ "电池(鼓包|起火)"', True),
        ('mention.platform in ["weibo", "v2ex"]', True),
        ('mention.platform not in ["weibo"]', False),
        ("engagement.reposts + engagement.comments == 123", True),
    ],
)
def test_conditions_hold_as_they_read(text: str, holds: bool) -> None:  # noqa: FBT001 - a table of facts
    assert met(text) is holds


def test_a_division_by_zero_is_the_rules_failure_and_says_which() -> None:
    text = "engagement.reposts / engagement.views > 3"
    with pytest.raises(RuleFailed, match=r"views > 3.*division by zero"):
        met(text)


def test_what_broke_behind_an_or_that_was_met_is_no_reason() -> None:
    text = "engagement.reposts > 5 or engagement.reposts / engagement.views > 3"
    assert met(text)
    assert explained(text) == [("engagement.reposts", ">", 5, 120)]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (
            "author.followers >= 5 and score.label == 'negative'",
            ["author.followers >= 5", "score.label == negative"],
        ),
        ("engagement.likes > 9 or engagement.reposts > 9", ["engagement.reposts > 9"]),
        ("author.is_big_v", ["author.is_big_v is True"]),
        ("not mention.is_repost", ["mention.is_repost is False"]),
        ("mention.is_repost == false", ["mention.is_repost is False"]),
        ("author.is_kol != false", ["author.is_kol is True"]),
        ("not (author.followers >= 700000)", ["author.followers < 700000"]),
        (
            "not (engagement.likes > 9 or mention.is_repost)",
            ["engagement.likes <= 9", "mention.is_repost is False"],
        ),
        ('author.reach in ["kol", "big_v"]', ["author.reach in ['kol', 'big_v']"]),
        ('author.reach not in ["kol"]', ["author.reach not in ['kol']"]),
        ('"鼓包" in words', ["words contains 鼓包"]),
        ('not ("漏电" in words)', ["words not contains 漏电"]),
        ('mention.text =~~ "鼓"', ["mention.text =~~ 鼓"]),
        ('mention.text !~~ "漏"', ["mention.text !~~ 漏"]),
        ("100 <= engagement.reposts", ["engagement.reposts >= 100"]),
        ("engagement.reposts + engagement.likes > 9", ["engagement.reposts + engagement.likes > 9"]),
        ("engagement.reposts * 2 > 9", ["engagement.reposts * 2 > 9"]),
        ("words.length >= 1", ["words.length >= 1"]),
        ("[author.name].length == 1", ["array.length == 1"]),
        ("true", []),
    ],
)
def test_the_terms_are_exactly_the_comparisons_that_held(text: str, reasons: list[str]) -> None:
    assert met(text)
    assert [f"{field} {operator} {threshold}" for field, operator, threshold, _ in explained(text)] == reasons


def test_a_term_carries_the_value_that_met_it_ready_for_json() -> None:
    assert explained("score.negativity >= 0.5 and engagement.reposts > 9") == [
        ("score.negativity", ">=", 0.5, 0.95),
        ("engagement.reposts", ">", 9, 120),
    ]


NUMBERS = st.integers(min_value=0, max_value=300)


@given(reposts=NUMBERS, likes=NUMBERS, a=NUMBERS, b=NUMBERS, negated=st.booleans())
def test_a_condition_over_or_holds_exactly_when_some_term_explains_it(
    reposts: int,
    likes: int,
    a: int,
    b: int,
    negated: bool,  # noqa: FBT001 - drawn
) -> None:
    facts = replace(FACTS, engagement=EngagementFacts(reposts, 0, likes, 0))
    text = f"engagement.reposts >= {a} or engagement.likes >= {b}"
    if negated:
        text = f"not (engagement.reposts < {a} and engagement.likes < {b})"
    expression = Expression(text, PostFacts)
    assert expression.met(facts) is bool(expression.terms(facts))
