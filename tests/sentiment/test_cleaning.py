import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.cleaning import LONGEST, clean


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("太差了", "太差了"),
        ("太差了！//@李四:还行//@王五:转", "太差了!"),
        ("太差了 // @李四：还行", "太差了"),
        ("//@李四:太差了", ""),
        ("转发微博", ""),
        ("轉發微博", ""),
        ("转发微博😡", "转发微博😡"),
        ("转发", ""),
        ("转！", ""),
        ("Repost//@李四:太差了", ""),
        ("分享图片 http://t.cn/A6x9", ""),
        ("快转发给你的朋友", "快转发给你的朋友"),
        ("@小米手机 @雷军", ""),
        ("@小米手机 屏幕碎了", "屏幕碎了"),
        ("谢谢@小米手机:屏幕碎了", "谢谢 屏幕碎了"),
        ("写信到 a@b.com", "写信到 a@b.com"),
        ("回复@李四：你说得对", "你说得对"),
        ("回复 @李四:转发微博", ""),
        ("气死了[怒][怒]", "气死了[怒][怒]"),
        ("😡❤\ufe0f", "😡❤"),
        ("#小米起火# 怎么回事", "小米起火 怎么回事"),
        ("看这里http://t.cn/A6x9，太差", "看这里 太差"),
        ("看这里 O网页链接", "看这里"),
        ("网页链接", ""),
        ("起火的经过是这样的...全文", "起火的经过是这样的"),
        ("起火的经过是这样的… 展开全文c", "起火的经过是这样的"),
        ("起火的经过 展开c", "起火的经过"),
        ("起火的经过 收起d", "起火的经过"),
        ("请看全文", "请看全文"),
        ("讨论就此展开", "讨论就此展开"),
        ("ＸＭ很爛\u200b！", "xm很烂!"),
        ("一\n\n二\u3000三", "一 二 三"),
        ("半\ud83d", "半\ufffd"),
        ("//周末愉快", "//周末愉快"),
        (" \n", ""),
        ("", ""),
    ],
)
def test_what_is_said(post: str, said: str) -> None:
    assert clean(post) == said


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_said_can_be_stored_and_stands_on_one_line(post: str) -> None:
    said = clean(post)
    said.encode()
    assert said == " ".join(said.split())


@pytest.mark.parametrize("piece", ["差", "转", "@", " ", "#", "...", "http://", "展开", "//", "\u200b"])
def test_a_post_of_ten_million_characters_is_cut(piece: str) -> None:
    started = time.process_time()
    assert len(clean(piece * (10_000_000 // len(piece)))) <= LONGEST
    assert time.process_time() - started < 1
