"""What a reader sees of an HTML fragment, and in which charset a page is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.reading.charset import decode
from crawlers.reading.html import to_text

CASES = {
    "没有标签": "没有标签",
    "a &lt; b&nbsp;c": "a < b c",
    "一<br />二<br>三": "一\n二\n三",
    "<p>段一</p><p>段二</p>": "段一\n段二",
    '<span class="url-icon"><img alt=[doge] src="x"></span>哈': "[doge]哈",
    '<img alt="风景照.jpg">图': "图",
    "<a href='/n/小明'>@小明</a> 你好": "@小明 你好",
    '<a href="/s"><span class="surl-text">#话题#</span></a>': "#话题#",
    "看\u200b不\ufeff见": "看不见",
    "👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧",
    "字<script>alert('x')</script><style>p{}</style>": "字",
    "源码\n换行<b>不算</b>": "源码 换行不算",
    "没有标签\n换行算": "没有标签\n换行算",
    "": "",
}


@pytest.mark.parametrize(("fragment", "expected"), CASES.items())
def test_fragment_becomes_text(fragment: str, expected: str) -> None:
    assert to_text(fragment) == expected


@given(st.text() | st.text(alphabet='<>&;/="abr![]- '))
def test_no_fragment_makes_it_fail(fragment: str) -> None:
    assert isinstance(to_text(fragment), str)


PAGE = "<html><meta charset={}><p>用了三天就死机，退货不给退，太差了</p>"


@pytest.mark.parametrize("written", ["utf-8", "gbk", "gb18030", "big5"])
@pytest.mark.parametrize("label", ["utf-8", "gbk", "iso-8859-1", "nonsense", None])
def test_page_is_read_whatever_its_label_says(written: str, label: str | None) -> None:
    """Big5 must say so: its bytes mean something in GBK too."""
    text = "<html><p>手機壞了</p>" if written == "big5" else PAGE.format(label or "x")
    said = "big5" if written == "big5" else label
    assert decode(text.encode(written), said) == text


def test_a_utf8_page_cut_in_the_middle_of_a_character_stays_utf8() -> None:
    assert decode(PAGE.format("utf-8").encode()[:-6]).startswith("<html><meta charset=utf-8><p>用了三天就死机")


@given(st.binary(), st.none() | st.text(max_size=12))
def test_no_bytes_make_it_fail(body: bytes, label: str | None) -> None:
    assert isinstance(decode(body, label), str)
