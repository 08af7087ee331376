"""Languages: numbers, spans, and that no text is left untranslated or stale."""

import ast
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

import alerts
from alerts.health import ROOM_TITLE
from alerts.language import LANGUAGES, LOCALES, Language
from alerts.names import ADVICE, BASES, FIELDS, KINDS, PLACES, PLATFORMS, SIGNALS, VERIFICATION
from alerts.rules import facts
from alerts.seeing import ABOUT, AT_LEAST, NEVER_READ, UNREAD
from alerts.watched import WATCHED_TITLE
from crawlers.samples import DRIFTED
from crawlers.source import Outcome
from mentions.looks import NOT_MODIFIED
from mentions.types import Label, Reach
from tests.making import NOW

CHINESE, ENGLISH = Language("zh_CN"), Language("en")
CALLED = {"_", "language", "self"}
VALUES = {*KINDS, *Label, "unscored", *Reach, ROOM_TITLE, WATCHED_TITLE}
"""What a fact can be: shown through a variable."""
NETWORK = {
    *("timeout", "robots.txt forbids", "refused", "name not found", "too large", "cut off", "bad address"),
    *("unreachable", "connection lost", "too many redirects", "private address", "cooling", "not asked"),
    *("TLS failure", "robots.txt unknown", "browser", DRIFTED),
}
"""Why a page was not read, besides the outcomes of reading it."""


def constants(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def used(path: Path) -> Iterator[str]:
    """What the file asks to be translated: written in the call, or chosen in it from a table that stands there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLED and node.args:
            asked = node.args[0]
            if isinstance(asked, ast.Constant):
                yield str(asked.value)
            elif isinstance(asked, ast.Subscript):
                yield from (text for value in getattr(asked.value, "values", ()) for text in constants(value))
        elif isinstance(node, ast.Tuple):
            yield from (text for text in constants(node) if text.startswith("{n} "))


@pytest.fixture(scope="module")
def needed() -> set[str]:
    files = Path(alerts.__file__).parent.rglob("*.py")
    tables = {*PLATFORMS.values(), *PLACES.values(), *VERIFICATION.values(), *FIELDS.values(), "verified"}
    tables |= {*BASES.values(), *ADVICE.values(), *SIGNALS.values(), ABOUT, AT_LEAST, UNREAD, NEVER_READ}
    return {text for path in files for text in used(path)} | tables


@pytest.fixture(scope="module")
def translated() -> dict[str, str]:
    with (LOCALES / "zh_CN.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def test_the_search_for_texts_finds_those_that_are_there(needed: set[str]) -> None:
    assert {"Who", "{n} d", "{n} reposts", "RED", "big V", "forum", "It lasted {span}."} <= needed


def test_every_text_is_translated(needed: set[str], translated: dict[str, str]) -> None:
    assert {text for text in needed | VALUES if not translated.get(text)} == set()


def test_every_reason_not_to_have_seen_a_page_is_translated(translated: dict[str, str]) -> None:
    reasons = {*Outcome, NOT_MODIFIED, *NETWORK}
    assert {text for text in reasons if not translated.get(text)} == set()


def test_no_translation_is_of_a_text_that_is_gone(needed: set[str], translated: dict[str, str]) -> None:
    assert set(translated) - needed - VALUES - NETWORK - {*Outcome, NOT_MODIFIED} == set()


def test_a_translation_keeps_the_places_of_its_values(translated: dict[str, str]) -> None:
    def places(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    assert {text for text, said in translated.items() if places(text) != places(said)} == set()


def test_every_fact_that_a_number_or_a_yes_can_meet_has_a_name() -> None:
    roots = {"mention": facts.MentionFacts, "author": facts.AuthorFacts, "engagement": facts.EngagementFacts}
    roots |= {"velocity": facts.VelocityFacts, "score": facts.ScoreFacts}
    roots |= {"spread": facts.SpreadFacts, "authenticity": facts.AuthenticityFacts}
    roots |= {"hot": facts.HotFacts}
    roots |= {"source": facts.SourceFacts, "scoring": facts.ScoringFacts}
    fields = {
        f"{root}.{name}"
        for root, kind in roots.items()
        for name, type_ in kind.__annotations__.items()
        if type_ in {int, float, bool}
    }
    assert fields - set(FIELDS) == set()
    texts = {"author.reach", "score.label", "mention.platform", "authenticity.reasons", "hot.list", "hot.tag"}
    assert set(FIELDS) - fields == texts | {"words.length"}


def test_both_languages_can_be_read() -> None:
    assert LANGUAGES == ("zh_CN", "en")
    assert (CHINESE("Who"), ENGLISH("Who"), CHINESE("never said"), CHINESE("")) == (
        "谁说的",
        "Who",
        "never said",
        "",
    )


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (None, "—", "—"),
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "10K", "1万"),
        (1_200_000, "1.2M", "120万"),
        (123_456_789, "123.5M", "1.2亿"),
        (0.95, "0.95", "0.95"),
        (-3, "-3", "-3"),
    ],
)
def test_numbers_are_written_as_people_count(number: float | None, english: str, chinese: str) -> None:
    assert (ENGLISH.count(number), CHINESE.count(number)) == (english, chinese)


def test_a_lower_bound_carries_a_plus() -> None:
    assert CHINESE.count(100_000, at_least=True) == "10万+"
    assert CHINESE.count(None, at_least=True) == "—"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0.0 s"),
        (4.25, "4.2 s"),
        (59, "59 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7_199, "120 min"),
        (7_200, "2 h"),
        (172_800, "2 d"),
    ],
)
def test_spans_are_said_in_the_largest_unit_of_which_there_are_two(seconds: float, said: str) -> None:
    assert ENGLISH.span(timedelta(seconds=seconds)) == said


def test_times_are_said_in_the_readers_zone() -> None:
    assert (CHINESE.clock(NOW), CHINESE.moment(NOW)) == ("20:00:00", "11-21 20:00:00")
    assert Language("en", UTC).clock(NOW) == "12:00:00"
    assert Language("en", ZoneInfo("America/New_York")).moment(NOW) == "11-21 07:00:00"
