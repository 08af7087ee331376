"""Weibo's notices in the place of posts, and what authors write that resembles them."""

import pytest

from crawlers.sites.weibo.mblog import is_gone
from crawlers.sites.weibo.notices import LONGEST, is_notice

NOTICES = (
    "抱歉，此微博已被作者删除。查看帮助：网页链接",
    "抱歉，该微博已被删除",
    "此微博已被删除",
    "该微博不存在",
    "该微博已被原作者删除",
    "这条微博内容不存在",
    "抱歉，您所访问的微博不存在",
    "抱歉，该微博因被投诉违反相关法规，已无法查看。",
    "该微博因被多人投诉，根据《微博社区公约》，已被删除。查看帮助：",
    "该账号因被投诉违反法律法规和《微博社区公约》的相关规定，现已无法查看。查看帮助",
    "该账号因用户自行申请关闭，现已无法查看。",
    "抱歉，作者已设置仅展示半年内微博，此微博已不可见。",
    "抱歉，根据作者设置，此内容无法访问",
    "抱歉，根据作者设置的可见范围，您无法查看当前微博",
    "抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。",
    "抱歉，此内容违反了《微博社区管理规定》或相关法规政策，无法进行指定操作。查看帮助：网页链接",
)
WORDS_OF_AUTHORS = (
    "抱歉，由于小米售后的态度，我的手机数据已经不存在了",
    "抱歉，因小米服务器故障，我的照片全部被删除",
    "抱歉，您的订单已删除",
    "抱歉，他说小米起火的视频已被删除了",
    "原视频被删除了",
    "该视频已被删除",
    "抱歉，我的听风手机又坏了，昨天发的微博已被删除，客服说无法查看订单",
    "该微博因投诉小米售后，已被小米公关删除",
    "根据小米的设置，该内容无法访问",
    "由于作者设置",
    "该账号",
)


@pytest.mark.parametrize("text", NOTICES)
@pytest.mark.parametrize("signed", [True, False])
def test_a_notice_is_told_with_and_without_an_author(text: str, *, signed: bool) -> None:
    assert is_notice(text, signed=signed)
    assert is_gone({"text": text, **({"user": {"id": 1}} if signed else {})})


@pytest.mark.parametrize("text", WORDS_OF_AUTHORS)
def test_what_an_author_writes_is_no_notice(text: str) -> None:
    assert not is_notice(text, signed=True)
    assert not is_gone({"text": text, "user": {"id": 1}})


@pytest.mark.parametrize("text", ["原视频被删除了", "该视频已被删除", "该微博已经被作者删除啦"])
def test_without_an_author_such_words_are_the_sites(text: str) -> None:
    assert is_notice(text, signed=False)


@pytest.mark.parametrize("word", ["因", "已", "该微博", "的，", "被投诉", "被删除"])
def test_the_sites_words_over_and_over_are_read_once(word: str) -> None:
    """No part gives back what it took: every way of sharing the words out would be tried in turn."""
    assert not is_notice(f"该微博已被删除{word * (100 // len(word))}小米"[:LONGEST], signed=True)
