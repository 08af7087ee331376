"""The table of fields in sources.md is what the recordings show."""

import re
from pathlib import Path

import pytest

from crawlers.sources import SOURCE_TYPES
from tests.crawlers.shown import FIELDS, Shown, imported, recorded, selected

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
KINDS = [*SOURCE_TYPES, "import"]


def told() -> dict[str, dict[str, str]]:
    """By source and field, as the page has it."""
    text = (
        PAGE.read_text(encoding="utf-8").partition("## Which fields each source shows\n")[2].partition("\n## ")[0]
    )
    head, *lines = (line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| "))
    names = [name.strip("`") for name in head[1:]]
    return {line[0].strip("`"): dict(zip(names, line[1:], strict=True)) for line in lines}


def test_the_table_has_every_source_and_every_field() -> None:
    table = told()
    assert list(table) == KINDS
    assert all(list(row) == FIELDS for row in table.values())


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_source_shows_is_what_the_page_says(kind: str) -> None:
    """It may be right to change the page; it is never right to claim what no recording shows."""
    shown = {"generic": selected, "import": imported}.get(kind, lambda: recorded()[kind])()
    assert told()[kind] == {name: how.value for name, how in shown.items()}


def test_every_sign_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"^- (.) ", text, re.MULTILINE)) >= {how.value for how in Shown}
