"""The secrets of config.yaml: they come from the environment, stand in no file, and are quoted by no message."""

import re
from collections.abc import Iterator, Mapping

import yaml

from crawlers.conduct.hosts import host_of

SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET_KEY = re.compile(
    r"^(?:cookie|token|password|secret|authorization)$|(?:^|[-_])(?:token|secret|password|auth|api-?key)$",
    re.IGNORECASE,
)
"""Settings and headers that hold one."""
WITH_SECRETS = frozenset({"sources", "channels", "push", "watch", "model"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TAG = "tag:yaml.org,2002:"
MERGE_TAG = TAG + "merge"
TEXT_TAG = TAG + "str"
READ_BY_THE_SETTING = frozenset({TAG + kind for kind in ("int", "float", "bool", "timestamp")})
"""Guesses of YAML's that are taken back: each setting reads its own text, so that the brands 360, 001 and ON are
called that and not 360.0, 1 and true."""
SHORTEST_SECRET = 4
"""A shorter value from the environment is not hidden in messages: it would stand everywhere."""


def nodes(node: yaml.Node, seen: set[int] | None = None) -> Iterator[yaml.Node]:
    """Every node once, also where it is used again by its anchor."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from nodes(item, seen)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from nodes(key, seen)
            yield from nodes(value, seen)


def missing_secrets(node: yaml.Node, environment: Mapping[str, str]) -> Iterator[tuple[yaml.Node, str]]:
    """Names that the environment does not know."""
    for scalar in nodes(node):
        if isinstance(scalar, yaml.ScalarNode):
            for name in SECRET.findall(scalar.value):
                if not environment.get(name):
                    yield scalar, f"${{{name}}} is not set in the environment"


def plain_secrets(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Secrets that stand in the file itself, where a backup or a commit takes them along."""
    for section, block in pairs(node):
        for mapping in nodes(block) if section in WITH_SECRETS else ():
            if isinstance(mapping, yaml.MappingNode) and not _is_for_this_machine(mapping):
                for key, value in mapping.value:
                    if SECRET_KEY.search(str(key.value)) and _is_plain(value):
                        said = "a secret stands in the file: write ${NAME}, and set it in the environment"
                        yield value, f"{key.value}: {said}"


def _is_plain(value: yaml.Node) -> bool:
    return isinstance(value, yaml.ScalarNode) and bool(value.value.strip()) and not SECRET.search(value.value)


def _is_for_this_machine(mapping: yaml.Node) -> bool:
    """A sandbox's token is no secret: whoever could read it is here already."""
    place = dict(pairs(mapping)).get("base_url")
    return isinstance(place, yaml.ScalarNode) and host_of(place.value) in LOOPBACK


def fill_secrets(node: yaml.Node, environment: Mapping[str, str]) -> dict[str, str]:
    """Make every scalar the text it stands for; the names of the secrets used, by their values."""
    used: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        known = environment.get(found[1])
        if known:
            used[known] = found[0]
        return known or found[0]

    for scalar in nodes(node):
        if isinstance(scalar, yaml.ScalarNode):
            scalar.value = SECRET.sub(value, scalar.value)
            scalar.tag = TEXT_TAG if scalar.tag in READ_BY_THE_SETTING else scalar.tag
    return used


def secrets_by_source(node: yaml.Node, environment: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What the environment gives each source, before it stands in its block."""
    sources = next((block for key, block in pairs(node) if key == "sources"), None)
    blocks = pairs(sources) if sources is not None else ()
    named = {
        name: [n for at in nodes(block) if isinstance(at, yaml.ScalarNode) for n in SECRET.findall(at.value)]
        for name, block in blocks
    }
    return {source: tuple(environment.get(n, "") for n in names) for source, names in named.items()}


def pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Keys and values, where the node is a mapping."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield str(key.value), value


def hidden(said: str, used: Mapping[str, str]) -> str:
    """A message without the secrets that it quotes, also as Python writes them between quotes."""
    for value in sorted(used, key=len, reverse=True):
        for written in (value, repr(value)[1:-1]):
            said = said.replace(written, used[value]) if len(value) >= SHORTEST_SECRET else said
    return said
