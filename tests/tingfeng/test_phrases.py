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
        "联系电话是138 1234 5678请尽快处理我的问题",
        "打这个：138-1234-5678一直有人接的",
        "邮箱zhangsan.wang@example.com小米不退钱",
        "写给zhangsan@xiaomi.com一直没有人回复",
        "本人张三在小米之家被店员推倒",
        "我女儿李梅梅手被烧伤了",
        "收货人赵六 上海市浦东新区张江路一直没收到",
        "收货人：\n赵六六上海浦东张江那边的仓库",
        "收货人\n赵六六上海浦东张江那边的仓库",
        "zhang san @ example.com给我回信吧谢谢",
        "１３８－１２３４－５６７８随时可以打",
        "车牌粤B12D45的小米SU7刹不住车",
        "粤B12D45那辆车刹不住车了",
        "订单号AB12 CD34 EF56到现在不发货",
        "一三八一二三四五六七八是我的号码",
        "壹叁捌壹贰叁肆打过去没有人接",
        "孩子在海淀实验二小三年级二班上学",
        "微信zhangsan1988加我详细说一下",
        "zhangsan1988欢迎大家来问我",
        "加QQ说吧我把视频都发给你",
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


def test_what_stands_beside_the_personal_is_looked_for() -> None:
    text = "手机充电时突然冒烟，联系电话是138 1234 5678，客服让我自己处理！本人张三\n退款到现在都没有到账"
    assert set(phrases(text, lambda _: 0)) == {"退款到现在都没有到账", "手机充电时突然冒烟"}


def test_a_long_text_without_an_end_is_read_at_once() -> None:
    for text in ("a" * 50_000, "1 " * 50_000, "a." * 50_000, "1a" * 50_000, "一 、" * 50_000, ": " * 50_000):
        assert phrases(text, lambda _: 0) in ([], [text[:LONGEST]])
