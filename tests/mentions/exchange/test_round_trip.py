"""What was exported comes back as it was, in every format, and a second time nothing happens."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions.erasures import Erasure
from mentions.exchange.columns import COLUMNS, safe, unsafe
from mentions.exchange.importing import Arrived, became, bring_in
from mentions.exchange.reading import OpenedFile
from mentions.exchange.rows import Bad
from mentions.exchange.writing import MOST_CHARACTERS, ExcelWriter, excel_text, write_file
from mentions.posts import Found, Search
from mentions.sqlite import SqliteStore
from mentions.store import Store
from mentions.text import scrub
from mentions.types import Author, Observation
from tests.making import BIG_V, NOW, counts, mention, minutes, negative
from tests.mentions.exchange.arranging import becoming, brought_in, stored

FORMATS = ("csv", "jsonl", "ndjson", "xlsx", "csv.gz", "jsonl.gz")
DISCUZ = Author("discuz:bbs.example.com", "77", "楼主", followers=100_000, followers_at_least=True)
POSTS = [
    Observation(
        mention(author=BIG_V), counts(reposts=0, comments=12, likes=100_000, at_least=frozenset({"likes"}))
    ),
    Observation(mention("weibo:2", '=HYPERLINK(1)\r\n第二行，“引号”"\t😡', title="'=1+1", brands=())),
    Observation(mention("discuz:bbs.example.com:7", " 前后有空格 ", author=DISCUZ, region="上海", truncated=True)),
    Observation(
        mention("weibo:3", "－", published=None, repost_of="weibo:1", thread="weibo:2"), counts("weibo:3")
    ),
    Observation(mention("weibo:4", "a_x000D_b \x0b 控制", brands=("星河", "银河"), url="")),
    Observation(mention("weibo:5", "-", author=replace(BIG_V, id="43", verified=False, verified_type=-1))),
]


def round_trip(posts: list[Observation], folder: Path, suffix: str) -> tuple[list[Found], list[Found], Path]:
    with SqliteStore(folder / "first.db") as first, SqliteStore(folder / "second.db") as second:
        first.posts.record(posts)
        path = folder / f"out.{suffix}"
        write_file(path, stored(first))
        tally, aside = brought_in(second, path)
        assert (tally.new, aside) == (len(posts), [])
        return stored(first), stored(second), path


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_was_exported_comes_back_as_it_was(suffix: str, tmp_path: Path) -> None:
    before, after, _ = round_trip(POSTS, tmp_path, suffix)
    assert after == before


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=st.text(min_size=1).map(scrub).filter(str.strip))
def test_no_text_is_changed_on_its_way(suffix: str, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    before, after, _ = round_trip([Observation(mention(text=text))], tmp_path_factory.mktemp("way"), suffix)
    assert after == before


@given(st.text(alphabet="'=＝+-@\t\ra"))
def test_a_hidden_formula_is_shown_again_exactly(text: str) -> None:
    assert unsafe(safe(text)) == text
    assert not safe(text).startswith(tuple("=＝+-@\t\r"))


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_a_second_import_adds_nothing(suffix: str, store: Store, tmp_path: Path) -> None:
    path = tmp_path / f"out.{suffix}"
    store.posts.record(POSTS)
    write_file(path, stored(store))
    before = (stored(store), store.tasks.backlog("score"), store.tasks.backlog("judge"))
    tally, _ = brought_in(store, path)
    assert (tally.new, tally.known, tally.counted) == (0, len(POSTS), 0)
    assert (stored(store), store.tasks.backlog("score"), store.tasks.backlog("judge")) == before


def test_a_score_is_exported_and_not_imported(store: Store, tmp_path: Path) -> None:
    """Whoever takes the posts over judges them with his own model."""
    store.posts.record(POSTS[:1])
    store.posts.add_scores([negative()])
    write_file(tmp_path / "out.csv", stored(store))
    assert "negative" in (tmp_path / "out.csv").read_text("utf-8-sig")
    with SqliteStore(tmp_path / "second.db") as second:
        brought_in(second, tmp_path / "out.csv")
        assert stored(second)[0].score is None


def test_excel_holds_texts_and_no_formula(store: Store, tmp_path: Path) -> None:
    store.posts.record(POSTS)
    write_file(tmp_path / "out.xlsx", stored(store))
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "b", "inlineStr"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_a_text_too_long_for_excel_is_cut_and_marked(store: Store, tmp_path: Path) -> None:
    store.posts.record([Observation(mention(text="长" * 40_000))])
    assert write_file(tmp_path / "out.xlsx", stored(store)).cut == 1
    with SqliteStore(tmp_path / "second.db") as second:
        brought_in(second, tmp_path / "out.xlsx")
        found = stored(second)[0].mention
    assert (len(found.text), found.text[-1], found.truncated) == (MOST_CHARACTERS, "…", True)


def test_excel_counts_an_emoji_twice() -> None:
    assert len(excel_text("😡" * 20_000).encode("utf-16-le")) <= 2 * MOST_CHARACTERS


def test_a_full_sheet_is_followed_by_another_and_all_are_read(store: Store, tmp_path: Path) -> None:
    writer = ExcelWriter(tmp_path / "out.xlsx", rows_a_sheet=3)
    for n in range(5):
        writer.write(Found(mention(f"weibo:{n}"), None, None))
    writer.close()
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames == ["mentions", "mentions-2", "mentions-3"]
    tally, _ = brought_in(store, tmp_path / "out.xlsx")
    assert tally.new == 5


def test_an_export_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")

    def broken() -> object:
        yield Found(mention(), None, None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_file(tmp_path / "out.csv", broken())  # type: ignore[arg-type]
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("out.csv", "old")]


def test_newer_counts_of_a_known_post_are_added_once(store: Store, tmp_path: Path) -> None:
    store.posts.record(POSTS[:1])
    later = Found(
        mention(text="另一段文字", author=BIG_V),
        counts(at=POSTS[0].mention.first_seen + minutes(60), reposts=9),
        None,
    )
    write_file(tmp_path / "out.jsonl", [later])
    assert [brought_in(store, tmp_path / "out.jsonl")[0].counted for _ in range(2)] == [1, 0]
    (found,) = stored(store)
    assert (found.engagement and found.engagement.reposts, found.mention.text) == (9, "星河手机电池鼓包")


def test_rows_of_an_erased_author_are_counted_apart(store: Store, tmp_path: Path) -> None:
    mine = [Found(mention(f"weibo:{n}", author=BIG_V), counts(f"weibo:{n}"), None) for n in (1, 2, 2)]
    write_file(tmp_path / "out.jsonl", [*mine, *(Found(mention(f"weibo:{n}"), None, None) for n in (3, 4))])
    store.posts.record([Observation(mention("weibo:4"))])
    store.life.erase(Erasure("weibo", BIG_V.id, NOW), now=NOW)
    tally, _ = brought_in(store, tmp_path / "out.jsonl")
    assert (tally.new, tally.known, tally.refused) == (1, 1, 3)


def test_an_import_that_was_interrupted_is_started_again_and_does_the_rest(store: Store, tmp_path: Path) -> None:
    write_file(
        tmp_path / "out.jsonl", (Found(mention(f"weibo:{n}"), counts(f"weibo:{n}"), None) for n in range(2_500))
    )

    def killed_at(row: int) -> Iterator[Arrived | Bad]:
        opened = OpenedFile(tmp_path / "out.jsonl")
        yield from islice(became(opened, becoming(opened.mapping)), row)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(store.posts, killed_at(1_700), lambda _bad: None)
    tally, _ = brought_in(store, tmp_path / "out.jsonl")
    assert (tally.new, tally.known) == (1_500, 1_000)
    assert store.posts.count(Search()) == 2_500


def test_columns_are_the_documented_ones() -> None:
    assert COLUMNS[:6] == ("id", "platform", "source", "brands", "published", "first_seen")
