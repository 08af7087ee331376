"""The documented shape as a record with everything that is known, and as the columns of a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mentions.posts import Found
from mentions.shape import iso_utc, mention_json
from mentions.text import fold

Cell = str | int | float | bool | None

COLUMNS = (
    *("id", "platform", "source", "brands", "published", "first_seen"),
    *("author_id", "author_name", "author_followers", "author_verified"),
    *("title", "text", "url", "reposts", "comments", "likes", "views"),
    *("negativity", "label", "model", "repost_of"),
    *("counted_at", "at_least", "author_platform", "author_verified_type", "author_verified_reason"),
    *("thread", "region", "truncated", "hot_rank", "hot_heat", "hot_tag"),
)
"""A table's columns, in this order."""
COUNTS = ("reposts", "comments", "likes", "views")
FOLLOWERS = "author_followers"
DEEPEST = 3
"""Objects inside objects that a JSON line may hold."""


def record(found: Found) -> dict[str, Any]:
    """A mention with all that an import needs to make it again, and its latest score.

    `at_least` names the counts that are lower bounds; `counted_at` is when the counts were read.
    """
    mention, engagement, author = found.mention, found.engagement, found.mention.author
    made = mention_json(mention, engagement)
    made["author"] |= {
        "platform": author and author.platform,
        "verified_reason": author and author.verified_reason,
    }
    bounds = sorted(engagement.at_least) if engagement else []
    return made | {
        "first_seen": iso_utc(mention.first_seen),
        "thread": mention.thread,
        "region": mention.region,
        "truncated": mention.truncated,
        "counted_at": iso_utc(engagement.at) if engagement else None,
        "at_least": [*bounds, *([FOLLOWERS] if author and author.followers_at_least else [])],
        "score": score_json(found),
        "hot": hot_json(found),
    }


def score_json(found: Found) -> dict[str, Any] | None:
    """The latest judgement, or None while it waits."""
    score = found.score
    return (
        None
        if score is None
        else {
            "model": score.model,
            "negativity": score.negativity,
            "label": score.label.value,
            "words": list(score.words),
        }
    )


def hot_json(found: Found) -> dict[str, Any] | None:
    """Where an entry of a hot list stood last; None for a post."""
    hot = found.hot
    return (
        None
        if hot is None
        else {
            "rank": hot.rank,
            "heat": hot.heat,
            "tag": hot.tag,
            "at": iso_utc(hot.at),
            "until": iso_utc(hot.until),
        }
    )


def cells(found: Found) -> list[Cell]:
    """The record as one row under COLUMNS."""
    made = record(found)
    flat = made | {f"author_{key}": value for key, value in made["author"].items()}
    flat |= made["engagement"] | (made["score"] or {})
    flat |= {f"hot_{key}": value for key, value in (made["hot"] or {}).items()}
    flat |= {name: "|".join(made[name]) for name in ("brands", "at_least")}
    return [flat.get(column) for column in COLUMNS]


def flattened(value: Mapping[str, Any], above: str = "", depth: int = 1) -> dict[str, Any]:
    """An object as columns: {"author": {"id": 1}} is author_id."""
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping) and depth < DEEPEST:
            flat |= flattened(inner, f"{above}{key}_", depth + 1)
        else:
            flat[f"{above}{key}"] = inner
    return flat


def key(name: object) -> str:
    """How a column's name is compared: 标题／微博内容 and 标题/微博内容 are the same."""
    return "".join(fold(str(name).replace("\ufeff", "")).split())


RISKY = "=+-@\t\r＝＋－＠"
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""
FORMULA = re.compile(f"'*[{re.escape(RISKY)}]")
HIDDEN = re.compile(f"'+[{re.escape(RISKY)}]")


def safe(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs; `unsafe` gives back exactly what was there."""
    return f"'{text}" if FORMULA.match(text) else text


def unsafe(text: str) -> str:
    """The reverse of `safe`."""
    return text[1:] if HIDDEN.match(text) else text


def unique(names: Sequence[object]) -> list[str]:
    """The names of a header, each once: a second 备注 is 备注 (2)."""
    seen: dict[str, int] = {}
    made = []
    for name in (str(n) if n is not None else "" for n in names):
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made
