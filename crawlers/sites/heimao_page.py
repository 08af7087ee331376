"""The page of one complaint on 黑猫投诉: what its author says, and each step since, be it an answer or a state."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.html import to_text
from crawlers.reading.times import parse_time

BEGUN = "发起投诉"
"""What the step is called that holds the complaint itself."""
NUMBER, WANTED = "投诉编号", "投诉要求"
BETWEEN = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody did: `status` is the site's word for it (回复, 已完成), `text` his words, if any."""

    name: str
    status: str
    at: datetime | None
    text: str
    raw: bytes

    @property
    def key(self) -> str:
        """What it is known by: the site gives it no number."""
        when = self.text if self.at is None else self.at.isoformat()
        return blake2b(f"{self.name}\n{self.status}\n{when}".encode(errors="replace"), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint, and its steps, the oldest first."""

    number: str
    title: str
    name: str
    published: datetime | None
    text: str
    wanted: str
    raw: bytes
    steps: Sequence[Step]


def complaint(tree: LexborHTMLParser, at: datetime) -> Complaint | None:
    """What the page shows; None where it is not that of a complaint. `at` is when it was fetched."""
    question = tree.css_first("div.ts-d-question")
    if question is None:
        return None
    said = dict(_fields(question))
    title = _text(question.css_first("h1"))
    items = tree.css("div.ts-d-steplist div.ts-d-item")
    first = next((item for item in items if BEGUN in _text(item.css_first(".u-status"))), None)
    paragraphs = [] if first is None else [_text(p) for p in first.css("p")]
    text = max((p for p in paragraphs if p != title), key=len, default="")
    if not said.get(NUMBER) or not (text or title):
        return None
    return Complaint(
        number=said[NUMBER],
        title=title,
        name=_text(question.css_first(".u-name")),
        published=parse_time(_text(question.css_first(".u-date")), at),
        text=text,
        wanted=",".join(filter(None, BETWEEN.split(said.get(WANTED, "")))),
        raw=_raw(question) + (b"" if first is None else _raw(first)),
        steps=[_step(item, at) for item in reversed(items) if item != first],
    )


def _fields(question: LexborNode) -> Iterator[tuple[str, str]]:
    """The list beside the complaint: 投诉编号, 投诉对象, 投诉要求, 投诉进度."""
    for entry in question.css("ul.ts-q-list li"):
        label, _, value = _text(entry).replace(":", "：").partition("：")
        yield label.strip(), value.strip()


def _step(item: LexborNode, at: datetime) -> Step:
    words = item.css_first(".ts-d-cont") or item.css_first(".ts-reply")
    text = _text(words) if words is not None else "\n".join(filter(None, map(_text, item.css("p"))))
    status, name = _text(item.css_first(".u-status")), _text(item.css_first(".u-name"))
    return Step(name, status, parse_time(_text(item.css_first(".u-date")), at), text, _raw(item))


def _text(node: LexborNode | None) -> str:
    return "" if node is None else to_text(node.html or "")


def _raw(node: LexborNode) -> bytes:
    return (node.html or "").encode(errors="replace")
