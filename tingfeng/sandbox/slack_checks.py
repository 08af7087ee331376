"""What Slack would refuse in a message, and what it would show although nobody meant it.

Limits are those of Slack's Block Kit reference. Beside them: text that came from a crawled page must be
escaped, or a post that says <!channel> wakes a whole company.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MAX_BLOCKS = 50
MAX_TEXT = 40_000
MAX_SECTION = 3_000
MAX_FIELDS = 10
MAX_FIELD = 2_000
MAX_HEADER = 150
MAX_CONTEXT = 10
MAX_ACTIONS = 25
MAX_BUTTON = 75
MAX_URL = 3_000
MAX_ID = 255
LAYOUT_BLOCKS = {"actions", "context", "divider", "header", "input", "section"}
CONTENT_BLOCKS = {"file", "image", "markdown", "rich_text", "table", "video"}
BLOCK_TYPES = frozenset(LAYOUT_BLOCKS | CONTENT_BLOCKS)

MENTION = re.compile(r"<(?:!(?:channel|here|everyone)\b|!subteam\^|@)[^>]*>")
LINK = re.compile(r"<(?:https?://|mailto:|tel:|#C|!date\^)[^<>]*>")
ENTITY = re.compile(r"&(?:amp|lt|gt);")
STRAY = re.compile(r"[<>&]")

Json = Mapping[str, Any]


@dataclass(slots=True)
class Verdict:
    """What was found. `error` is Slack's own word where it would refuse; problems are sentences."""

    problems: list[str] = field(default_factory=list)
    error: str | None = None

    def refuse(self, error: str, problem: str) -> None:
        """Slack would not take it; its first reason is the one it gives."""
        self.error = self.error or error
        self.problems.append(problem)


def check(payload: Json, allowed_mentions: frozenset[str] = frozenset()) -> Verdict:
    """Check a chat.postMessage. `allowed_mentions` are the tokens meant to wake people: "<@U0ONCALL>"."""
    verdict = Verdict()
    text = payload.get("text")
    if not payload.get("channel"):
        verdict.refuse("channel_not_found", "no channel")
    if not isinstance(text, str) or not text.strip():
        verdict.problems.append("no text: notifications and screen readers have nothing to show")
        if not payload.get("blocks") and not payload.get("attachments"):
            verdict.refuse("no_text", "neither text nor blocks")
    elif len(text) > MAX_TEXT:
        verdict.refuse("msg_too_long", f"text has {len(text)} characters, {MAX_TEXT} are shown")
    if isinstance(text, str) and payload.get("mrkdwn", True) not in {False, "false"}:
        verdict.problems += unescaped("text", text, allowed_mentions)
    _check_blocks(_decoded(payload.get("blocks"), verdict), verdict, allowed_mentions)
    return verdict


def unescaped(where: str, text: str, allowed_mentions: frozenset[str] = frozenset()) -> list[str]:
    """What in a mrkdwn text would mean something to Slack and was not meant to."""
    problems = []

    def mention(found: re.Match[str]) -> str:
        if found.group() not in allowed_mentions:
            problems.append(f"{where}: {found.group()} wakes people")
        return ""

    rest = MENTION.sub(mention, text)
    rest = ENTITY.sub("", LINK.sub("", rest))
    stray = STRAY.search(rest)
    if stray is not None:
        around = rest[max(0, stray.start() - 10) : stray.end() + 10]
        problems.append(f"{where}: {stray.group()} is not escaped in {around!r}")
    return problems


def _decoded(blocks: object, verdict: Verdict) -> list[Json]:
    """Blocks come as a list in JSON, as JSON in a string in a form."""
    if isinstance(blocks, str):
        try:
            blocks = orjson.loads(blocks)
        except orjson.JSONDecodeError:
            verdict.refuse("invalid_blocks_format", "blocks are no JSON")
            return []
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        verdict.refuse("invalid_blocks_format", "blocks are no list of objects")
        return []
    return blocks


def _check_blocks(blocks: list[Json], verdict: Verdict, allowed: frozenset[str]) -> None:
    if len(blocks) > MAX_BLOCKS:
        verdict.refuse("invalid_blocks", f"{len(blocks)} blocks, {MAX_BLOCKS} are allowed")
    for number, block in enumerate(blocks):
        where = f"blocks[{number}]"
        for problem in _block_problems(where, block):
            verdict.refuse("invalid_blocks", problem)
        for path, text in _texts(where, block):
            if text.get("type") == "mrkdwn":
                verdict.problems += unescaped(path, str(text.get("text", "")), allowed)


def _block_problems(where: str, block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind not in BLOCK_TYPES:
        yield f"{where}: {kind!r} is no block type"
    yield from _too_long(where, "block_id", block.get("block_id"), MAX_ID)
    match kind:
        case "header":
            yield from _text_problems(f"{where}.text", block.get("text"), MAX_HEADER, {"plain_text"})
        case "section":
            yield from _section_problems(where, block)
        case "context":
            yield from _too_many(where, block.get("elements"), MAX_CONTEXT)
        case "actions":
            yield from _too_many(where, block.get("elements"), MAX_ACTIONS)
            for index, element in enumerate(_objects(block.get("elements"))):
                yield from _element_problems(f"{where}.elements[{index}]", element)


def _section_problems(where: str, block: Json) -> Iterator[str]:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield f"{where}: a section has text or fields"
    if block.get("text") is not None:
        yield from _text_problems(f"{where}.text", block["text"], MAX_SECTION, {"plain_text", "mrkdwn"})
    if fields is not None:
        yield from _too_many(where, fields, MAX_FIELDS)
        for index, item in enumerate(_objects(fields)):
            yield from _text_problems(f"{where}.fields[{index}]", item, MAX_FIELD, {"plain_text", "mrkdwn"})
    if isinstance(block.get("accessory"), dict):
        yield from _element_problems(f"{where}.accessory", block["accessory"])


def _element_problems(where: str, element: Json) -> Iterator[str]:
    yield from _too_long(where, "action_id", element.get("action_id"), MAX_ID)
    yield from _too_long(where, "url", element.get("url"), MAX_URL)
    if element.get("type") == "button":
        yield from _text_problems(f"{where}.text", element.get("text"), MAX_BUTTON, {"plain_text"})


def _text_problems(where: str, text: object, longest: int, kinds: set[str]) -> Iterator[str]:
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        yield f"{where}: no text object"
        return
    if text.get("type") not in kinds:
        yield f"{where}: type {text.get('type')!r}, {' or '.join(sorted(kinds))} belongs here"
    length = len(text["text"])
    if not 1 <= length <= longest:
        yield f"{where}: {length} characters, 1 to {longest} are allowed"


def _too_many(where: str, items: object, most: int) -> Iterator[str]:
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        yield f"{where}: 1 to {most} elements are allowed"


def _too_long(where: str, name: str, value: object, longest: int) -> Iterator[str]:
    if isinstance(value, str) and len(value) > longest:
        yield f"{where}: {name} has {len(value)} characters, {longest} are allowed"


def _objects(items: object) -> list[Json]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _texts(where: str, value: object) -> Iterator[tuple[str, Json]]:
    """Every text object in a block, with its path."""
    if isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "plain_text"}:
            yield where, value
        for key, inner in value.items():
            yield from _texts(f"{where}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(f"{where}[{number}]", inner)
