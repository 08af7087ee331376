"""No answer, however broken, gets an exception out of a parser."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.source import Answer, Outcome
from crawlers.sources import SOURCE_TYPES
from tests.crawlers.shapes import answer_of, cases

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
KINDS = sorted(SOURCE_TYPES)
BODIES = [case for case in cases() if len(answer_of(case).body)]
keys = st.sampled_from(
    [
        "ok",
        "data",
        "cards",
        "card_group",
        "mblog",
        "card_type",
        "id",
        "text",
        "user",
        "retweeted_status",
        "title",
        "member",
        "created",
        "content",
        "replies",
        "url",
        "msg",
        "longTextContent",
        "cardlistInfo",
        "statuses",
    ]
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([1, 9, 11, -100, "1.2万"])
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6))


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(), status=st.sampled_from([200, 301, 403, 404, 432, 500]))
def test_any_bytes_give_an_outcome_and_a_sentence(kind: str, body: bytes, status: int) -> None:
    page = SOURCE_TYPES[kind].reader().read(Answer(body, NOW, status=status), "x")
    assert page.outcome in Outcome
    assert page.detail


@pytest.mark.parametrize("kind", ["weibo", "v2ex"])
@given(said=values)
def test_any_json_gives_an_outcome_and_a_sentence(kind: str, said: object) -> None:
    page = SOURCE_TYPES[kind].reader().read(Answer(json.dumps(said).encode(), NOW), "x")
    assert page.detail


@given(case=st.sampled_from(BODIES), at=st.integers(0, 5_000), junk=st.binary(max_size=6))
def test_a_damaged_page_gives_an_outcome_and_a_sentence(case: Path, at: int, junk: bytes) -> None:
    answer = answer_of(case)
    body = answer.body[:at] + junk + answer.body[at + 3 :]
    for kind in KINDS:
        assert SOURCE_TYPES[kind].reader().read(Answer(body, NOW), "x").detail


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_that_are_nothing_are_garbage(kind: str) -> None:
    assert SOURCE_TYPES[kind].reader().read(Answer(b"\x00\xff\x13", NOW), "x").outcome is Outcome.GARBAGE
