"""A structural fingerprint of a page: what it is built of, apart from what it says.

A site that changes its layout rarely breaks a parser outright: posts still come, without their times or counts.
What every page of a kind had, and this one has not, says so before anybody misses them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import orjson

from mentions.pages import Shape

TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]*)\b([^<>]*)>")
NAMES = re.compile(rb"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
DIGITS = re.compile(r"\d+")
DEEPEST = 8
"""Levels of JSON that are looked at."""
NEAR = 3
"""Keys of a path that are looked at, the last ones: a post stands now deeper in an answer, now less deep."""
LARGEST = 1_000_000
"""Bytes of a page that are looked at."""
MOST = 600
"""Parts of a kind of page that are remembered: the most frequent ones."""
FEWEST = 5
"""Posts that a page has to hold: on a shorter one anything stands once for each post by chance."""
ALWAYS = 0.98
"""The share of pages that has to have a part for its absence to mean something."""
LEARNED = 5
"""Pages that have to be known before another one is held against them."""
STILL = 40
"""Pages after which the counts are halved: a layout may grow slowly."""


def parts_of(body: bytes, posts: int) -> frozenset[str]:
    """The keys of JSON under the two above them; of a web page its tags with each of their classes and ids.

    Only those that stand there at least once for each of the posts: what is around them changes every day, and
    no parser reads it. Numbers in names are left out.
    """
    sample = body[:LARGEST]
    if sample.lstrip()[:1] in {b"{", b"["}:
        try:
            found = Counter(_keys(orjson.loads(body), (), DEEPEST))
        except orjson.JSONDecodeError:
            return frozenset()
    else:
        found = Counter(_tags(sample))
    return frozenset(part for part, n in found.items() if n >= max(posts, 1))


def _keys(value: object, above: tuple[str, ...], depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(value, dict):
        for key, inside in value.items():
            path = (*above, DIGITS.sub("#", key))[-NEAR:]
            yield ".".join(path)
            yield from _keys(inside, path, depth - 1)
    elif isinstance(value, list):
        for inside in value:
            yield from _keys(inside, above, depth - 1)


def _tags(page: bytes) -> Iterator[str]:
    for tag, attributes in TAG.findall(page):
        name = tag.decode("ascii").lower()
        for kind, double, single in NAMES.findall(attributes):
            for word in (double or single).decode("utf-8", "replace").split():
                yield f"{name}{'.' if kind == b'class' else '#'}{DIGITS.sub('#', word)}"


def compare(shape: Shape, found: frozenset[str], at: datetime) -> Shape:
    """What is known of a kind of page after another one of it.

    One odd page is no change yet (a post without an author, say): the next one decides. While a change lasts
    nothing is learned, or it would soon be the usual layout.
    """
    if shape.pages < LEARNED:
        return _learn(shape, found, at)
    always = {part for part, n in shape.parts.items() if n >= ALWAYS * shape.pages}
    gone = always - found
    changed = gone & set(shape.gone)
    judged = replace(
        shape,
        at=at,
        gone=tuple(sorted(gone)),
        changed=tuple(sorted(changed)),
        drift=len(changed) / max(len(always), 1),
    )
    if gone:
        return judged
    return _learn(_learn(judged, always - set(shape.gone), at) if shape.gone else judged, found, at)


def _learn(shape: Shape, parts: Iterable[str], at: datetime) -> Shape:
    """Another page of the kind is known."""
    halved = shape.pages >= STILL
    counts = {part: n // 2 if halved else n for part, n in shape.parts.items()}
    for part in parts:
        counts[part] = counts.get(part, 0) + 1
    most = sorted(counts, key=lambda part: (-counts[part], part))[:MOST]
    pages = (shape.pages // 2 if halved else shape.pages) + 1
    return replace(shape, pages=pages, parts={part: counts[part] for part in most if counts[part]}, at=at)
