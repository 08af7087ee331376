"""V2EX by its public API: the newest and the hottest topics, and the replies to those that matter."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs, urlsplit

from crawlers.reading.html import to_text
from crawlers.reading.jsontext import write_json
from crawlers.reading.refusals import json_of, refused
from crawlers.reading.times import parse_time
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source, blocked
from mentions.brands import Brand
from mentions.counts import parse_count
from mentions.types import Author, Engagement, Mention, Observation

PLATFORM = "v2ex"
SITE = "https://www.v2ex.com"
HOSTS = frozenset({"v2ex.com", "www.v2ex.com", "cn.v2ex.com", "global.v2ex.co"})
TOPIC_IN_PATH = re.compile(r"/t/(\d+)/?")
TOPIC_ASKED = re.compile(r"/api/v2/topics/(\d+)/replies/?")
STANDING = (None, 0, "0", "")
"""What `deleted` says of a topic that is there."""
STATUSES = {
    403: (Outcome.THROTTLED, "the API's hourly allowance is used up"),
    404: (Outcome.NOT_FOUND, "there is no such topic"),
    429: (Outcome.THROTTLED, "the API's hourly allowance is used up"),
}


class V2ex(Source):
    """Topics and replies of V2EX. Its API allows 120 requests an hour and has no keyword search."""

    place: ClassVar[str | None] = PLATFORM
    type: Literal["v2ex"] = "v2ex"
    base_url: str = SITE
    collection: Literal["official", "licensed", "public", "signed-in"] = "official"

    def start(self, brands: Sequence[Brand]) -> Iterator[Fetch]:  # noqa: ARG002 - the API cannot search
        """The newest 20 topics and the hottest ten."""
        for listing in ("latest", "hot"):
            yield replace(self._fetch(f"/api/topics/{listing}.json", listing), query=f"[{listing}]")

    def reread(self, mention: Mention) -> Fetch | None:
        """A topic by its number; a reply among those of its topic."""
        topic = (mention.thread or mention.id).removeprefix(f"{PLATFORM}:")
        if not topic.isdigit():
            return None
        if mention.id == f"{PLATFORM}:{topic}":
            return self._fetch(f"/api/topics/show.json?id={topic}", "topic")
        return self._replies(topic, mention.title, Gate.ALWAYS)

    def page_of(self, url: str) -> Fetch | None:
        """A topic by its address; a link to one of its replies means the topic."""
        parts = urlsplit(url)
        topic = TOPIC_IN_PATH.fullmatch(parts.path)
        if topic is None or parts.hostname not in HOSTS | {urlsplit(self.base_url).hostname}:
            return None
        fetch = self._fetch(f"/api/topics/show.json?id={topic[1]}", "topic")
        return replace(fetch, mention_id=f"{PLATFORM}:{topic[1]}")

    def read(self, answer: Answer, name: str) -> Page:
        """Read a list of topics or of replies, told apart by their shape."""
        if (refusal := refused(answer, STATUSES)) is not None:
            return refusal
        listed, instead = json_of(answer)
        if instead is not None:
            return instead
        listed = _listed(listed)
        if not isinstance(listed, list):
            said = listed.get("message") if isinstance(listed, dict) else None
            gone = isinstance(said, str) and "not found" in said.lower()
            return blocked(
                Outcome.NOT_FOUND if gone else Outcome.ERROR_PAGE, f"The API says: {said or 'no list'}."
            )
        if not listed:
            if answer.fetch is not None and answer.fetch.kind == "topic":
                return blocked(Outcome.NOT_FOUND, "The API knows no topic of this number.")
            return blocked(Outcome.EMPTY, "The API answers with an empty list.")
        return self._items([item for item in listed if isinstance(item, dict)], answer, name)

    def _items(self, items: list[dict[str, Any]], answer: Answer, name: str) -> Page:
        found: list[Observation] = []
        follow: list[Fetch] = []
        there = [item for item in items if item.get("deleted") in STANDING]
        if items and not there:
            return blocked(Outcome.NOT_FOUND, "What the API shows was deleted.")
        for item in there:
            if not str(item.get("id", "")).isdigit() or "topics" in item:  # that is a node
                continue
            if "title" in item:
                found.append(topic := _topic(item, answer, name))
                if answer.fetch is not None and topic.engagement and topic.engagement.comments:
                    follow.append(self._replies(str(item["id"]), topic.mention.title, Gate.DISCUSSED))
            elif "content" in item or "content_rendered" in item:
                found.append(_reply(item, answer, name))
        if not found:
            return blocked(Outcome.LAYOUT_CHANGED, "The API's list holds neither topics nor replies.")
        return Page(Outcome.MENTIONS, tuple(found), tuple(follow), f"The list holds {len(found)} posts.")

    def _replies(self, topic: str, title: str | None, gate: Gate) -> Fetch:
        return Fetch(
            f"{self.base_url.rstrip('/')}/api/replies/show.json?topic_id={topic}",
            "replies",
            self.signed_headers,
            {"topic": topic, "title": title},
            gate=gate,
            mention_id=f"{PLATFORM}:{topic}",
        )

    def _fetch(self, path: str, kind: str) -> Fetch:
        return Fetch(self.base_url.rstrip("/") + path, kind, self.signed_headers)


def _listed(said: Any) -> Any:
    """The list of an answer: by itself (v1), under `result` (v2), or of the single topic that it is."""
    if isinstance(said, dict) and said.get("success") is True and "result" in said:
        said = said["result"]
    return [said] if isinstance(said, dict) and "id" in said else said


def _topic(item: Mapping[str, Any], answer: Answer, name: str) -> Observation:
    number = str(item["id"])
    mention = Mention(
        id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        source=name,
        url=f"{SITE}/t/{number}",
        text=_text(item),
        first_seen=answer.fetched_at,
        published=_created(item, answer),
        author=_author(item.get("member")),
        title=to_text(str(item.get("title") or "")) or None,
        thread=f"{PLATFORM}:{number}",
    )
    replies = parse_count(item.get("replies"))
    counts = Engagement(mention.id, answer.fetched_at, comments=replies.value if replies else None)
    return Observation(mention, counts, write_json(item))


def _reply(item: Mapping[str, Any], answer: Answer, name: str) -> Observation:
    number = str(item["id"])
    topic = item.get("topic_id") or answer.context.get("topic") or _topic_in(answer.url)
    mention = Mention(
        id=f"{PLATFORM}:reply:{number}",
        platform=PLATFORM,
        source=name,
        url=f"{SITE}/t/{topic}#r_{number}" if topic else "",
        text=_text(item),
        first_seen=answer.fetched_at,
        published=_created(item, answer),
        author=_author(item.get("member")),
        title=answer.context.get("title"),
        thread=f"{PLATFORM}:{topic}" if topic else None,
    )
    thanks = parse_count(item.get("thanks"))
    counts = Engagement(mention.id, answer.fetched_at, likes=thanks.value) if thanks else None
    return Observation(mention, counts, write_json(item))


def _topic_in(url: str) -> str | None:
    parts = urlsplit(url)
    in_path = TOPIC_ASKED.fullmatch(parts.path)
    return in_path[1] if in_path else next(iter(parse_qs(parts.query).get("topic_id", [])), None)


def _text(item: Mapping[str, Any]) -> str:
    rendered = item.get("content_rendered")
    if isinstance(rendered, str) and rendered:
        return to_text(rendered)
    return to_text(str(item.get("content") or ""))


def _created(item: Mapping[str, Any], answer: Answer) -> datetime | None:
    created = item.get("created")
    return parse_time(created, answer.fetched_at) if isinstance(created, int | float | str) else None


def _author(member: object) -> Author | None:
    if not isinstance(member, Mapping) or not isinstance(member.get("id"), int | str):
        return None
    return Author(PLATFORM, str(member["id"]), str(member.get("username") or ""))
