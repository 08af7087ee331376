"""What no setting of config.yaml shows by itself: names of what does not exist, settings that belong together."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from alerts.rules.rules import ScoringRule
from crawlers.source import Source
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.v2ex import V2ex

APPROVAL = frozenset({"enabled", "collection", "cookie", "approved_by", "approval_reason"})
ROBOTS = frozenset({"obey_robots", "robots_reason"})


def dangling_names(data: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a channel, brand or source is named that does not exist: its path in the file, and a sentence.

    Works on the file as it was read, so that these are reported together with every other mistake.
    """
    for rule, block in _mapping(data, "rules").items():
        for key, section in (("notify", "channels"), ("brands", "brands"), ("sources", "sources")):
            names = block.get(key) if isinstance(block, dict) else None
            for place, name in enumerate(names if isinstance(names, list) else ()):
                there = _mapping(data, section)
                if section == "sources":
                    there = there | _mapping(_mapping(data, "push"), "feeds")
                if isinstance(name, str) and name not in there:
                    known = ", ".join(map(str, there)) or "none"
                    yield (
                        ("rules", rule, key, place),
                        f"there is no {name!r} under {section} (there is: {known})",
                    )
    by_brand: list[tuple[Any, ...]] = [("retain", "brands")]
    by_brand += [("sources", source, "own") for source in _mapping(data, "sources")]
    for path in by_brand:
        block = data
        for key in path:
            block = _mapping(block, key)
        for name in block:
            if isinstance(name, str) and name not in _mapping(data, "brands"):
                known = ", ".join(map(str, _mapping(data, "brands"))) or "none"
                yield (*path, name), f"there is no {name!r} under brands (there is: {known})"


def partial_errors(data: Any) -> Iterator[dict[str, Any]]:
    """The errors in parts of each source and rule, with their paths in the file; most stand in the whole's too.

    A class looks at several settings together only where every one is right by itself, and stops at the first
    mistake it sees there. So the settings that belong together are also checked apart from the others.
    """
    for section, parts in (("sources", _source_parts), ("rules", _rule_parts)):
        for name, block in _mapping(data, section).items():
            for kind, part in parts(block) if isinstance(block, dict) else ():
                try:
                    kind.model_validate(part)
                except ValidationError as error:
                    for found in error.errors(include_url=False):
                        yield {**found, "loc": (section, name, *found["loc"])}


def _source_parts(block: Mapping[Any, Any]) -> Iterator[tuple[type[Source], dict[str, Any]]]:
    """Approval and robots.txt by V2ex, which asks nothing more than every source; then what its kind asks."""
    for keys in (APPROVAL, ROBOTS):
        yield V2ex, {"type": "v2ex"} | {key: block[key] for key in keys & block.keys()}
    kind = SOURCE_TYPES.get(str(block.get("type")))
    if kind is not None:
        own = kind.model_fields.keys() - Source.model_fields.keys() | {"enabled"}
        yield kind, {key: block[key] for key in own & block.keys()}
        yield kind, {key: value for key, value in block.items() if key != "cookie"}


def _rule_parts(block: Mapping[Any, Any]) -> Iterator[tuple[type[ScoringRule], dict[str, Any]]]:
    """Whether there are a severity and levels, whatever they say."""
    some = {"severity": "red", "levels": {"red": "true"}}
    there = {key: value for key, value in some.items() if block.get(key) not in (None, {})}
    yield ScoringRule, {"type": "scoring", "title": "any", **there}


def _mapping(data: Any, key: str) -> dict[Any, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
