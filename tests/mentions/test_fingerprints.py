"""When two texts are the same, and when they are too short to tell."""

import lzma
import random
from pathlib import Path

import pytest

from mentions.fingerprints import BLOCKS, LEAST, blocks, distance, fingerprint, letters

POST = (
    "我的星河手机用了不到三个月，充电的时候烫得不敢拿，昨天晚上电池鼓起来把后盖都顶开了！打了四个电话客服都说让我等通知，"
    "售后说要自己承担运费，官网的退款到现在也没有到账，希望能给一个说法。"
)

PINNED = -2227347768799518394
"""Of POST, as it was when the schema step was released."""


def bits(text: str) -> int:
    made = fingerprint(text)
    assert made is not None
    return made.bits


def same(one: str, other: str) -> bool:
    first, second = fingerprint(one), fingerprint(other)
    return first is not None and second is not None and distance(first.bits, second.bits) <= second.within


@pytest.mark.parametrize(
    "copy",
    [
        POST.replace("，", " ").replace("。", "[怒][怒]😡"),
        POST.translate(str.maketrans("时个们电", "時個們電")),
        f"#{POST[:6]}#{POST[6:]} http://t.cn/A6xyz @星河客服 //@别人:不相干的话",
        POST + "\u200b",
    ],
    ids=["punctuation and emoji", "traditional", "marks, address, name and chain", "zero width"],
)
def test_what_is_only_drawn_otherwise_is_the_same_to_the_bit(copy: str) -> None:
    assert bits(copy) == bits(POST)


@pytest.mark.parametrize("copy", ["转发：" + POST, POST.replace("三个月", "两个月"), POST + "扩散"])
def test_a_small_change_is_a_small_distance(copy: str) -> None:
    assert 0 < distance(bits(copy), bits(POST)) <= 6
    assert same(copy, POST)


def test_another_complaint_about_the_same_phone_is_another_post() -> None:
    other = (
        "星河手机的屏幕又碎了，去门店问了三次都说没有配件，让我再等两个星期，"
        "这样的服务态度真的是第一次遇到，再也不会买了。"
    )
    assert not same(other, POST)
    assert distance(bits(other), bits(POST)) > 15


def test_laughing_for_long_is_no_likeness() -> None:
    """Pairs count once: as often as they stand, 哈哈 alone would decide."""
    one = "英国首相的父亲不顾禁令又去酒吧喝酒了" + "哈" * 60
    other = "放着好好的假期作业不写跑来看热搜的我" + "哈" * 50
    assert not same(one, other)


@pytest.mark.parametrize(
    "text", ["", "转发微博", "武汉加油中国加油", "哈" * 500, "//@星河:" + POST, "http://t.cn/" + "a" * 90]
)
def test_what_says_too_little_has_no_fingerprint(text: str) -> None:
    assert fingerprint(text) is None


def test_the_least_is_counted_in_different_pairs() -> None:
    distinct = "".join(map(chr, range(0x4E00, 0x4E00 + LEAST + 1)))
    assert fingerprint(distinct) is not None
    assert fingerprint(distinct[:-1]) is None


def test_it_is_what_both_databases_hold_and_never_changes() -> None:
    """Stored fingerprints are compared with those of tomorrow: another algorithm needs another schema step."""
    assert bits(POST) == PINNED
    assert all(-(2**63) <= bits(POST + str(n)) < 2**63 for n in range(50))


def test_three_different_bits_leave_one_block_as_it_was() -> None:
    chance = random.Random(1)
    for _ in range(500):
        one = chance.getrandbits(64) - 2**63
        other = one
        for place in chance.sample(range(63), 3):
            other ^= 1 << place
        assert distance(one, other) == 3
        assert any(a == b for a, b in zip(blocks(one), blocks(other), strict=True))
    assert len(blocks(-1)) == BLOCKS
    assert set(blocks(-1)) == {65535}


@pytest.mark.parametrize("text", ["\ud83d" * 100, "\0" * 100, "a" * 100_000, "𠀀" * 40 + POST])
def test_whatever_a_site_sends_is_only_text(text: str) -> None:
    fingerprint(text)


def test_real_posts_are_rarely_taken_for_others(shared_data: Path) -> None:
    """Of real posts without duplicates, hardly two are near that do not share most of their pairs."""
    with lzma.open(shared_data / "sentiment" / "weibo_unlabelled.txt.xz", "rt", encoding="utf-8") as file:
        texts = [next(file) for _ in range(4000)]
    known: dict[tuple[int, int], list[tuple[str, int]]] = {}
    wrong = looked = 0
    for text in texts:
        made = fingerprint(text)
        if made is None:
            continue
        looked += 1
        for place, block in enumerate(blocks(made.bits)):
            for other, hashed in known.get((place, block), ()):
                wrong += distance(made.bits, hashed) <= made.within and likeness(text, other) < 0.5
            known.setdefault((place, block), []).append((text, made.bits))
    assert looked > 1000
    assert wrong <= looked // 100


def likeness(one: str, other: str) -> float:
    pairs = [{kept[i : i + 2] for i in range(len(kept) - 1)} for kept in (letters(one), letters(other))]
    return len(pairs[0] & pairs[1]) / len(pairs[0] | pairs[1])
