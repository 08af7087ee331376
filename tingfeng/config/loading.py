"""Reading config.yaml: every mistake at once, each with its file, line and column."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tingfeng.config.blocks import Config, dangling_names

SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
MERGE_TAG = "tag:yaml.org,2002:merge"


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
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise BadConfig([Mistake(str(path), 1, 1, "the file is empty")])
        mistakes = [*_fill_secrets(node, environment), *_doubled_keys(node)]
        place = _place(node)
        data = loader.construct_document(node)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadConfig([_syntax_mistake(path, error)]) from error
    finally:
        loader.dispose()
    mistakes += [(_find(place, where), f"{_dotted(where)}: {said}") for where, said in dangling_names(data)]
    config = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        mistakes += [_mistake(place, found) for found in error.errors(include_url=False, include_input=False)]
    if mistakes or config is None:
        raise BadConfig(sorted({Mistake(str(path), at.line, at.column, said) for at, said in mistakes}))
    return config.model_copy(update={"store": (path.parent / config.store).absolute()})


def _syntax_mistake(path: Path, error: Exception) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Mistake(str(path), line, column, f"this is not YAML: {said}")


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)


def _fill_secrets(node: yaml.Node, environment: Mapping[str, str]) -> list[tuple[_Place, str]]:
    missing = []
    for scalar in _scalars(node):
        missing += [
            (_spot(scalar), f"${{{name}}} is not set in the environment")
            for name in SECRET.findall(scalar.value)
            if not environment.get(name)
        ]
        scalar.value = SECRET.sub(lambda found: environment.get(found[1]) or found[0], scalar.value)
    return missing


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[_Place, str]]:
    """YAML lets the second of two equal keys win in silence; here it is a mistake."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled_keys(item)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.tag != MERGE_TAG and isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield _spot(key), f"{key.value!r} stands here twice"
                seen.add(key.value)
            yield from _doubled_keys(value)


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


def _mistake(root: _Place, error: Any) -> tuple[_Place, str]:
    """One of pydantic's errors, in one sentence."""
    place, taken = _walk(root, error["loc"])
    kind, said = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        where = _dotted(taken)
        return (
            place,
            f"{where}: {error['loc'][-1]!r} is missing" if where else f"{error['loc'][-1]!r} is missing",
        )
    if kind == "extra_forbidden":
        said = "there is no such setting"
    elif kind == "union_tag_not_found":
        said = "'type' is missing"
    return place, f"{_dotted(taken)}: {said}"
