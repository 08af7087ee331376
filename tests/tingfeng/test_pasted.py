"""Which address a person means."""

import pytest

from tingfeng.pasted import address_in, platform_off

DOUYIN = "7.94 复制打开抖音，看看【云雀的作品】充电时冒烟 https://v.douyin.com/iRNBho5f/ 10/22 a@b.cd abC:/"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("https://a.test/x?y=1#z", "https://a.test/x?y=1#z"),
        ("  HTTPS://Weibo.com/1/Ox1\n", "https://Weibo.com/1/Ox1"),
        ("weibo.com/2803301701/Ox1abcdef", "https://weibo.com/2803301701/Ox1abcdef"),
        ("www.example.com", "https://www.example.com"),
        ("news.example.com/a/1.html", "https://news.example.com/a/1.html"),
        (DOUYIN, "https://v.douyin.com/iRNBho5f/"),
        ("分享一篇笔记😆 http://xhslink.com/a/Bc，复制本条信息，打开【小红书】", "http://xhslink.com/a/Bc"),
        ("看这里https://t.cn/A6abc太可怕了", "https://t.cn/A6abc"),
        ("（https://m.weibo.cn/status/4646077034561612）。", "https://m.weibo.cn/status/4646077034561612"),
    ],
)
def test_an_address_is_found_with_or_without_what_stands_around_it(said: str, meant: str) -> None:
    assert address_in(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "昨天新买的云雀手机充电时冒烟",
        "index.html",
        "3.5",
        "me@weibo.com/x",
        "微博weibo.com上都在说",
        "参考 https://a.test/x 的说法，云雀的电池有问题",
        f"{'很长的一段话' * 80} https://t.cn/A6abc",
    ],
)
def test_a_text_is_a_text_though_it_may_name_an_address(said: str) -> None:
    """An address of any site in a text may be its source, or anything."""
    assert address_in(said) is None


@pytest.mark.parametrize(
    ("address", "platform"),
    [
        ("https://weibo.com/1/Ox1", "weibo"),
        ("https://www.zhihu.com/question/1", "zhihu"),
        ("https://mp.weixin.qq.com/s/abc", None),
        ("https://v.douyin.com/abc", None),
        ("https://a.test/x", None),
    ],
)
def test_only_what_a_source_could_read_waits_for_one(address: str, platform: str | None) -> None:
    """An article of 公众号 is a page that anybody can read."""
    assert platform_off(address) == platform
