"""The words by which copies of a text are looked for."""

import pytest

from tingfeng.phrases import LONGEST, SHORTEST, phrases

TEXT = "昨天新买的手机充电时冒烟，客服让我自己处理！后盖整个顶开了 太让人失望，退款也没有"


def test_the_longest_clauses_are_taken_where_all_are_as_rare() -> None:
    assert phrases(TEXT, lambda _: 0) == ["后盖整个顶开了 太让人失望", "昨天新买的手机充电时冒烟"]


def test_a_clause_that_many_write_comes_last() -> None:
    often = {"昨天新买": 900, "后盖整个": 40}
    assert phrases(TEXT, lambda piece: often.get(piece, 0)) == ["客服让我自己处理", "后盖整个顶开了 太让人失望"]


@pytest.mark.parametrize(
    "text",
    [
        "打这个号码吧13800138000随时",
        "我叫王小明买了一台手机",
        "寄到幸福路12号3单元就行",
        "身份证都给他们看过了啊",
        "@某某品牌客服中心 https://t.cn/A6abcdefgh [吃瓜吃瓜吃瓜]",
        "转发微博//@小李:电池鼓包客服不理人",
        "太短，不行，真的。",
        "",
    ],
)
def test_what_is_personal_short_or_of_others_is_not_looked_for(text: str) -> None:
    assert phrases(text, lambda _: 0) == []


@pytest.mark.parametrize(
    "text", [TEXT * 9, "冒烟" * 900, "iphone 15 pro max burned my whole table", "𠮷野家的手机冒烟了" * 3]
)
def test_a_phrase_has_6_to_16_characters_and_no_half_word(text: str) -> None:
    found = phrases(text, lambda _: 0)
    assert 1 <= len(found) <= 2
    assert all(SHORTEST <= len(phrase) <= LONGEST and phrase in text for phrase in found)
    assert not any(phrase.endswith(("ma", "pr")) for phrase in found)
