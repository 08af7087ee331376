import time

import pytest

from mentions.brands import Brand, BrandMatcher

XIAOMI = Brand(
    "小米",
    aliases=("某米", "xm", "小米汽车", "雷军", "SU7", "🍚"),
    ambiguous=("小米",),
    context=("手机", "起火", "澎湃"),
    exclude=("小米粥", "小米辣", "小米椒"),
)
APPLE = Brand(
    "苹果", aliases=("iPhone", "库克"), ambiguous=("苹果",), context=("手机", "iOS"), exclude=("苹果汁",)
)
HUAWEI = Brand("华为", aliases=("菊厂", "hw", "余承东", "Mate 60"))
OPPO = Brand("OPPO", aliases=("绿厂",))


@pytest.fixture(scope="module")
def matcher() -> BrandMatcher:
    return BrandMatcher([XIAOMI, APPLE, HUAWEI, OPPO])


@pytest.mark.parametrize(
    ("text", "brands"),
    [
        ("小米的手机又起火了", "小米"),
        ("今天喝了小米", ""),
        ("早饭是小米粥，边喝边看手机", ""),
        ("小米辣炒肉起火", ""),
        ("一边喝小米粥一边骂小米手机", "小米"),
        ("某米又出事了", "小米"),
        ("xm这次完了", "小米"),
        ("XM!", "小米"),
        ("写一段xml", ""),
        ("axm_1", ""),
        ("这碗🍚真香", "小米"),
        ("雷军道歉", "小米"),
        ("雷軍道歉", "小米"),
        ("ＳＵ７刹不住", "小米"),
        ("苹果很甜", ""),
        ("苹果手机太卡", "苹果"),
        ("蘋果手機太卡", "苹果"),
        ("苹果汁洒在手机上", ""),
        ("我的iphone坏了", "苹果"),
        ("菊厂和绿厂", "华为 OPPO"),
        ("余承东说遥遥领先", "华为"),
        ("Mate 60", "华为"),
        ("Mate 600", ""),
        ("HW和oppo", "华为 OPPO"),
        ("OPPOR17", ""),
        ("华\u200b为", "华为"),
        ("oppo和小米手机", "小米 OPPO"),
        ("", ""),
    ],
)
def test_match(matcher: BrandMatcher, text: str, brands: str) -> None:
    assert matcher.match(text) == tuple(brands.split())


def test_the_name_alone_is_an_alias() -> None:
    assert BrandMatcher([Brand("海底捞")]).match("海底撈服务员") == ("海底捞",)


def test_context_inside_a_struck_out_phrase_does_not_count() -> None:
    brand = Brand("苹果", ambiguous=("苹果",), context=("手机",), exclude=("手机壳",))
    assert BrandMatcher([brand]).match("苹果味的手机壳") == ()


def test_a_phrase_struck_out_for_one_brand_counts_for_another() -> None:
    matcher = BrandMatcher([Brand("小米", exclude=("小米粥",)), Brand("粥铺", aliases=("小米粥",))])
    assert matcher.match("小米粥") == ("粥铺",)


def test_context_of_one_brand_says_nothing_of_another() -> None:
    other = Brand("山姆", ambiguous=("山姆",), context=("会员",))
    assert BrandMatcher([APPLE, other]).match("山姆的苹果，会员价") == ("山姆",)


def test_a_name_that_sticks_out_of_a_struck_out_phrase_is_struck_out_too() -> None:
    brand = Brand("小米", aliases=("粥小米",), ambiguous=("小米",), exclude=("小米粥", "米粥小"))
    assert BrandMatcher([brand]).match("小米粥小米") == ()


def test_a_post_of_many_phrases_takes_no_longer_a_phrase(matcher: BrandMatcher) -> None:
    started = time.process_time()
    assert matcher.match("小米粥手机壳" * 50_000 + "某米") == ("小米",)
    assert time.process_time() - started < 5


def test_no_brands_match_nothing() -> None:
    assert BrandMatcher([]).match("小米") == ()


def test_an_empty_alias_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'小米'.*nothing that can be looked for"):
        BrandMatcher([Brand("小米", aliases=("\u200b",))])
