"""What the sites share that answer JSON: posts of one site as they stand now."""

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson
from starlette.requests import Request

from tingfeng.sandbox.clock import StoryClock
from tingfeng.sandbox.world import Count, Post, Site, World

Json = dict[str, Any]


class JsonSite:
    """A site of the world at the story's clock."""

    site: ClassVar[Site]

    def __init__(self, world: World, clock: StoryClock) -> None:
        self.world = world
        self.clock = clock

    def post(self, number: str) -> Post | None:
        """The opening post with this id, if it is there already."""
        post = self.world.get(self.site, number, self.clock.moment())
        return post if post is not None and post.thread is None else None

    def posts(self, node: str | None = None) -> Sequence[Post]:
        """The opening posts, newest first; those of one board, company or kind."""
        return [p for p in self.world.openings(self.site, self.clock.moment()) if node in (None, p.node[0])]

    def found(self, keyword: str, offset: int, limit: int) -> tuple[Sequence[Post], int]:
        """Posts that hold the keyword, newest first, and how many there are."""
        return self.world.search(self.site, keyword, self.clock.moment(), offset=offset, limit=limit)

    def replies(self, post: Post) -> Sequence[Post]:
        """What was answered to a post, newest first."""
        return self.world.replies(post, self.clock.moment())[::-1]

    def count(self, post: Post, count: Count) -> int:
        """What a count under a post has come to."""
        return count.at(self.clock.moment() - post.at)

    def seconds(self, post: Post) -> int:
        """When it was posted, as unix time."""
        return int(self.clock.wall(post.at).timestamp())


def in_script(value: Json) -> str:
    """JSON as it may stand in a page's script: no text of a post ends the script."""
    return orjson.dumps(value).decode().replace("</", r"<\/")


def whole(request: Request, name: str, default: int = 0) -> int:
    """A number of the query; the default where it is none."""
    value = request.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < len("1000000000") else default
