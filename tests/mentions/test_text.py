import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.text import fold, scrub

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＯＰＰＯ　Ｒ１７！", "oppo r17!"),
        ("蘋果手機", "苹果手机"),
        ("Xiaomi SU7", "xiaomi su7"),
        ("小\u200b米\ufeff", "小米"),
        ("小\x00米\x07", "小米"),
        ("小米\r\n手机\u3000好", "小米  手机 好"),
        ("❤\ufe0f", "❤"),
        ("①㍿ﾊﾟ", "1株式会社パ"),
        ("は\u3099", "ば"),
        ("e\u0301", "é"),
        ("Straße", "strasse"),
        ("\u0390ǰ", "\u0390ǰ"),
        ("ᾼͅ", "αιι"),
        ("半\ud83d", "半\ufffd"),
        ("𠮷野家", "𠮷野家"),
        ("", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(
    st.text(
        st.characters(categories=["Mn", "Lu", "Lt"]) | st.sampled_from("\u0390\u03b0ǰẖẗẘẙŉᾳᾼͅ한\u1100\u1161が"),
        max_size=6,
    )
)
def test_folding_letters_with_marks_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_any_one_character_twice_changes_nothing() -> None:
    every = (chr(code) for code in range(0x110000))
    assert [char for char in every if fold(fold(char)) != fold(char)] == []


@given(ANY_TEXT)
def test_folded_text_is_nfkc_and_can_be_stored(text: str) -> None:
    folded = fold(text)
    assert unicodedata.is_normalized("NFKC", folded)
    assert scrub(folded) == folded


@given(st.text(st.characters(categories=["Lo"], max_codepoint=0x9FFF)), st.text("乾隆皇后著作髮發台臺"))
def test_a_word_folds_alone_as_it_does_inside_a_sentence(before: str, word: str) -> None:
    assert fold(word) in fold(f"{before}。{word}")


@pytest.mark.parametrize(
    ("broken", "stored"),
    [
        ("半\ud83d", "半\ufffd"),
        ("\ude00半", "\ufffd半"),
        ("\ud83d\ude00", "😀"),
        ("a\0b", "ab"),
        ("小\0米", "小米"),
        ("小米\u200b", "小米\u200b"),
    ],
)
def test_scrub(broken: str, stored: str) -> None:
    assert scrub(broken) == stored


@given(ANY_TEXT)
def test_scrubbed_text_can_be_encoded(text: str) -> None:
    assert "\0" not in scrub(text)
    scrub(text).encode()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whole_text_is_left_alone(text: str) -> None:
    assert scrub(text) == text
