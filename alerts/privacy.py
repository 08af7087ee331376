"""What a channel is told of the people who wrote, and how much of what they wrote."""

from typing import Any, Literal

from alerts.language import Language
from alerts.names import PLATFORMS, VERIFICATION
from mentions.text import one_line
from mentions.types import INSTITUTIONAL_V

Privacy = Literal["full", "minimal"]
GIST = 60
"""Characters of an ordinary author's post that a channel with minimal privacy gets."""
QUOTE = 400
"""Characters of a post that any channel gets; the rest is behind the link."""
NAME = 40
"""Characters of a name or another short text that somebody outside chose."""
MASKED = "**"


def is_public(author: dict[str, Any] | None, privacy: Privacy) -> bool:
    """Whether the author is named and quoted at length."""
    if privacy == "full" or author is None:
        return privacy == "full"
    institution = author["verified"] and author["verified_type"] in INSTITUTIONAL_V
    return bool(institution) or author["reach"] == "big_v"


def quoted_length(facts: dict[str, Any], privacy: Privacy) -> int:
    """How much of the post is quoted."""
    return QUOTE if is_public(facts["mention"]["author"], privacy) else GIST


def who_wrote(mention: dict[str, Any], _: Language, privacy: Privacy) -> str:
    """The author: how far the voice carries, how it is verified, and where."""
    author = mention["author"]
    platform = _(PLATFORMS.get(mention["platform"], mention["platform"]))
    if author is None:
        return _("an unnamed author on {platform}", platform=platform)
    followers = _.count(author["followers"], at_least=author["followers_at_least"])
    parts = [
        _({"big_v": "big V", "kol": "KOL", "ordinary": "ordinary user"}[author["reach"]]),
        _("{n} followers", n=followers),
        _verification(author, _, privacy),
    ]
    where = platform + (f" · {one_line(mention['region'], NAME)}" if mention["region"] else "")
    return f"{shown_name(author, privacy)} ({' · '.join(part for part in parts if part)}) · {where}"


def shown_name(author: dict[str, Any], privacy: Privacy) -> str:
    """The name, or its first character."""
    name = one_line(author["name"], NAME)
    return name if is_public(author, privacy) else name[:1] + MASKED


def _verification(author: dict[str, Any], _: Language, privacy: Privacy) -> str:
    if not author["verified"]:
        return "" if author["verified"] is None else _("not verified")
    kind = _(VERIFICATION.get(author["verified_type"], "verified"))
    said = author["verified_reason"] if is_public(author, privacy) else None
    return f"{kind}: {one_line(said, NAME)}" if said else kind
