"""Reading config.yaml: every mistake at once, each with its file, line and column."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from crawlers.browsing.browser import BrowserSource
from crawlers.sources import AnySource
from mentions.stores import is_postgres
from tingfeng.config.blocks import Config
from tingfeng.config.pushing import bad_mappings, dangling_feeds
from tingfeng.config.secrets import (
    MERGE_TAG,
    fill_secrets,
    hidden,
    missing_secrets,
    nodes,
    plain_secrets,
    secrets_by_source,
)
from tingfeng.config.together import dangling_names, partial_errors


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong, and where; lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class BadConfig(Exception):
    """config.yaml cannot be used; `mistakes` holds all that is wrong with it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the file: where it starts, and what is inside."""

    line: int
    column: int
    inside: Mapping[str | int, "_Place"]


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read, fill in ${SECRETS} from the environment, and check. BadConfig holds every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadConfig([Mistake(str(path), 1, 1, f"cannot be read: {reason}")]) from error
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        said = f"this is not YAML: the character U+{error.character:04X} cannot stand in it"
        raise BadConfig([Mistake(str(path), line, column, said)]) from error
    try:
        node = loader.get_single_node()
        if node is None:
            raise BadConfig([Mistake(str(path), 1, 1, "the file is empty")])
        on_secrets = (*missing_secrets(node, environment), *plain_secrets(node))
        mistakes = [*((_spot(at), said) for at, said in on_secrets), *_doubled_keys(node)]
        by_source = secrets_by_source(node, environment)
        used = fill_secrets(node, environment)
        data = loader.construct_document(node)
        place = _place(node)  # afterwards: only now do merged keys (<<) stand where they belong
    except (yaml.YAMLError, RecursionError) as error:
        raise BadConfig([_syntax_mistake(path, error)]) from error
    finally:
        loader.dispose()
    elsewhere = (*dangling_names(data), *dangling_feeds(data), *bad_mappings(data, path.parent))
    mistakes += [(_find(place, where), f"{_dotted(where)}: {said}") for where, said in elsewhere]
    config = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        found_by_pydantic = (*error.errors(include_url=False), *partial_errors(data))
        mistakes += [_mistake(place, found, used) for found in found_by_pydantic]
    if mistakes or config is None:
        found = {Mistake(str(path), at.line, at.column, hidden(said, used)) for at, said in mistakes}
        raise BadConfig(sorted(found))
    beside: dict[str, Any] = {"erasures": str((path.parent / config.erasures).absolute())}
    beside["push"] = config.push.beside(path.parent)
    beside["evidence"] = config.evidence.beside(path.parent)
    if not is_postgres(config.store):
        beside["store"] = str((path.parent / config.store).absolute())
    return config.model_copy(update={**beside, "sources": _whole(config, path.parent, by_source)})


def _whole(config: Config, folder: Path, secrets: Mapping[str, tuple[str, ...]]) -> dict[str, AnySource]:
    """The sources, knowing what may not be told; the profiles of browsers stand beside the file too."""
    found: dict[str, AnySource] = {}
    for name, source in config.sources.items():
        known = source.with_environment(secrets.get(name, ()))
        if isinstance(known, BrowserSource) and known.profile:
            known = known.model_copy(update={"profile": str((folder / known.profile).absolute())})
        found[name] = known
    return found


def _syntax_mistake(path: Path, error: Exception) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    said = [part for name in ("context", "problem") if (part := getattr(error, name, None))]
    if isinstance(error, RecursionError):
        said = ["it is nested too deep, or holds itself"]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Mistake(str(path), line, column, f"this is not YAML: {', '.join(said) or error}")


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[_Place, str]]:
    """YAML lets the second of two equal keys win in silence; here it is a mistake."""
    for mapping in nodes(node):
        seen = set()
        for key, _ in mapping.value if isinstance(mapping, yaml.MappingNode) else ():
            if key.tag != MERGE_TAG and isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield _spot(key), f"{key.value!r} stands here twice"
                seen.add(key.value)


def _spot(node: yaml.Node) -> _Place:
    return _Place(node.start_mark.line + 1, node.start_mark.column + 1, {})


def _place(node: yaml.Node) -> _Place:
    """The tree of places; a value of a mapping is found at its key."""
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    inside: dict[str | int, _Place] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            mark = key.start_mark
            inside[str(key.value)] = _Place(mark.line + 1, mark.column + 1, _place(value).inside)
    elif isinstance(node, yaml.SequenceNode):
        inside = {number: _place(item) for number, item in enumerate(node.value)}
    return _Place(line, column, inside)


def _walk(place: _Place, where: tuple[str | int, ...]) -> tuple[_Place, list[str | int]]:
    """As deep into the file as the path leads, and the steps that exist in it.

    Steps that stand in no file (the tag of a union, "[key]") are passed over.
    """
    taken: list[str | int] = []
    for step in where:
        found = place.inside.get(step)
        if found is not None:
            place = found
            taken.append(step)
    return place, taken


def _find(place: _Place, where: tuple[str | int, ...]) -> _Place:
    return _walk(place, where)[0]


def _dotted(where: tuple[str | int, ...] | list[str | int]) -> str:
    return ".".join(map(str, where))


def _mistake(root: _Place, error: Any, used: Mapping[str, str]) -> tuple[_Place, str]:
    """One of pydantic's errors, in one sentence; one on a secret does not say what is wrong with it."""
    place, taken = _walk(root, error["loc"])
    kind, said = error["type"], str(error["msg"]).removeprefix("Value error, ")
    secrets = [name for value, name in used.items() if isinstance(error["input"], str) and value in error["input"]]
    if secrets:
        said = f"what {' and '.join(secrets)} holds does not fit here"
    elif kind == "missing":
        said = f"{error['loc'][-1]!r} is missing"
    elif kind == "extra_forbidden":
        said = "there is no such setting"
    elif kind in {"model_type", "model_attributes_type", "dict_type"}:
        said = "a block of settings belongs here"
    elif kind == "union_tag_not_found":
        said = "'type' is missing"
    elif kind == "union_tag_invalid":
        place = place.inside.get("type", place)
        said = f"there is no type {error['ctx']['tag']!r} (there is: {error['ctx']['expected_tags']})"
    return place, f"{_dotted(taken)}: {said}" if taken else said
