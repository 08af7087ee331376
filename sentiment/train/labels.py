"""Labels of our own, given by reading; the texts themselves stay in the data folder, and are found by a digest.

docs/labelling.md says by which guideline, and how often two readers agreed.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).with_name("labels")
SPACES = re.compile(r"\s+")
HELD_OUT = "19"
"""A tenth of all digests are smaller."""
DIGITS = 20
"""Of a digest's 64: enough that no two of a billion texts meet."""


def key(text: str) -> str:
    """By what a text is known: the beginning of its SHA-256, white space left out."""
    return sha256(SPACES.sub("", text).encode()).hexdigest()[:DIGITS]


def is_held_out(text: str) -> bool:
    """Whether a text is of the tenth that calibration and thresholds are found on, and nothing is fitted to."""
    return key(text) < HELD_OUT


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under a post. `torn`: the reader would not quarrel with another answer."""

    label: str
    torn: bool


@dataclass(frozen=True, slots=True)
class Post:
    """An original post."""

    label: str
    category: str
    severity: int


@dataclass(frozen=True, slots=True)
class Stance:
    """What a text says of a brand, and whether it is about it."""

    brand: str
    stance: str
    subject: bool


def comments() -> Mapping[str, Comment]:
    """By key."""
    return {row["key"]: Comment(row["label"], row["torn"] == "1") for row in _rows("comments")}


def posts() -> Mapping[str, Post]:
    """By key."""
    return {row["key"]: Post(row["label"], row["category"], int(row["severity"])) for row in _rows("posts")}


def brands() -> Mapping[str, list[Stance]]:
    """By key, one for each brand that the text was read for."""
    found: dict[str, list[Stance]] = {}
    for row in _rows("brands"):
        found.setdefault(row["key"], []).append(Stance(row["brand"], row["stance"], row["subject"] == "1"))
    return found


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
