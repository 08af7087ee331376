"""How far a post has spread, in words."""

from collections.abc import Iterator, Sequence
from typing import Any

from alerts.language import Language
from alerts.names import PLATFORMS
from alerts.privacy import Privacy, shown_name

BARS = "▁▂▃▄▅▆▇█"


def spread(facts: dict[str, Any], language: Language, privacy: Privacy) -> Iterator[str]:
    """Its counts, how they grow, who passed it on, and where else it is said."""
    _ = language
    counts, capped = facts["counts"], facts["counts"]["at_least"]
    yield " · ".join(
        _(name, n=_.count(counts[key], at_least=key in capped))
        for key, name in (
            ("reposts", "{n} reposts"),
            ("comments", "{n} comments"),
            ("likes", "{n} likes"),
            ("views", "{n} views"),
        )
        if counts[key] is not None
    ) or _("the site shows no counts")
    if facts["growth"]["reposts_10m"]:
        grown = _("+{n} reposts in 10 minutes", n=_.count(facts["growth"]["reposts_10m"]))
        curve = _curve(facts["curve"])
        yield grown + (f"  {curve}" if curve else "")
    if facts["voices"]:
        names = (f"{shown_name(v, privacy)} ({_.count(v['followers'])})" for v in facts["voices"])
        yield _("passed on by: {names}", names=", ".join(names))
    kin = facts.get("kin")
    if kin and kin["copies"]:
        yield _("{n} copies on {m} platforms", n=kin["copies"], m=kin["platforms"])
    posts = sum(facts["platforms"].values())
    if posts > 1:
        where = ", ".join(f"{_(PLATFORMS.get(p, p))} {n}" for p, n in facts["platforms"].items())
        yield _("{n} posts in this incident: {where}", n=posts, where=where)


def _curve(values: Sequence[int]) -> str:
    if len(set(values)) <= 1:
        return ""
    low, high = min(values), max(values)
    return "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1))] for value in values)
