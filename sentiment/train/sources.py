"""The data folder: where each example comes from, and which texts nobody labelled."""

import csv
import json
import lzma
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from sentiment.cleaning import clean
from sentiment.train import labels
from sentiment.train.examples import CATEGORIES, NUMBER, Example

CORPORA = "sentiment/corpora.csv.xz"
UNLABELLED = "sentiment/weibo_unlabelled.txt.xz"
CASCADES = "cascades/cascades_dev.jsonl.xz"
KNOW_NEUTRAL = frozenset({"smp_usual", "smp_virus", "moods8", "bdci_car"})
BY_EMOTICONS = frozenset({"weibo_senti"})
EMOTICON = re.compile(r"\[[^\[\]]{1,8}\]")
CLEAR, HARD, TORN, READ, BRIEF = 0.96, 0.9, 0.8, 0.94, 0.92
"""How sure a label is: given and clear, given and marked as hard, our own where the reader was torn and where
not, and our own of posts, which were read once."""
OF_A_COMMENT = "//@"


class DataMissing(Exception):
    """The data folder lacks what the recipe needs: the message says which file."""


@dataclass(frozen=True, slots=True)
class Data:
    """The folder that `tingfeng sentiment train --data` names."""

    folder: Path

    def examples(self) -> list[Example]:
        """All that is labelled, for training; texts in which nothing is said are left out."""
        found = (*self._given_comments(), *self._given_posts(), *self._corpora(), *self._of_ours())
        return [example for example in found if example.text]

    def texts(self) -> Iterator[str]:
        """All texts that may be trained on, cleaned, labelled or not: what the vocabulary is chosen by."""
        with self._open(UNLABELLED) as file:
            yield from map(clean, file)
        yield from (clean(row["text"]) for row in self._table(CORPORA) if row["split"] == "train")
        yield from (clean(comment) for comment in self._comments())

    def _given_comments(self) -> Iterator[Example]:
        for row in self._table("sentiment/weibo_comments_train.csv"):
            yield Example("given comments", clean(row["text"]), NUMBER[row["label"]], _sure(row["hard"]))

    def _given_posts(self) -> Iterator[Example]:
        for row in self._table("sentiment/weibo_posts_train.csv"):
            yield Example(
                "given posts",
                clean(row["text"]),
                NUMBER[row["label"]],
                _sure(row["hard"]),
                category=CATEGORIES.index(row["category"]),
                severity=int(row["severity"]),
            )

    def _corpora(self) -> Iterator[Example]:
        for row in self._table(CORPORA):
            if row["split"] == "train":
                source = "shop" if row["src"].startswith("shop_") else row["src"]
                yield Example(
                    source,
                    clean(row["text"]),
                    NUMBER[row["label"]],
                    binary=source not in KNOW_NEUTRAL,
                    emoticons=source in BY_EMOTICONS or EMOTICON.search(row["text"]) is not None,
                )

    def _of_ours(self) -> Iterator[Example]:
        """Our labels, on whichever texts of the folder they are; each text once."""
        comments, posts, brands = labels.comments(), labels.posts(), labels.brands()
        taken = set[str]()
        for text in self._labellable():
            key = labels.key(text)
            if key in taken or not (key in comments or key in posts or key in brands):
                continue
            taken.add(key)
            said = clean(text)
            if (comment := comments.get(key)) is not None:
                yield Example("our comments", said, NUMBER[comment.label], TORN if comment.torn else READ)
            if (post := posts.get(key)) is not None:
                category = CATEGORIES.index(post.category)
                yield Example(
                    "our posts", said, NUMBER[post.label], BRIEF, category=category, severity=post.severity
                )
            for stance in brands.get(key, ()):
                yield Example(
                    "brands",
                    said,
                    brand=clean(stance.brand),
                    stance=NUMBER[stance.stance],
                    subject=int(stance.subject),
                )

    def _labellable(self) -> Iterator[str]:
        with self._open(UNLABELLED) as file:
            yield from (line.strip() for line in file)
        yield from (row["text"] for row in self._table(CORPORA) if row["split"] == "train")
        yield from self._comments()
        yield from (post["text"] for post in self._posts())

    def _comments(self) -> Iterator[str]:
        for post in self._posts():
            yield from (repost[3].split(OF_A_COMMENT)[0].strip() for repost in post["reposts"])

    def _posts(self) -> Iterator[dict[str, Any]]:
        with self._open(CASCADES) as file:
            yield from map(json.loads, file)

    def _table(self, name: str) -> Iterator[dict[str, str]]:
        with self._open(name) as file:
            yield from csv.DictReader(file)

    def _open(self, name: str) -> IO[str]:
        path = self.folder / name
        opener = OPENERS.get(path.suffix, _plain)
        try:
            return opener(path)
        except FileNotFoundError:
            raise DataMissing(f"{path} is not there; --data names the folder that holds it.") from None


def _plain(path: Path) -> IO[str]:
    return path.open(encoding="utf-8", newline="")


def _compressed(path: Path) -> IO[str]:
    return lzma.open(path, "rt", encoding="utf-8", newline="")


OPENERS: Mapping[str, Callable[[Path], IO[str]]] = MappingProxyType({".xz": _compressed})


def _sure(hard: str) -> float:
    return HARD if hard == "1" else CLEAR
