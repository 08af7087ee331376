"""That the volume benchmark measures what it says: the same rows on both sides, every post found, equal counts."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import islice

import pytest

from benchmarks.volume.fill import fill
from benchmarks.volume.made import PAGE, mention_id, number_of, pages, platform_of, two_character_words
from benchmarks.volume.rows import copied
from benchmarks.volume.stores import PAIRS, database, has_postgres
from mentions.posts import Search
from mentions.store import Store
from mentions.text import fold
from tests.postgres import REQUIRED

COLUMNS = {
    "author": "platform, id, followers",
    "mention": "id, text, published, first_seen, repost_of, region",
    "mention_brand": "brand, hour, platform, label",
    "engagement": "at, reposts, comments, likes",
}
"""All but the numbers: PostgreSQL gives them in another order."""


def test_pages_are_the_same_at_every_run() -> None:
    assert list(pages(2 * PAGE)) == list(pages(2 * PAGE))


def test_there_are_as_many_mentions_as_asked_for_and_some_are_seen_again() -> None:
    made = list(pages(2 * PAGE + 10))
    assert [len(page.new) for page in made] == [PAGE, PAGE, 10]
    assert [bool(page.again) for page in made] == [False, True, True]


def test_a_number_is_read_back_from_its_id() -> None:
    assert [number_of(mention_id(n)) for n in (0, 7, 4_999_999)] == [0, 7, 4_999_999]
    assert {platform_of(n) for n in range(100)} == {"weibo", "xiaohongshu", "zhihu", "tieba", "heimao"}


def test_folding_changes_no_word_that_is_looked_for() -> None:
    """So that LIKE over the stored text finds what it would over the folded one."""
    (page,) = islice(pages(PAGE), 1)
    assert all(fold(word) == word for word in two_character_words([o.mention for o in page.new]))


def test_copy_reads_back_what_was_written() -> None:
    assert copied([(1, None, "a\tb\\c\n", True)]) == b"1\t\\N\ta\\tb\\\\c\\n\tTrue\n"


@pytest.mark.parametrize("kind", PAIRS)
def test_the_raw_rows_are_those_that_the_store_writes(kind: str) -> None:
    if kind == "postgres" and not REQUIRED and not has_postgres():
        pytest.skip("no PostgreSQL")
    with PAIRS[kind]() as (ours, theirs, raw):
        unscored = (replace(page, scores=[]) for page in pages(2 * PAGE))
        fill(unscored, ours, theirs, raw, chunk=1)
        for table in COLUMNS:
            assert _rows(ours, table) == _rows(theirs, table), table
        assert ours.posts.count(Search(text="手机")) == theirs.posts.count(Search(text="手机"))


def _rows(store: Store, table: str) -> list[tuple[object, ...]]:
    rows = database(store).rows(f"SELECT {COLUMNS[table]} FROM {table}")  # noqa: S608 - our own names
    return sorted((tuple(dict(row).values()) for row in rows), key=str)


@pytest.mark.parametrize("kind", PAIRS)
def test_a_small_run_finds_every_post_and_counts_alike(kind: str) -> None:
    """Unequal counts end it with an error."""
    if kind == "postgres" and not REQUIRED and not has_postgres():
        pytest.skip("no PostgreSQL")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "volume", "--quick", "--store", kind],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(rf"{kind}\.recall .* 1 +≥ 1 +met", done.stdout), done.stdout
    assert f"{kind}.rollup" in done.stdout
