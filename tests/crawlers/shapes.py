"""How tests write down what a parser made of an answer."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from crawlers.source import Answer, Page, Source
from crawlers.sources import SOURCE_TYPES
from mentions.types import Author, Observation

FIXTURES = Path(__file__).parent / "fixtures"


def cases() -> list[Path]:
    return sorted(path.parent for path in FIXTURES.glob("*/*/answer.json"))


def source_of(case: Path) -> Source:
    """What reads a case: its kind as it is, or with the block of config.yaml that stands beside it."""
    kind, block = SOURCE_TYPES[case.parent.name], case / "source.json"
    if not block.exists():
        return kind.reader()
    return kind.model_validate({"type": case.parent.name, **json.loads(block.read_text(encoding="utf-8"))})


def answer_of(case: Path) -> Answer:
    said: dict[str, Any] = json.loads((case / "answer.json").read_text(encoding="utf-8"))
    said["fetched_at"] = datetime.fromisoformat(said["fetched_at"])
    (body,) = case.glob("input.*")
    return Answer(body=body.read_bytes(), **said)


def shape_of(page: Page) -> dict[str, Any]:
    accounts = {"authors": [_author(author) for author in page.authors]} if page.authors else {}
    return {
        **accounts,
        "outcome": page.outcome.value,
        "detail": page.detail,
        "mentions": [_mention(o) for o in page.observations],
        "follow": [
            {"url": f.url, "gate": f.gate.value, "changed": f.changed and f.changed.isoformat()}
            for f in page.follow
        ],
    }


def _mention(observation: Observation) -> dict[str, Any]:
    m, e = observation.mention, observation.engagement
    author = m.author and _author(m.author)
    counts = e and {
        **{key: getattr(e, key) for key in ("reposts", "comments", "likes", "views")},
        "at_least": sorted(e.at_least),
    }
    return {
        "id": m.id,
        "url": m.url,
        "title": m.title,
        "text": m.text,
        "truncated": m.truncated,
        "published": m.published and m.published.isoformat(),
        "author": author,
        "engagement": counts,
        "repost_of": m.repost_of,
        "thread": m.thread,
        "region": m.region,
        **({"hot": [observation.hot.rank, observation.hot.heat, observation.hot.tag]} if observation.hot else {}),
    }


def _author(author: Author) -> dict[str, Any]:
    return {
        "id": author.id,
        "name": author.name,
        "followers": author.followers,
        "verified": author.verified,
        "verified_type": author.verified_type,
    }
