"""No answer, however broken, gets an exception out of a parser."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.source import Answer, Outcome
from crawlers.sources import SOURCE_TYPES
from tests.crawlers.shapes import answer_of, cases, source_of

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
KINDS = sorted(SOURCE_TYPES)
BODIES = [case for case in cases() if len(answer_of(case).body)]
JSON = [
    case for case in BODIES if (case / "input.json").exists() and answer_of(case).body.startswith((b"{", b"["))
]
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
        *("code", "entity", "records", "textContent", "author", "userId", "commentId", "result", "main", "sn"),
        *(
            "object",
            "target",
            "type",
            "highlight",
            "badge_v2",
            "error",
            "paging",
            "child_comments",
            "created_time",
        ),
        *(
            "items",
            "note_card",
            "note",
            "model_type",
            "interact_info",
            "desc",
            "comments",
            "user_info",
            "sub_comments",
        ),
        *(
            "bvid",
            "aid",
            "modules",
            "module_dynamic",
            "major",
            "id_str",
            "orig",
            "rpid",
            "stat",
            "owner",
            "pub_ts",
        ),
        *("card", "desc", "module_content", "paragraphs", "nodes", "content_items", "zvideo_id", "note_id"),
        *("band_list", "word_list", "top_list", "keyword", "word", "success", "createTime"),
        "reposts",
        "list",
        "rootid",
        "like_count",
        "source",
        "error_code",
        "deleted",
        "screen_name",
    ]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([1, 9, 11, -100, "1.2万", "answer", "BV17x411w7KC"])
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6))


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(), status=st.sampled_from([200, 301, 403, 404, 432, 500]))
def test_any_bytes_give_an_outcome_and_a_sentence(kind: str, body: bytes, status: int) -> None:
    page = SOURCE_TYPES[kind].reader().read(Answer(body, NOW, status=status), "x")
    assert page.outcome in Outcome
    assert page.detail


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"discuz", "rss"}])
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


def swapped(said: Any, at: int, value: object) -> tuple[Any, int]:
    """The same with the value at one place, counted from the front, exchanged."""
    if at == 0:
        return value, -1
    at -= 1
    entries = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, inner in entries:
        said[key], at = swapped(inner, at, value)
        if at < 0:
            break
    return said, at


@given(case=st.sampled_from(JSON), at=st.integers(0, 400), value=values)
def test_a_field_of_another_kind_gives_an_outcome_and_a_sentence(case: Path, at: int, value: object) -> None:
    said, _ = swapped(json.loads(answer_of(case).body), at, value)
    answer = replace(answer_of(case), body=json.dumps(said).encode())
    assert source_of(case).read(answer, "x").detail


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_that_are_nothing_are_garbage(kind: str) -> None:
    assert SOURCE_TYPES[kind].reader().read(Answer(b"\x00\xff\x13", NOW), "x").outcome is Outcome.GARBAGE
