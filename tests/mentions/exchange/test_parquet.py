"""Monthly Parquet: typed, and readable as docs/exchange.md says."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentions.exchange import parquet
from mentions.exchange.failures import NotWritable, ParquetMissing
from mentions.exchange.parquet import MonthlyParquet
from mentions.store import Store
from tests.making import BIG_V, mention, negative, seen
from tests.mentions.exchange.arranging import stored

DOCS = Path(__file__).parents[3] / "docs" / "exchange.md"
OCTOBER, NOVEMBER = "mentions-2026-10.parquet", "mentions-2026-11.parquet"


@pytest.fixture
def filled(store: Store) -> Store:
    before_midnight = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    store.posts.record([seen(mention("weibo:1", published=before_midnight, author=BIG_V), reposts=0, likes=7)])
    store.posts.record([seen(mention(f"weibo:{n}", brands=("星河", "银河"))) for n in range(2, 5)])
    store.posts.record([seen(mention("weibo:9", published=None))])
    store.posts.add_scores([negative()])
    return store


def test_a_month_is_a_file_of_typed_columns(filled: Store, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    assert MonthlyParquet(tmp_path / "lake").write(stored(filled)) == {OCTOBER: 1, NOVEMBER: 4}
    (row,) = pq.read_table(tmp_path / "lake" / OCTOBER).to_pylist()
    assert row["published"] == datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    assert (row["reposts"], row["comments"], row["author_followers"]) == (0, None, 1_200_000)
    assert (row["brands"], row["negative_words"], row["label"]) == (["星河"], ["鼓包"], "negative")
    codec = pq.ParquetFile(tmp_path / "lake" / OCTOBER).metadata.row_group(0).column(0).compression
    assert codec == "ZSTD"


def test_a_second_run_writes_the_same_files(filled: Store, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for _ in range(2):
        MonthlyParquet(tmp_path).write(stored(filled))
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".parquet") == [OCTOBER, NOVEMBER]
    assert not list(tmp_path.glob("*.part"))


def test_what_waits_is_bounded(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet, "BATCH", 1)
    monkeypatch.setattr(parquet, "HELD", 1)
    MonthlyParquet(tmp_path).write(stored(filled))
    assert pq.ParquetFile(tmp_path / NOVEMBER).metadata.num_row_groups == 4


def test_without_pyarrow_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ParquetMissing, match=r"pip install 'tingfeng\[parquet\]'"):
        MonthlyParquet(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="cannot be written"):
        MonthlyParquet(tmp_path / "file").write([])


def test_the_queries_of_the_documentation_run(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip(
        "duckdb", reason="duckdb is not installed: the queries of exchange.md were not run"
    )
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    MonthlyParquet(tmp_path / "lake").write(stored(filled))
    queries = re.findall(r"^```sql\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(queries) >= 3
    for query in queries:
        assert duckdb.sql(query).fetchall()


def test_every_column_of_parquet_is_documented() -> None:
    pytest.importorskip("pyarrow")
    text = DOCS.read_text(encoding="utf-8")
    assert {name for name in parquet.schema().names if f"`{name}`" not in text} == set()
