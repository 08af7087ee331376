"""The data that a page carries in a script, for its own code to begin with."""

import json
import re
from typing import Any

from crawlers.reading.refusals import json_of
from crawlers.source import Answer, Page

BEGINS = re.compile(rb'<script[^>]*\bid="js-initialData"[^>]*>|window\.__INITIAL_STATE__\s*=\s*')
UNDEFINED = re.compile(r"(?<=[:\[,])undefined(?=[,}\]])")
"""JavaScript's, which is no JSON."""
HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")


def data_of(answer: Answer) -> tuple[Any, Page | None]:
    """What `json_of` gives, also where it stands in a page."""
    state = state_of(answer.body)
    return (state, None) if state is not None else json_of(answer)


def state_of(body: bytes) -> Any | None:
    """The data of a page, its keys written as in the site's answers (voteup_count); None where there is none."""
    begins = BEGINS.search(body) if body.lstrip()[:1] == b"<" else None
    if begins is None:
        return None
    script = body[begins.end() :].partition(b"</script>")[0].decode("utf-8", "replace")
    try:
        state, _ = json.JSONDecoder(strict=False).raw_decode(UNDEFINED.sub("null", script).lstrip())
        return _snaked(state)
    except (ValueError, RecursionError):
        return None


def _snaked(value: Any) -> Any:
    if isinstance(value, dict):
        return {HUMP.sub(lambda hump: f"_{hump[0].lower()}", key): _snaked(inner) for key, inner in value.items()}
    return [_snaked(inner) for inner in value] if isinstance(value, list) else value
