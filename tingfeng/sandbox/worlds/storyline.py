"""The demo's world: storyline.yaml, an ordinary day of two invented phone brands and one battery fire."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from mentions.types import INSTITUTIONAL_V, PERSONAL_V
from tingfeng.sandbox.world import Account, Growth, Post, Site, World

MINUTE = 60.0
DEFAULT_PACE = (90.0, 1.0)
QUOTED = 60
"""Characters of the origin that a repost carries after its 「//@」."""

FIRST_ID = {
    Site.WEIBO: 5_230_000_000_000_000,
    Site.FORUM: 1_000,
    Site.TIEBA: 150_200_000_000,
    Site.V2EX: 1_180_000,
    Site.RSS: 20_000,
}
ID_STEP = {Site.WEIBO: 7_340_033, Site.FORUM: 1, Site.TIEBA: 13, Site.V2EX: 3, Site.RSS: 1}
"""Ids grow with time as on the real sites; Weibo's leave gaps and have 16 digits."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Account(_Line):
    followers: int
    type: int
    reason: str
    region: str


class _Reply(_Line):
    after: float
    by: str
    text: str
    key: str | None = None
    via: str | None = None
    n: tuple[int, int, int] = (0, 0, 2)
    pace: tuple[float, float] = DEFAULT_PACE


class _Post(_Line):
    at: float
    by: str
    text: str
    key: str | None = None
    title: str | None = None
    n: tuple[int, int, int] = (0, 0, 0)
    pace: tuple[float, float] = DEFAULT_PACE
    views: int = 0
    node: tuple[str, str] = ("", "")
    sticky: bool = False
    members_only: bool = False
    replies: tuple[_Reply, ...] = ()
    reposts: tuple[_Reply, ...] = ()


class _Story(_Line):
    accounts: dict[str, _Account]
    weibo: tuple[_Post, ...]
    forum: tuple[_Post, ...]
    tieba: tuple[_Post, ...]
    v2ex: tuple[_Post, ...]
    rss: tuple[_Post, ...]


@dataclass(frozen=True, slots=True)
class Storyline:
    """The story's world, and the posts that a demo or a test asks for by name (`named["scandal"]`)."""

    world: World
    named: dict[str, Post]


@cache
def storyline() -> Storyline:
    """Read the story; it is the same at every call."""
    source = files("tingfeng.sandbox.worlds").joinpath("storyline.yaml").read_text(encoding="utf-8")
    story = _Story.model_validate(yaml.safe_load(source))
    posts: list[Post] = []
    named: dict[str, Post] = {}
    for site, first_id in FIRST_ID.items():
        lines: tuple[_Post, ...] = getattr(story, site.value)
        drafts = sorted((draft for line in lines for draft in _drafts(site, line, story)), key=lambda d: d[1].at)
        ids = {key: str(first_id + (n + 1) * ID_STEP[site]) for n, (key, _) in enumerate(drafts)}
        for key, draft in drafts:
            post = replace(
                draft,
                id=ids[key],
                repost_of=ids[draft.repost_of] if draft.repost_of else None,
                thread=ids[draft.thread] if draft.thread else None,
            )
            posts.append(post)
            named[key] = post
    return Storyline(World(posts), {key: post for key, post in named.items() if ":" not in key})


def _drafts(site: Site, line: _Post, story: _Story) -> Iterator[tuple[str, Post]]:
    """A line of the story and what answers it; ids are still keys, since they are given out in time order."""
    key = line.key or f"{site}:{line.at}:{line.by}"
    reposts, comments, likes = _growths(line.n, line.pace)
    opening = Post(
        site=site,
        id=key,
        at=line.at * MINUTE,
        author=_account(site, line.by, story),
        text=line.text,
        title=line.title,
        reposts=reposts,
        comments=comments,
        likes=likes,
        views=Growth(line.views),
        node=line.node,
        sticky=line.sticky,
        members_only=line.members_only,
    )
    yield key, opening
    said = {reply.key: reply for reply in line.reposts if reply.key}
    for reply in (*line.replies, *line.reposts):
        reposts, comments, likes = _growths(reply.n, reply.pace)
        answer = Post(
            site=site,
            id=reply.key or f"{key}:{reply.after}:{reply.by}",
            at=opening.at + reply.after * MINUTE,
            author=_account(site, reply.by, story),
            text=reply.text,
            reposts=reposts,
            comments=comments,
            likes=likes,
        )
        if reply in line.reposts:
            answer = replace(answer, text=_chain(reply, said, line), repost_of=key)
        else:
            answer = replace(answer, thread=reply.via or key)
        yield answer.id, answer


def _chain(reply: _Reply, said: dict[str, _Reply], origin: _Post) -> str:
    """A repost's text: its own words, those of the people it came through, the origin's first words."""
    words = [reply.text]
    if reply.via:
        words.append(f"@{said[reply.via].by}:{said[reply.via].text}")
    words.append(f"@{origin.by}:{origin.text[:QUOTED]}")
    return "//".join(words)


def _growths(total: tuple[int, int, int], pace: tuple[float, float]) -> tuple[Growth, Growth, Growth]:
    scale, shape = pace
    reposts, comments, likes = (Growth(number, scale * MINUTE, shape) for number in total)
    return reposts, comments, likes


def _account(site: Site, name: str, story: _Story) -> Account:
    # crc32, unlike hash(), gives an invented author the same number in every process.
    number = zlib.crc32(f"{site}:{name}".encode())
    author_id = str(1_000_000_000 + number if site is Site.WEIBO else 100 + number % 90_000)
    known = story.accounts.get(name)
    if site is not Site.WEIBO:
        return Account(author_id, name)
    if known is None:
        return Account(author_id, name, followers=20 + number % 2_900)
    # 200 and 220 are titles, and the site does not call their holders verified.
    return Account(
        author_id,
        name,
        known.followers,
        known.type,
        known.reason,
        known.region,
        verified=known.type in INSTITUTIONAL_V | {PERSONAL_V},
    )
