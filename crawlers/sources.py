"""The kinds of sources that config.yaml may name."""

from typing import Annotated

from pydantic import Field

from crawlers.source import Source
from crawlers.spiders.bilibili import Bilibili
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.generic import Generic
from crawlers.spiders.heimao import Heimao
from crawlers.spiders.hot import Hot
from crawlers.spiders.mi_community import MiCommunity
from crawlers.spiders.rss import Rss
from crawlers.spiders.tieba import Tieba
from crawlers.spiders.v2ex import V2ex
from crawlers.spiders.weibo import Weibo
from crawlers.spiders.weibo_ajax import WeiboAjax
from crawlers.spiders.weibo_api import WeiboApi
from crawlers.spiders.weibo_search import WeiboSearch
from crawlers.spiders.xiaohongshu import Xiaohongshu
from crawlers.spiders.zhihu import Zhihu

SOURCE_TYPES: dict[str, type[Source]] = {
    str(kind.model_fields["type"].default): kind
    for kind in (
        Weibo,
        WeiboSearch,
        WeiboAjax,
        WeiboApi,
        Discuz,
        Tieba,
        V2ex,
        Rss,
        MiCommunity,
        Zhihu,
        Xiaohongshu,
        Bilibili,
        Heimao,
        Hot,
        Generic,
    )
}
"""By the `type` that a block of config.yaml names."""

AnySource = Annotated[
    Weibo
    | WeiboSearch
    | WeiboAjax
    | WeiboApi
    | Discuz
    | Tieba
    | V2ex
    | Rss
    | MiCommunity
    | Zhihu
    | Xiaohongshu
    | Bilibili
    | Heimao
    | Hot
    | Generic,
    Field(discriminator="type"),
]
"""A block of config.yaml under `sources`."""
