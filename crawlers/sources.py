"""The kinds of sources that config.yaml may name."""

from typing import Annotated

from pydantic import Field

from crawlers.source import Source
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.rss import Rss
from crawlers.spiders.v2ex import V2ex
from crawlers.spiders.weibo import Weibo

SOURCE_TYPES: dict[str, type[Source]] = {
    str(kind.model_fields["type"].default): kind for kind in (Weibo, Discuz, V2ex, Rss)
}
"""By the `type` that a block of config.yaml names."""

AnySource = Annotated[Weibo | Discuz | V2ex | Rss, Field(discriminator="type")]
"""A block of config.yaml under `sources`."""
