"""From the page that first held a post to the message about it, in the running service under load."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any, Literal

from benchmarks.posts import NAMES, brands, weibo_post
from benchmarks.results import REACHED, Goal, Line
from mentions.outbox import Notification
from mentions.sqlite import SqliteStore
from mentions.types import Label
from sentiment.model import Judgement, Model
from tingfeng.config import Config
from tingfeng.sandbox import Sandbox, World
from tingfeng.sandbox.clock import utc_now
from tingfeng.sandbox.receiver import TOKEN
from tingfeng.sandbox.world import Post

GOAL = Goal(2.0, at_most=True)
A_MINUTE = 1_000
ONE_IN = 100
"""Each so-manieth post is suspect: negative, by a 大V, and reposted at once."""
LEAD = timedelta(seconds=8)
"""From the start of the service to the first post."""
ACCUSATION = "充电时突然起火"
VISITS = "5s"


class Keyword(Model):
    """A model that keeps up with anything: one accusation is negative, all else is neutral."""

    type: Literal["keyword"] = "keyword"

    @property
    def name(self) -> str:
        """See Model.name."""
        return "keyword-1"

    def judge_said(self, texts: Sequence[str]) -> list[Judgement]:
        """See Model.judge_said."""
        return [
            Judgement(0.95, Label.NEGATIVE, (ACCUSATION,)) if ACCUSATION in text else Judgement(0.1, Label.NEUTRAL)
            for text in texts
        ]


@dataclass(frozen=True, slots=True)
class Steady:
    """A count that is there with the post and stays: each suspect post is worth one message."""

    total: int

    def at(self, age: float) -> int:  # noqa: ARG002 - the interface's name
        """See Count.at."""
        return self.total


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service finds its site, its receiver and its store."""

    weibo: str
    slack: str
    store: Path

    def config(self) -> Config:
        """What an operator would write."""
        blocks: dict[str, Any] = {
            "brands": {
                b.name: {
                    "aliases": b.aliases,
                    "ambiguous": b.ambiguous,
                    "context": b.context,
                    "exclude": b.exclude,
                }
                for b in brands()
            },
            "sources": {"weibo": {"type": "weibo", "base_url": self.weibo, "schedule": VISITS, "delay": "0s"}},
            "channels": {
                "slack": {"type": "slack", "token": TOKEN, "channel": "#pr-alerts", "base_url": self.slack}
            },
            "rules": RULES,
            "store": str(self.store),
        }
        return Config.model_validate(blocks).model_copy(update={"model": Keyword()})


RULES = {
    "viral-negative-big-v": {
        "type": "post",
        "title": "大V 负面正在扩散",
        "when": 'score.label == "negative" and author.is_big_v',
        "levels": {
            "yellow": "velocity.reposts_10m >= 20 or velocity.comments_10m >= 20",
            "orange": "velocity.reposts_10m >= 100 or velocity.reposts_30m >= 200",
            "red": "engagement.reposts >= 500",
        },
    },
    "source-silent": {
        "type": "source",
        "title": "数据源读不到了",
        "severity": "yellow",
        "when": "source.minutes_since_success >= 2",
    },
    "scoring-stopped": {
        "type": "scoring",
        "title": "情感判分停了",
        "severity": "orange",
        "when": "scoring.failing or scoring.oldest_minutes >= 2",
    },
}


def posts(seconds: float) -> list[Post]:
    """The stream: evenly spread, the brands in no order."""
    chance = Random(3)  # noqa: S311 - the same posts at every run
    count = round(seconds * A_MINUTE / 60)
    return [
        _suspect(post) if number % ONE_IN == ONE_IN // 2 else post
        for number in range(count)
        for post in [weibo_post(chance, number, chance.choice(NAMES), at=number * 60 / A_MINUTE)]
    ]


def _suspect(post: Post) -> Post:
    loud = replace(post.author, followers=1_200_000, verified=True, verified_type=0)
    return replace(post, author=loud, text=f"{ACCUSATION}，{post.text}", reposts=Steady(60))


def serve(place: Place) -> None:
    """The service as `tingfeng run` starts it, until SIGTERM."""
    import structlog  # noqa: PLC0415 - late: these are the measured process's own

    from crawlers.reactor import run_in_reactor  # noqa: PLC0415
    from tingfeng.desk import open_desk  # noqa: PLC0415
    from tingfeng.service import Service  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    with open_desk(place.config()) as desk:
        service = Service(desk)
        with desk.only_run(*service.locks):
            run_in_reactor(service.run)


@contextmanager
def service(place: Place) -> Iterator[None]:
    """The service in a process of its own while the block runs."""
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(place,))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(REACHED)
        process.kill()


def run(*, quick: bool) -> list[Line]:
    """One run of the whole way, the site and the receiver in this process."""
    seconds = 12.0 if quick else 120.0
    stream = posts(seconds)
    suspects = {f"weibo:{post.id}" for post in stream if ACCUSATION in post.text}
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(World(stream), speed=1.0, start=utc_now() + LEAD)
        with sandbox:
            place = Place(sandbox.urls.weibo, sandbox.urls.slack, Path(folder) / "store.db")
            with service(place):
                time.sleep(LEAD.total_seconds() + seconds)
                until = time.monotonic() + REACHED / 2
                while len(sandbox.slack.log) < len(suspects) and time.monotonic() < until:
                    time.sleep(0.1)
        arrived = {entry.ts: entry.at for entry in sandbox.slack.log.shown}
        with SqliteStore(place.store) as store:
            stored = store.database.rows("SELECT count(*) FROM mention")[0][0]
            latencies = _latencies(store, arrived)
    assert set(latencies) == suspects, f"{len(latencies)} of {len(suspects)} arrived"
    return _lines(sorted(latencies.values()), stored / len(stream), len(stream), len(arrived))


def _latencies(store: SqliteStore, arrived: dict[str | None, datetime]) -> dict[str, float]:
    """Seconds from the fetch of a post's page to the first message about it, by the post."""
    incidents = store.incidents.recent(unresolved=False, limit=10_000)
    sent = [n for incident in incidents for n in store.outbox.of_incident(incident.id)]
    first: dict[str, Notification] = {}
    for notification in sorted(sent, key=lambda n: n.id):
        if notification.payload["kind"] == "post" and notification.receipt in arrived:
            first.setdefault(notification.payload["mention"]["id"], notification)
    return {
        mention: (arrived[n.receipt] - datetime.fromisoformat(n.payload["clock"]["seen"])).total_seconds()
        for mention, n in first.items()
    }


def _lines(seconds: Sequence[float], share: float, count: int, messages: int) -> list[Line]:
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    load = (
        f"{A_MINUTE:,} mentions a minute, 1 % suspect: {count:,} posts ({share:.1%} stored), "
        f"{len(seconds)} suspects, {messages} messages"
    )
    return [
        Line("alert", f"p95 from page fetched to message delivered, {load}", p95, "s", GOAL),
        Line("alert.p50", "the same, p50", median(seconds), "s"),
        Line("alert.max", "the same, the slowest", seconds[-1], "s"),
    ]
