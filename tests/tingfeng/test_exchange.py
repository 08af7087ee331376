"""`import`, `export` and the files of `search`, as whoever types them sees them."""

import ast
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from mentions import exchange
from mentions.erasures import Erasure
from mentions.exchange.writing import write_file
from mentions.posts import Found
from mentions.sqlite import SqliteStore
from mentions.tasks import SCORE
from tests.making import BIG_V, NOW, mention, negative, seen
from tests.mentions.exchange.arranging import csv_file, mentions
from tingfeng.cli import main
from tingfeng.cli.common import LOCALES

EXCHANGE = Path(exchange.__file__).parent

CONFIG = """
brands: {星河: {}}
sources: {feed: {type: rss, feeds: ["http://127.0.0.1:9/feed.xml"]}}
channels: {console: {type: console}}
rules: {any: {type: post, title: 有负面, severity: yellow, when: score.label == "negative"}}
store: store.db
"""
ROWS = [
    ["text", "url", "published"],
    ["星河手机鼓包", "https://a.test/1", "2026-11-21 12:30"],
    ["", "", ""],
    ["坏", "", "昨天"],
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def run(config: Path, *arguments: str | Path) -> int:
    return main([*map(str, arguments), "-c", str(config)])


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_import_says_what_it_did(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv_file(config.parent / "posts.csv", ROWS)
    assert run(config, "import", file) == 0
    printed = capsys.readouterr().out
    assert "2 行：新增 1，已有 0，搁置 1" in printed
    assert "  4: published：'昨天' 不是能识别的时间" in printed
    assert "posts.rejected.csv" in printed
    with SqliteStore(config.parent / "store.db") as store:
        assert [m.brands for m in mentions(store)] == [("星河",)]
        assert store.tasks.backlog(SCORE).waiting == 1


def test_rejected_rows_can_be_mended_and_imported(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv_file(config.parent / "posts.csv", [ROWS[0], ["=坏", "", "昨天"]])
    assert run(config, "import", file, "--json") == 1
    told = said(capsys)
    assert (told["bad"], told["first_bad"][0]["line"]) == (1, 2)
    rejected = Path(told["rejected"])
    with rejected.open(encoding="utf-8-sig", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["_line"], row["text"], row["published"]) == ("2", "'=坏", "昨天")
    rejected.write_text(rejected.read_text("utf-8-sig").replace("昨天", "2026-11-20"), encoding="utf-8")
    assert run(config, "import", rejected) == 0
    with SqliteStore(config.parent / "store.db") as store:
        assert [m.text for m in mentions(store)] == ["=坏"]


def test_a_mended_file_is_never_written_over(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv_file(config.parent / "posts.csv", ROWS)
    mended = config.parent / "posts.rejected.csv"
    run(config, "import", file)
    mended.write_text("改好了", encoding="utf-8")
    capsys.readouterr()
    for _ in range(2):
        run(config, "import", file)
        printed = capsys.readouterr().out.replace("\n", "")
        assert f"{mended} 已有其他行，保持原样" in printed
        assert "posts.rejected-2.csv：改好后可再导入" in printed
    assert mended.read_text("utf-8") == "改好了"
    assert sorted(path.name for path in config.parent.glob("*rejected*")) == [
        "posts.rejected-2.csv",
        "posts.rejected.csv",
    ]


def test_the_same_rejected_rows_leave_their_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, rejected = csv_file(config.parent / "posts.csv", ROWS), config.parent / "aside.csv"
    for _ in range(2):
        run(config, "import", file, "--rejected", rejected, "--json")
        assert said(capsys)["rejected"] == str(rejected)
    assert [path.name for path in config.parent.glob("aside*")] == ["aside.csv"]


def test_a_rejected_row_says_why_in_the_readers_language(config: Path) -> None:
    run(config, "import", csv_file(config.parent / "posts.csv", ROWS))
    assert "'昨天' 不是能识别的时间" in (config.parent / "posts.rejected.csv").read_text("utf-8-sig")


def test_every_reason_is_translated() -> None:
    reasons = {text for path in EXCHANGE.glob("*.py") for text in reasons_in(path)}
    assert {"{field}: {value} is no count", "it is no JSON"} <= reasons
    with (LOCALES / "zh_CN.po").open("rb") as file:
        translated = {str(m.id): str(m.string) for m in read_po(file)}
    assert {text for text in reasons if not translated.get(text)} == set()


def reasons_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Reason", "BadRow"}:
            asked = node.args[0]
            if isinstance(asked, ast.Constant):
                yield str(asked.value)


def test_rows_of_an_erased_author_are_said_apart(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        write_file(config.parent / "out.jsonl", [Found(mention(author=BIG_V), None, None)])
        store.life.erase(Erasure("weibo", BIG_V.id, NOW), now=NOW)
    assert run(config, "import", config.parent / "out.jsonl") == 0
    printed = capsys.readouterr().out
    assert "1 行：新增 0，已有 0，搁置 0" in printed
    assert "1 行未存入：作者已被删除" in printed
    run(config, "import", config.parent / "out.jsonl", "--json")
    assert said(capsys)["refused"] == 1


def test_a_dry_run_shows_and_stores_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "import", csv_file(config.parent / "posts.csv", ROWS), "--dry-run", "--brand", "银河") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["brands"], first["published"]) == (["银河", "星河"], "2026-11-21T04:30:00Z")
    assert second["line"] == 4
    assert not (config.parent / "store.db").exists()
    assert not (config.parent / "posts.rejected.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "posts.csv"], "in no shape that is known. Its columns are: 姓名, 电话."),
        (["import", "nothing.csv"], "is not there"),
        (["import", "rand.csv.gz"], "rand.csv.gz is no gzip file, though its name ends in .gz.\n"),
        (["import", "posts.csv", "--mapping", "sina"], "There is no mapping 'sina'"),
        (["import", "posts.csv", "--encoding", "klingon"], "there is no encoding 'klingon'"),
        (["export"], "say either FILE"),
        (["export", "out.doc"], "told by the name"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str],
    sentence: str,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(config.parent)
    csv_file(config.parent / "posts.csv", [["姓名", "电话"], ["张三", "1"]])
    (config.parent / "rand.csv.gz").write_bytes(b"no gzip at all")
    assert run(config, *arguments) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl.gz", "out.xlsx"])
def test_what_one_tingfeng_exports_another_imports(
    name: str, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(f"weibo:{n}", author=BIG_V), reposts=n) for n in range(3)])
        before = mentions(store)
    assert run(config, "export", tmp_path / name) == 0
    assert "导出 3 条" in capsys.readouterr().out
    (config.parent / "store.db").rename(tmp_path / "old.db")
    assert run(config, "import", tmp_path / name) == 0
    with SqliteStore(config.parent / "store.db") as store:
        assert mentions(store) == before


def test_an_export_holds_what_was_asked_for(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention("weibo:1")), seen(mention("v2ex:2", brands=("银河",)))])
        store.posts.add_scores([negative()])
    for option, wanted in (("--brand", "银河"), ("--platform", "v2ex"), ("--since", "2027-01-01")):
        assert run(config, "export", config.parent / "out.jsonl", option, wanted, "--json") == 0
        assert list(said(capsys)["files"].values()) == [0 if option == "--since" else 1]
    assert run(config, "export", config.parent / "out.csv", "--min-negativity", "0.9", "--json") == 0
    assert list(said(capsys)["files"].values()) == [1]


def test_parquet_is_written_by_month(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention())])
    assert run(config, "export", "--parquet", config.parent / "lake", "--json") == 0
    assert [Path(name).name for name in said(capsys)["files"]] == ["mentions-2026-11.parquet"]


def test_search_writes_excel(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SqliteStore(config.parent / "store.db") as store:
        store.posts.record([seen(mention(text="长" * 40_000))])
    assert run(config, "search", "--xlsx", config.parent / "out.xlsx") == 0
    assert "32,767" in capsys.readouterr().err
    assert (config.parent / "out.xlsx").read_bytes().startswith(b"PK")


def test_a_row_claims_a_source_of_ours_only_where_that_one_knows_its_address(tmp_path: Path) -> None:
    """A source looks again at what is its own: nobody else may say what that is."""
    config = tmp_path / "config.yaml"
    forum = "forum: {type: discuz, base_url: 'https://bbs.test', forums: [2]}"
    config.write_text(CONFIG.replace("sources: {", f"sources: {{{forum}, v: {{type: v2ex}}, "), encoding="utf-8")
    made = {"platform": "discuz", "text": "星河手机鼓包", "published": "2026-11-21T11:58:00Z"}
    rows = [
        made | {"id": "v2ex:7", "platform": "v2ex", "source": "v", "url": "https://evil.test/7"},
        made | {"id": "v2ex:8", "platform": "v2ex", "source": "v", "url": "https://www.v2ex.com/t/8"},
        made | {"id": "discuz:bbs.test:9", "source": "feed", "url": "https://bbs.test/thread-7-1-1.html"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text(
        "\n".join(json.dumps(row | {"first_seen": row["published"]}) for row in rows), encoding="utf-8"
    )
    assert run(config, "import", file) == 0
    with SqliteStore(tmp_path / "store.db") as store:
        found = store.posts.get([str(row["id"]) for row in rows])
    assert [found[str(row["id"])].mention.source for row in rows] == ["import", "v", "feed"]
