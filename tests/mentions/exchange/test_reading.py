"""Files as people send them: any encoding, broken lines, captions, and garbage."""

import gzip
import io
import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions.exchange import csvfile, jsonl
from mentions.exchange.encoding import encoding_of, judged
from mentions.exchange.failures import ExchangeError, NotReadable, NotRecognised
from mentions.exchange.importing import became
from mentions.exchange.reading import OpenedFile
from mentions.exchange.rows import Bad
from mentions.store import Store
from tests.mentions.exchange.arranging import becoming, brought_in, csv_file, json_file, mentions, stored

HEADER = ["id", "text", "url"]
ROWS = [HEADER, *([f"weibo:{n}", f"第{n}条：星河手机电池鼓包", ""] for n in range(1, 4))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str, store: Store, tmp_path: Path) -> None:
    tally, aside = brought_in(store, csv_file(tmp_path / "f.csv", ROWS, encoding, delimiter))
    assert (tally.new, aside) == (3, [])
    assert mentions(store)[0].text == "第1条：星河手机电池鼓包"


def test_a_late_broken_byte_spoils_its_row_only(store: Store, tmp_path: Path) -> None:
    lines = [b"id,text", *(f"weibo:{n},星河手机电池鼓包了，客服说没有问题".encode() for n in range(3_000))]
    lines[2_500] = lines[2_500][:20] + b"\xff" + lines[2_500][20:]
    (tmp_path / "f.csv").write_bytes(b"\n".join(lines))
    tally, (bad,) = brought_in(store, tmp_path / "f.csv")
    assert (tally.new, bad.number, str(bad.reason)) == (2_999, 2_501, "it holds bytes that are no utf-8")


def test_chinese_that_begins_late_is_still_judged(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(
        b"id,text\n" + b"weibo:1,plain\n" * 20_000 + "weibo:2,星河手机\n".encode("gbk")
    )
    assert encoding_of(tmp_path / "f.csv") == "gb18030"


def test_a_few_broken_bytes_are_no_other_encoding() -> None:
    assert judged("星河手机电池鼓包".encode() + b"\xff" + "客服".encode()) == "utf-8"
    assert judged("星河手机电池鼓包".encode("gbk")) == "gb18030"


def test_a_quote_that_is_never_closed_costs_its_own_line(store: Store, tmp_path: Path) -> None:
    lines = ["id,text,url", "weibo:1,好,", 'weibo:2,"坏,', "weibo:3,好,", '"weibo:4","两\n行",', "weibo:5,好,"]
    (tmp_path / "f.csv").write_text("\n".join(lines), encoding="utf-8")
    tally, aside = brought_in(store, tmp_path / "f.csv")
    assert [bad.number for bad in aside] == [3]
    assert [m.id for m in mentions(store)] == ["weibo:1", "weibo:3", "weibo:4", "weibo:5"]
    assert mentions(store)[2].text == "两\n行"
    assert tally.bad == 1


def test_rows_are_numbered_by_the_line_they_begin_on(store: Store, tmp_path: Path) -> None:
    rows = [HEADER, ["weibo:1", "一\n二\n三", ""], ["weibo:2", "", ""], ["weibo:3", "好", "", "多"], ["weibo:4"]]
    _, aside = brought_in(store, csv_file(tmp_path / "f.csv", rows))
    assert [(bad.number, str(bad.reason)) for bad in aside] == [
        (5, "there is neither text nor title"),
        (6, "it has 4 cells, the header has 3"),
        (7, "it has 1 cell, the header has 3"),
    ]


def test_a_line_without_end_is_one_bad_row(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfile, "LONGEST", 1_000)
    (tmp_path / "f.csv").write_text(f"id,text\nweibo:1,好\nweibo:2,{'长' * 5_000}\nweibo:3,好\n", encoding="utf-8")
    tally, (bad,) = brought_in(store, tmp_path / "f.csv")
    assert (tally.new, bad.number, str(bad.reason)) == (2, 3, "it is longer than 1,000 characters")


def test_a_caption_above_the_header_is_passed_over(store: Store, tmp_path: Path) -> None:
    tally, aside = brought_in(store, csv_file(tmp_path / "f.csv", [["舆情导出 2026-11-21"], [], *ROWS]))
    assert (tally.new, aside) == (3, [])


def test_bad_lines_of_json_are_set_aside(store: Store, tmp_path: Path) -> None:
    good = json.dumps(
        {"id": "weibo:1", "text": "好", "author": {"id": 7, "name": "甲"}, "engagement": {"likes": 3}}
    )
    half = '{"id": "weibo:2", "text": "\\ud83d 炸了"}'
    lines = [
        good,
        "{",
        "",
        "[1]",
        "\xff",
        "[" * 100_000,
        half,
        '{"id": "weibo:3", "text": {"a": 1}, "likes": "x"}',
    ]
    (tmp_path / "f.jsonl").write_bytes(
        b"\n".join(line.encode("latin-1" if line == "\xff" else "utf-8") for line in lines)
    )
    tally, aside = brought_in(store, tmp_path / "f.jsonl")
    assert [(bad.number, str(bad.reason)[:20]) for bad in aside] == [
        (2, "it is no JSON"),
        (4, "it is no JSON object"),
        (5, "it holds bytes that "),
        (6, "it is no JSON"),
        (8, "there is neither tex"),
    ]
    assert (tally.new, stored(store)[0].engagement.likes) == (2, 3)  # type: ignore[union-attr]


def test_a_json_line_without_end_is_one_bad_row(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "LONGEST", 1_000)
    json_file(tmp_path / "f.jsonl", [{"id": f"weibo:{n}", "text": "长" * n} for n in (1, 5_000, 2)])
    tally, (bad,) = brought_in(store, tmp_path / "f.jsonl")
    assert (tally.new, bad.number) == (2, 2)


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Written as Excel writes it, with shared texts and dates in cells."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/m/d h:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def test_excel_dates_numbers_and_shared_texts_are_read(store: Store, tmp_path: Path) -> None:
    header: list[object] = ["text", "url", "published", "reposts", "comments"]
    rows: list[list[object]] = [header, ["好", "https://a.test/1", datetime(2026, 11, 21, 12, 30), 12.0, "1.2万+"]]  # noqa: DTZ001
    brought_in(store, workbook(tmp_path / "f.xlsx", {"说明": [["请看下一页"]], "数据": rows, "数据2": rows[:1]}))
    (found,) = stored(store)
    assert found.mention.published == datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    assert found.engagement is not None
    assert (found.engagement.reposts, found.engagement.comments) == (12, 12_000)
    assert found.engagement.at_least == {"comments"}


def test_a_sheet_with_other_columns_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"数据": [["id", "text"], ["weibo:1", "好"]], "统计": [["平台", "数量"]]})
    opened = OpenedFile(path)
    assert len(list(opened)) == 1
    assert opened.skipped == ["统计"]


def test_rows_that_openpyxl_wrote_are_read_too(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in ROWS:
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    assert brought_in(store, tmp_path / "f.xlsx")[0].new == 3


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return made.getvalue()


def whole_workbook() -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    sheet = book.add_worksheet()
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    book.close()
    return made.getvalue()


WHOLE = {
    "f.csv": "\n".join(",".join(row) for row in ROWS).encode(),
    "f.jsonl": b'{"id": "weibo:1", "text": "x", "author": {"id": 7}, "engagement": {"likes": "1"}}\n' * 2,
    "f.xlsx": whole_workbook(),
}
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Types>&b;</Types>'
GARBAGE = {
    "empty.csv": (b"", "holds no rows"),
    "blank.jsonl": (b"\n\n", "holds no rows"),
    "noise.csv": (bytes(range(256)) * 40, "in no shape that is known"),
    "zip.csv": (zipped(a=b"1"), "holds no rows that can be read: line 1: it holds bytes that are no"),
    "other.csv": ("姓名,电话\n张三,1\n".encode(), "Its columns are: 姓名, 电话. Needed are text and one of id"),
    "array.jsonl": (b'[\n{"id": "weibo:1"}\n]', "one JSON array"),
    "text.xlsx": (b"id,text\nweibo:1,x\n", "no Excel workbook"),
    "cut.xlsx": (zipped(a=b"1" * 1000)[:100], "no Excel workbook"),
    "other.xlsx": (zipped(a=b"1"), "no Excel workbook"),
    "old.xlsx": (b"\xd0\xcf\x11\xe0" + bytes(600), "Excel 97"),
    "old.xls": (b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .xlsx"),
    "bomb.xlsx": (zipped(xl__styles=b" " * 20_000_000), "is refused"),
    "sheet.xlsx": (zipped(xl__worksheets__sheet1=b" " * 60_000_000), "is refused"),
    "posts.pdf": (b"%PDF", "told by the name"),
    "packed.csv.gz": (b"no gzip", "is no gzip file, though its name ends in .gz."),
    "cut.csv.gz": (gzip.compress(b"id,text\n" + b"weibo:1,x\n" * 9)[:-12], "broken or cut off"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_one_clear_sentence(name: str, store: Store, tmp_path: Path) -> None:
    content, said = GARBAGE[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExchangeError) as told:
        brought_in(store, tmp_path / name)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_entities_in_excel_are_not_followed(tmp_path: Path) -> None:
    """Ten lines of XML can unpack to gigabytes."""
    good = workbook(tmp_path / "good.xlsx", {"数据": [["id", "text"], ["weibo:1", "好"]]})
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"):
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(tmp_path / "f.xlsx", "w") as new:
            for name in old.namelist():
                new.writestr(name, LAUGHS if name == part else old.read(name))
        with pytest.raises(NotReadable, match=r"no Excel workbook|holds no rows"):
            list(OpenedFile(tmp_path / "f.xlsx"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="is not there"):
        OpenedFile(tmp_path / "f.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(NotReadable, match="is no file"):
        OpenedFile(tmp_path / "d.csv")


def test_columns_of_several_mappings_ask_for_one(tmp_path: Path) -> None:
    header = ["标题", "链接", "发布者", "发布时间", "原文链接", "来源网站"]
    with pytest.raises(NotRecognised, match="--mapping civiw or qingbo"):
        OpenedFile(csv_file(tmp_path / "f.csv", [header, ["a"] * 6]))


def test_what_stands_before_a_broken_place_is_brought_in(store: Store, tmp_path: Path) -> None:
    noise = random.Random(1)
    rows = (f"weibo:{n},星河{noise.getrandbits(400):x}\n" for n in range(3_000))
    packed = gzip.compress("".join(["id,text\n", *rows]).encode())
    (tmp_path / "f.csv.gz").write_bytes(packed[:-30_000])
    with pytest.raises(
        NotReadable, match=r"cut off .* Before that place: \d{4} new posts, 0 known already\."
    ) as told:
        brought_in(store, tmp_path / "f.csv.gz")
    assert f" {len(mentions(store))} new posts" in str(told.value)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.integers(0, 10_000),
    bytes_there=st.binary(min_size=1, max_size=9),
    name=st.sampled_from(sorted(WHOLE)),
)
def test_no_bytes_make_a_reader_fail(where: int, bytes_there: bytes, name: str, tmp_path: Path) -> None:
    """A whole file of each format with some of its bytes written over."""
    content = bytearray(WHOLE[name])
    where %= len(content)
    content[where : where + len(bytes_there)] = bytes_there
    (tmp_path / name).write_bytes(content)
    try:
        opened = OpenedFile(tmp_path / name)
        list(became(opened, becoming(opened.mapping)))
    except ExchangeError as error:
        assert "\n" not in str(error)  # noqa: PT017 - not failing is the fact


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    rows = list(OpenedFile(csv_file(tmp_path / "f.csv", [*ROWS, [], ["", "", ""]])))
    assert len(rows) == 3
    assert not any(isinstance(row, Bad) for row in rows)
