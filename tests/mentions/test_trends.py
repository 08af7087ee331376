"""The hourly roll-ups: whatever happens to a post, they count what there is."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mentions.incidents import Finding
from mentions.posts import Search
from mentions.store import Store
from mentions.types import Label, Score, Severity
from tests.making import NOW, mention, minutes, negative, seen

LONG = timedelta(days=365)
HOUR_AGO = NOW - minutes(60)


def counted(store: Store) -> Counter[tuple[Any, ...]]:
    """The posts themselves, one by one."""
    severities: dict[tuple[str | None, str | None], Severity] = {}
    for incident in store.incidents.recent(unresolved=False):
        for finding in store.incidents.findings(incident.id):
            key = finding.mention_id, finding.brand
            severities[key] = max(severities.get(key, Severity.BLUE), finding.severity)
    counts: Counter[tuple[Any, ...]] = Counter()
    for found in store.posts.search(Search(limit=1000)):
        post, label = found.mention, found.score.label if found.score else None
        for brand in post.brands:
            severity = severities.get((post.id, brand))
            counts[hour(post.published or post.first_seen), brand, post.platform, label, severity] += 1
    return counts


def hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def rolled_up(store: Store) -> Counter[tuple[Any, ...]]:
    listed = store.trends.hourly(NOW - LONG, NOW + LONG)
    return Counter({(h.hour, h.brand, h.platform, h.label, h.severity): h.mentions for h in listed})


def record(store: Store) -> None:
    for n in range(5):
        brands = ("星河", "大洋") if n % 2 else ("星河",)
        store.posts.record([seen(mention(f"weibo:{n}", published=NOW - minutes(25 * n), brands=brands))])
    store.posts.record([seen(mention("v2ex:1", brands=())), seen(mention("v2ex:2", published=None))])


def see_again(store: Store) -> None:
    store.posts.record([seen(mention("weibo:1", brands=("星河", "大洋")), NOW + minutes(1))])


def edit(store: Store) -> None:
    store.posts.record([seen(mention("weibo:1", "改过的帖子", brands=("星河", "大洋")), NOW + minutes(2))])


def score(store: Store) -> None:
    store.posts.add_scores([negative("weibo:1"), negative("weibo:2")])


def score_again(store: Store) -> None:
    store.posts.add_scores([Score("weibo:1", "other", NOW + minutes(3), 0.1, Label.POSITIVE, ())])


def score_earlier(store: Store) -> None:
    store.posts.add_scores([Score("weibo:1", "older", HOUR_AGO, 0.5, Label.NEUTRAL, ())])


def find(store: Store) -> None:
    finding = Finding("viral", "post:1", Severity.YELLOW, NOW, "weibo:1", "大洋", {})
    incident = store.incidents.open(finding, "负面")
    for severity in (Severity.YELLOW, Severity.RED, Severity.BLUE):
        rose = Finding("viral", "post:1", severity, NOW, "weibo:1", "大洋", {})
        store.incidents.add_finding(rose, incident.id)


WAY: tuple[Callable[[Store], None], ...] = (record, see_again, score, score_again, find, edit)


@pytest.mark.parametrize("steps", range(1, len(WAY) + 1), ids=lambda n: WAY[n - 1].__name__)
def test_after_each_step_the_roll_ups_are_what_the_posts_say(store: Store, steps: int) -> None:
    for step in WAY[:steps]:
        step(store)
    assert rolled_up(store) == counted(store)
    store.maintain()
    assert rolled_up(store) == counted(store)
    assert store.trends.rebuild() == 0


def test_shares_are_the_roll_ups_without_what_tells_platforms_apart(store: Store) -> None:
    for step in WAY:
        step(store)
    every, bad = Counter[Any](), Counter[Any]()
    for (at, brand, _, label, _), mentions in counted(store).items():
        every[at, brand] += mentions
        bad[at, brand] += mentions if label is Label.NEGATIVE else 0
    shares = store.trends.shares(NOW - LONG, NOW + LONG)
    assert {(s.hour, s.brand): (s.mentions, s.negative) for s in shares} == {k: (every[k], bad[k]) for k in every}


def test_an_older_judgement_that_comes_late_changes_nothing(store: Store) -> None:
    record(store)
    score(store)
    before = rolled_up(store)
    score_earlier(store)
    assert rolled_up(store) == counted(store) == before


def test_what_is_deleted_is_no_longer_counted(store: Store) -> None:
    for step in WAY:
        step(store)
    with store.transaction(), store.database.transaction() as tx:  # type: ignore[attr-defined]
        tx.execute("DELETE FROM mention_brand WHERE mention = 2")
        tx.execute("DELETE FROM mention WHERE n = 2")
    assert sum(rolled_up(store).values()) == sum(counted(store).values())
    assert store.trends.rebuild() == 0


def test_a_rebuild_mends_what_another_tool_spoiled_and_says_how_much(store: Store) -> None:
    for step in WAY:
        step(store)
    right = rolled_up(store)
    with store.database.transaction() as tx:  # type: ignore[attr-defined]
        tx.execute("UPDATE mention_brand SET label = 'positive', severity = 0")
    assert rolled_up(store) != right
    assert store.trends.rebuild() > 0
    assert rolled_up(store) == right
    assert store.trends.rebuild() == 0
