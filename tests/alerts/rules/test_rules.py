"""What a rule makes of facts, and facts of rows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.background import Background
from alerts.rules.facts import EngagementFacts
from alerts.rules.reading import post_facts, scoring_facts, source_facts
from alerts.rules.rules import RuleBook
from alerts.sources import Condition, Standing
from mentions.authenticity import authenticity
from mentions.copies import Kin
from mentions.posts import Found
from mentions.runs import Freshness
from mentions.tasks import Backlog
from mentions.types import Author, ReachThresholds, Severity
from tests.alerts.arranging import ANY_RULE, FACTS, post_rule
from tests.making import BIG_V, NOW, counts, mention, minutes, negative

LEVELS = {"yellow": "engagement.reposts >= 20", "red": "engagement.reposts >= 500"}


def errors(**block: Any) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        post_rule(**block)
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


def facts_of(found: Found, **more: Any) -> Any:
    alone = Background(Kin(found.mention.id), authenticity(found.mention, NOW))
    given: dict[str, Any] = {"now": NOW, "thresholds": ReachThresholds(), "speed": 1.0, "background": alone}
    return post_facts(found, "星河", [], **(given | more))


def test_the_highest_level_that_is_met_counts() -> None:
    rule = post_rule(levels=LEVELS)
    met = [rule.meet(replace(FACTS, engagement=EngagementFacts(n, 0, 0, 0))) for n in (19, 20, 499, 500)]
    assert [m and m.severity for m in met] == [None, Severity.YELLOW, Severity.YELLOW, Severity.RED]


def test_levels_count_only_where_the_condition_holds_too() -> None:
    assert post_rule(when="mention.is_repost", levels=LEVELS).meet(FACTS) is None


def test_the_reasons_are_those_of_the_condition_and_of_the_level() -> None:
    met = post_rule(when="author.is_big_v", levels=LEVELS).meet(FACTS)
    assert met is not None
    assert [t.field for t in met.terms] == ["author.is_big_v", "engagement.reposts"]


def test_a_single_severity_needs_no_levels() -> None:
    met = post_rule(severity="Orange").meet(FACTS)
    assert met is not None
    assert (met.severity, met.terms) == (Severity.ORANGE, ())


@pytest.mark.parametrize("block", [{}, {"severity": "red", "levels": LEVELS}])
def test_a_rule_has_a_severity_or_levels(block: dict[str, Any]) -> None:
    assert "either a severity or levels" in errors(**block)[0][1]


def test_each_wrong_level_is_reported_at_its_place() -> None:
    found = errors(levels={"yellow": "nothing > 1", "red": "mention.text", "purple": "true"})
    assert [loc for loc, _ in found] == [("levels", "yellow"), ("levels", "red"), ("levels", "purple", "[key]")]


def test_an_unknown_setting_is_refused() -> None:
    assert errors(severity="red", wenn="true")[0][0] == ("wenn",)


@pytest.mark.parametrize("word", ["", " ", "\u200b"])
def test_a_word_that_would_stand_in_every_text_is_refused(word: str) -> None:
    assert "nothing that can be looked for" in errors(severity="red", words=["起火", word])[0][1]


def test_words_are_found_in_every_writing() -> None:
    rule = post_rule(severity="red", words=["爆炸", "ＯＴＡ", " 漏电 "])
    assert rule.found_words("手机爆炸了, ota之后漏电") == ["爆炸", "ＯＴＡ", " 漏电 "]


def test_a_book_lists_rules_by_brand_and_kind() -> None:
    rules = {
        "all": post_rule(severity="red"),
        "one": post_rule(severity="red", brands=["云岭"], notify=["desk"]),
        "source": ANY_RULE.validate_python({"type": "source", "title": "x", "severity": "red"}),
        "scoring": ANY_RULE.validate_python({"type": "scoring", "title": "x", "severity": "red"}),
    }
    book = RuleBook(rules, ["星河", "云岭"])
    assert {brand: [name for name, _ in found] for brand, found in book.posts.items()} == {
        "星河": ["all"],
        "云岭": ["all", "one"],
    }
    assert [[name for name, _ in found] for found in (book.sources, book.scoring)] == [["source"], ["scoring"]]
    assert book.notify["one"] == ["desk"]


def test_what_is_not_known_of_a_post_is_zero_empty_or_unscored() -> None:
    facts = facts_of(Found(mention(published=None), counts(reposts=None), None))
    assert facts.engagement == EngagementFacts(0, 0, 0, 0)
    assert (facts.author.followers, facts.author.reach, facts.mention.title) == (0, "ordinary", "")
    assert (facts.score.label, facts.score.negativity, facts.velocity.reposts_10m) == ("unscored", 0.0, 0.0)


def test_what_is_known_of_a_post_is_read() -> None:
    facts = facts_of(Found(mention(author=BIG_V, repost_of="weibo:0"), counts(reposts=7), negative()))
    assert (facts.author.is_big_v, facts.author.is_kol, facts.mention.is_repost) == (True, True, True)
    assert (facts.mention.age_minutes, facts.engagement.reposts, facts.score.label) == (5.0, 7, "negative")


def test_many_followers_without_verification_make_a_kol() -> None:
    author = Author("weibo", "1", "不是大V", followers=2_000_000, verified=False)
    facts = facts_of(Found(mention(author=author), None, None))
    assert (facts.author.reach, facts.author.is_big_v, facts.author.is_kol) == ("kol", False, True)


def test_a_source_that_never_succeeded_counts_from_its_first_run() -> None:
    fresh = Freshness("weibo", NOW - minutes(1), None, None, None, blocked={"captcha": 2})
    facts = source_facts(Condition(Standing(fresh, NOW)), first_run=NOW - minutes(40), now=NOW)
    assert (facts.minutes_since_run, facts.minutes_since_success, facts.blocked) == (1.0, 40.0, True)


def test_a_clock_set_back_gives_no_negative_minutes() -> None:
    fresh = Freshness("weibo", NOW, NOW, NOW, NOW)
    assert (
        source_facts(Condition(Standing(fresh, NOW)), first_run=NOW, now=NOW - minutes(60)).minutes_since_success
        == 0
    )
    assert scoring_facts(Backlog(1, NOW, 0), failing=False, now=NOW - timedelta(hours=1)).oldest_minutes == 0
