import re
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mentions.bigrams import index_text, match_query
from mentions.text import fold

TOKENIZE = "unicode61 remove_diacritics 0 categories 'L* N* Co So'"


class Index:
    """A real FTS5 table in memory."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(f'CREATE VIRTUAL TABLE t USING fts5(words, tokenize="{TOKENIZE}")')

    def finds(self, query: str, text: str) -> bool:
        self.db.execute("DELETE FROM t")
        self.db.execute("INSERT INTO t VALUES (?)", (index_text(text),))
        return bool(self.db.execute("SELECT 1 FROM t WHERE t MATCH ?", (match_query(query),)).fetchall())


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    made = Index()
    yield made
    made.db.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("小米手机", "小 小米 米手 手机 机"),
        ("米", "米 米"),
        ("買X9手机", "买 买 x 9 手 手机 机"),
        ("Mate60，很好", "mate 60 很 很好 好"),
        ("好😀😀👍🏽", "好 好 😀 😀 👍"),
        ("café ﾊﾟｿ", "café パ パソ ソ"),
        ("！？ \ufffd_", ""),
    ],
)
def test_index(text: str, words: str) -> None:
    assert index_text(text).split() == words.split()


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("小米手机", '"小米 米手 手机"'),
        ("小米 汽車", '"小米" "汽车"'),
        ("米", '"米" *'),
        ("X9手", '"x 9 手" *'),
        ("华为Mate", '"华为 为 mate"'),
        ('a"b OR c*', '"a b" "or" "c"'),
        ("😡", '"😡"'),
        ("，！", ""),
        ("", ""),
    ],
)
def test_query(typed: str, expression: str) -> None:
    assert match_query(typed) == expression


WIDE = st.sampled_from("小米手机华为苹果菊厂髮發機𠮷𪚥\U00030000\U000323af々〇かなカナー한국어㐀龘")
PIECE = st.one_of(
    WIDE,
    WIDE,
    st.sampled_from(
        ["Mate", "X", "9", "60", "OPPO", "ＸＭ", "café", "Привет", "100", "は\u3099", "\u1100\u1161\u11a8"]
    ),
    st.sampled_from(["😡", "❤\ufe0f", "👍🏽", "🇨🇳", "👨\u200d👩\u200d👧"]),
    st.sampled_from(["，", " ", "。", '"', "*", "(", "-", "\n", "\u200b", "\ufffd", "'", "@", "#"]),
)
PIECES = st.lists(PIECE, min_size=1, max_size=20)
NOT_WIDE = re.compile(r"[A-Za-z\dＸＭéа-яП\u200b]+")


@given(PIECES, st.data())
def test_every_part_of_a_text_finds_it(index: Index, pieces: list[str], data: st.DataObject) -> None:
    """Recall is 1: any run of whole characters and whole Latin words is found, wherever it stands."""
    start = data.draw(st.integers(0, len(pieces) - 1))
    end = data.draw(st.integers(start + 1, len(pieces)))
    before, part, after = pieces[:start], pieces[start:end], pieces[end:]
    # A Latin word that went on beyond the part would be cut, and half a Latin word is not promised.
    if before and NOT_WIDE.fullmatch(before[-1] + part[0]):
        before.append(" ")
    if after and NOT_WIDE.fullmatch(part[-1] + after[0]):
        after.insert(0, " ")
    if match_query("".join(part)):
        assert index.finds("".join(part), "".join(before + part + after))


@given(st.text(WIDE, min_size=1, max_size=12), st.data())
@example("小米手机", None)
def test_every_part_of_a_chinese_run_finds_it(index: Index, run: str, data: st.DataObject | None) -> None:
    """One character is enough, at either end or in the middle."""
    start = data.draw(st.integers(0, len(run) - 1)) if data else 1
    end = data.draw(st.integers(start + 1, len(run))) if data else 2
    assert index.finds(run[start:end], run)


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_whatever_is_typed_is_valid_fts5(index: Index, typed: str) -> None:
    if match_query(typed):
        index.finds(typed, "小米")


@given(
    st.text(st.sampled_from("小米手机华"), min_size=1, max_size=8),
    st.text(st.sampled_from("小米手机华"), min_size=2, max_size=4),
)
def test_only_texts_with_the_word_are_found(index: Index, text: str, word: str) -> None:
    assert index.finds(word, text) == (word in text)


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_a_folded_text_has_the_same_words(text: str) -> None:
    assert index_text(text).split() == index_text(fold(text)).split()


def test_another_writing_finds_the_text(index: Index) -> None:
    assert index.finds("蘋果手機", "我的苹果手机坏了")
    assert index.finds("mate60", "新的Ｍａｔｅ 60")


def test_a_word_before_or_after_a_latin_one_is_found(index: Index) -> None:
    assert index.finds("米X", "大米X好")
    assert index.finds("X9手机", "买X9手机壳")
    assert index.finds("小米14", "小米14Ultra")


def test_words_are_all_required(index: Index) -> None:
    assert not index.finds("小米 起火", "小米手机很好")
