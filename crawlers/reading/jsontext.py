"""JSON as sites send it."""

import json
from typing import Any

import orjson


class NotJson(ValueError):
    """The answer is no JSON."""


def dumped(value: Any) -> bytes:
    """A value of an answer as JSON in UTF-8, also one that holds half an emoji or a number beyond 64 bits."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def read_json(body: bytes) -> Any:
    """The value; NotJson if there is none.

    One post with half an emoji (a lone surrogate, written as an escape) makes the fast reader refuse the whole
    page, so what it refuses is read once more by the patient one.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise NotJson from None


def write_json(value: Any) -> bytes | None:
    """A part of what was read as UTF-8; None for what nothing can write down (thousands of levels deep)."""
    try:
        return orjson.dumps(value)
    except TypeError:  # half an emoji, a number of more than 64 bits
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")
    except (ValueError, TypeError, RecursionError):
        return None
