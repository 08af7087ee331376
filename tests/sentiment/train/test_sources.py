"""Examples from a data folder, and our labels on its texts."""

import csv
import json
import lzma
from pathlib import Path

import pytest

from sentiment.train import labels
from sentiment.train.sources import Data, DataMissing


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    """A folder of the shape that the recipe knows, and labels on two of its texts."""
    for folder in ("sentiment", "cascades", "labels"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "sentiment/weibo_comments_train.csv", "text,label,hard,event", ["客服太差,negative,0,e1"])
    post = "起火了,negative,safety,甲,3,1,e2"
    write(tmp_path / "sentiment/weibo_posts_train.csv", "text,label,category,org,severity,hard,event", [post])
    corpora = [
        "shop_书籍,train,positive,好书",
        "shop_书籍,dev,negative,坏书",
        "smp_usual,train,neutral,今天周一[哈哈]",
    ]
    with lzma.open(tmp_path / "sentiment/corpora.csv.xz", "wt", encoding="utf-8") as file:
        file.write("\n".join(["src,split,label,text", *corpora]))
    with lzma.open(tmp_path / "sentiment/weibo_unlabelled.txt.xz", "wt", encoding="utf-8") as file:
        file.write("小米比华为耐用\n")
    with lzma.open(tmp_path / "cascades/cascades_dev.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": "原帖", "reposts": [[1, "u", -1, "假的吧 //@某人:真的"]]}))
    comment, said = labels.key("假的吧"), labels.key("小米比华为耐用")
    write(tmp_path / "labels/comments.csv", "key,label,torn,second", [f"{comment},neutral,1,"])
    write(tmp_path / "labels/posts.csv", "key,label,category,severity", [])
    stances = [f"{said},小米,positive,1", f"{said},华为,negative,1"]
    write(tmp_path / "labels/brands.csv", "key,brand,stance,subject", stances)
    monkeypatch.setattr(labels, "FOLDER", tmp_path / "labels")
    return Data(tmp_path)


def write(path: Path, head: str, rows: list[str]) -> None:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def test_what_is_for_development_tests_is_not_learned(data: Data) -> None:
    assert "坏书" not in {example.text for example in data.examples()}


def test_a_source_without_neutral_says_so(data: Data) -> None:
    binary = {example.text: example.binary for example in data.examples()}
    assert (binary["好书"], binary["今天周一[哈哈]"]) == (True, False)


def test_a_label_of_ours_finds_its_text_and_a_torn_one_teaches_less(data: Data) -> None:
    [ours] = [example for example in data.examples() if example.source == "our comments"]
    assert (ours.text, ours.label) == ("假的吧", 1)
    assert ours.sure < 0.9


def test_a_text_is_read_for_each_brand_that_it_names(data: Data) -> None:
    assert [(e.brand, e.stance) for e in data.examples() if e.brand] == [("小米", 2), ("华为", 0)]


def test_a_post_has_category_and_severity(data: Data) -> None:
    [post] = [example for example in data.examples() if example.source == "given posts"]
    assert (post.category, post.severity) == (0, 3)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"weibo_comments_train\.csv is not there"):
        Data(tmp_path).examples()


def test_our_labels_hold_no_texts_and_each_key_once() -> None:
    for name in ("comments", "posts"):
        with (labels.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            keys = [row["key"] for row in csv.DictReader(file)]
        assert len(keys) == len(set(keys)) > 1_000
        assert all(len(key) == labels.DIGITS and set(key) <= set("0123456789abcdef") for key in keys)
