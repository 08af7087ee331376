"""Every saved answer in fixtures/ is read as its expected.json says."""

import json
from pathlib import Path

import pytest

from tests.crawlers.shapes import FIXTURES, answer_of, cases, shape_of, source_of

WITH_RAW = {"discuz", "tieba"}
"""Kinds that hand on each post as it stood on the page."""


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.relative_to(FIXTURES)))
def test_answer_is_read_as_expected(case: Path) -> None:
    page = source_of(case).read(answer_of(case), case.parent.name)
    assert shape_of(page) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.relative_to(FIXTURES)))
def test_detail_is_a_sentence_and_mentions_carry_their_source(case: Path) -> None:
    page = source_of(case).read(answer_of(case), "as configured")
    assert page.detail
    if case.parent.name in WITH_RAW:
        assert all(o.raw for o in page.observations)
    assert {o.mention.source for o in page.observations} <= {"as configured"}
