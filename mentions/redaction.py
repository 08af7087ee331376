"""Taking an author out of what was written about a post, so that what is left can still be read and rendered."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

ERASED = "[erased]"
"""Stands where a name or a text was."""
SHORTEST_NAME = 2
"""Characters: a shorter name stands in too many other words to be looked for inside them."""
SHORTEST_NUMBER = 5
"""The same for an author's id, which is often only digits."""
QUOTES = ("before", "after", "text")
"""Where an event or a message quotes a post."""
CANCELLED = "cancelled: the post was erased at its author's request"


@dataclass(frozen=True)
class Trace:
    """By what an author and his posts are known in other texts. `until`: what was written later stays."""

    platform: str
    author: str
    until: datetime
    names: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()

    @cached_property
    def _inside(self) -> "re.Pattern[str] | None":
        whole = [f"(?<!\\w){re.escape(text)}(?!\\w)" for text in self._longest_first(self.posts | self.urls)]
        whole += [f"(?<!\\w){re.escape(self.author)}(?!\\w)"] if len(self.author) >= SHORTEST_NUMBER else []
        names = [re.escape(name) for name in self._longest_first(self.names) if len(name) >= SHORTEST_NAME]
        return re.compile("|".join(whole + names)) if whole or names else None

    @staticmethod
    def _longest_first(texts: frozenset[str]) -> list[str]:
        return sorted((text for text in texts if text), key=lambda text: (-len(text), text))

    def clean(self, value: Any) -> Any:
        """The same JSON without the author's name and number, his posts' ids and addresses."""
        if isinstance(value, dict):
            return {key: self.clean(inside) for key, inside in value.items()}
        if isinstance(value, list):
            return [self.clean(inside) for inside in value]
        if not isinstance(value, str):
            return value
        if value == self.author or value in self.names:
            return ERASED
        return self._inside.sub(ERASED, value) if self._inside else value

    def event(self, data: Any) -> Any:
        """An event's data without the author; where it is about his post, without what it quotes of that."""
        if isinstance(data, dict) and data.get("mention") in self.posts:
            data = data | {key: ERASED for key in QUOTES if key in data}
            data |= {"evidence": []} if "evidence" in data else {}
        return self.clean(data)

    def concerns(self, author: dict[str, Any] | None) -> bool:
        """Whether a payload's author is this one."""
        return author is not None and author.get("id") == self.author

    def wrote(self, facts: dict[str, Any]) -> bool:
        """Whether a message is about a post of this author, written before he asked to be forgotten."""
        post = facts.get("mention")
        if not isinstance(post, dict) or not self.concerns(post.get("author")):
            return False
        if post.get("platform") != self.platform.partition(":")[0]:
            return False
        published = facts.get("clock", {}).get("published")
        return published is None or datetime.fromisoformat(published) < self.until

    def named_by(self, facts: dict[str, Any]) -> "Trace":
        """The same author, also by the names under which this message knows him."""
        people = [(facts.get("mention") or {}).get("author"), *facts.get("voices", ())]
        names = {person["name"] for person in people if self.concerns(person) and person.get("name")}
        return Trace(self.platform, self.author, self.until, self.names | names, self.posts, self.urls)

    def payload(self, facts: dict[str, Any]) -> dict[str, Any]:
        """A message's facts without the author; where it is about his post, only a stub of the post is left."""
        trace = self.named_by(facts)
        voices = [voice for voice in facts.get("voices", ()) if not self.concerns(voice)]
        left = facts | ({"voices": voices} if "voices" in facts else {})
        if self.wrote(facts):
            left |= {
                "authenticity": None,
                "mention": stub(facts["mention"]),
                "words": [],
                "terms": [_term(t) for t in facts["terms"]],
            }
            left |= {key: ERASED for key in QUOTES if facts.get(key)}
            if facts.get("score"):
                left["score"] = facts["score"] | {"words": []}
        cleaned: dict[str, Any] = trace.clean(left)
        return cleaned


def stub(mention: dict[str, Any]) -> dict[str, Any]:
    """What is left of a post in a message: where it stood, and that it was erased."""
    empty = dict.fromkeys(mention) | {"id": ERASED, "url": "", "text": ERASED}
    return empty | {"platform": mention["platform"], "source": mention.get("source"), "erased": True}


def _term(term: dict[str, Any]) -> dict[str, Any]:
    """A comparison of the decision, without what it quotes of the post."""
    value = term.get("value")
    return term | {"value": ERASED if isinstance(value, str) else [] if isinstance(value, list) else value}
