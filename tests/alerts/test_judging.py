"""The stage between scores and incidents: its queue, and what it asks to see again."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from alerts.incidents import Change
from alerts.judging import GIVE_UP_AFTER, Judged
from alerts.repolling import Schedule
from alerts.rules.expression import Expression
from alerts.rules.facts import PostFacts
from mentions.store import Store
from mentions.tasks import JUDGE, reread
from tests.alerts.arranging import judge, messages, settings, show, the_incident
from tests.making import NOW, mention, minutes, seen

QUIET = settings({"never": {"when": "engagement.reposts >= 9999", "severity": "red"}})
BROKEN = {"when": "engagement.reposts / engagement.views > 1", "severity": "red"}


def due(store: Store, at: datetime) -> list[str]:
    tasks = store.tasks.claim(reread("weibo"), owner="crawler", now=at, lease=minutes(1), limit=9)
    store.tasks.release(tasks, owner="crawler")
    return [task.mention_id for task in tasks]


def test_what_was_judged_is_done(store: Store) -> None:
    show(store, mention())
    assert judge(store) == Judged(1, Counter(), 0)
    assert judge(store) == Judged(0, Counter(), 0)
    assert store.tasks.backlog(JUDGE).waiting == 0


def test_a_post_that_is_asked_for_while_it_is_judged_is_judged_again(store: Store) -> None:
    show(store, mention())
    store.tasks.claim(JUDGE, owner="dead", now=NOW, lease=minutes(2), limit=9)
    assert judge(store, at=NOW + minutes(1)).posts == 0
    assert judge(store, at=NOW + minutes(2)).posts == 1


def test_a_post_whose_rule_breaks_is_tried_again_and_then_set_aside(store: Store) -> None:
    show(store, mention(), reposts=3)
    broken = settings({"broken": BROKEN})
    failed = [judge(store, broken, NOW + minutes(n)).failed for n in range(GIVE_UP_AFTER + 2)]
    assert failed == [1] * GIVE_UP_AFTER + [0, 0]
    assert store.tasks.backlog(JUDGE).quarantined == 1


def test_a_rule_that_breaks_does_not_silence_the_others(store: Store) -> None:
    show(store, mention(), reposts=3)
    judged = judge(store, settings({"broken": BROKEN, "whole": {"severity": "yellow"}}))
    assert (judged.changes, judged.failed) == (Counter({Change.OPENED: 1}), 1)
    assert [m.payload["rule"] for m in messages(store)] == ["whole"]


def test_a_suspicion_that_breaks_is_a_suspicion(store: Store) -> None:
    show(store, mention(), reposts=3)
    suspect = Expression("engagement.reposts / engagement.views > 1", PostFacts)
    assert judge(store, settings({"r": {"severity": "red"}}, suspect=suspect)).failed == 1
    assert due(store, NOW + minutes(1)) == ["weibo:1"]


def test_the_other_posts_of_a_batch_are_judged_all_the_same(store: Store) -> None:
    for n in (1, 2):
        show(store, mention(f"weibo:{n}"), reposts=3, views=n - 1)
    judged = judge(store, settings({"broken": BROKEN}))
    assert (judged.posts, judged.failed) == (2, 1)
    assert store.incidents.mentions(the_incident(store).id) == ["weibo:2"]


def test_a_post_that_vanished_ends_its_task(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    show(store, mention())
    monkeypatch.setattr(store.posts, "get", lambda _ids: {})
    assert judge(store) == Judged(1, Counter(), 0)
    assert store.tasks.backlog(JUDGE).waiting == 0


def test_a_pass_takes_no_more_than_its_limit(store: Store) -> None:
    for n in range(205):
        show(store, mention(f"weibo:{n}"))
    assert [judge(store, QUIET).posts for _ in range(3)] == [200, 5, 0]


def test_a_suspect_post_is_looked_at_again_soon(store: Store) -> None:
    show(store, mention())
    judge(store, QUIET)
    assert due(store, NOW + timedelta(seconds=59)) == []
    assert due(store, NOW + minutes(1)) == ["weibo:1"]


def test_how_soon_is_configured(store: Store) -> None:
    show(store, mention())
    judge(store, settings({"never": BROKEN | {"when": "mention.is_repost"}}, looks=Schedule(every=minutes(3))))
    assert (due(store, NOW + minutes(2)), due(store, NOW + minutes(3))) == ([], ["weibo:1"])


def test_a_post_whose_counts_stand_still_is_looked_at_ever_less_often(store: Store) -> None:
    post = mention(published=NOW - minutes(60))
    for n in (-30, -20, -10, 0):
        show(store, post, NOW + minutes(n), reposts=7)
    judge(store, QUIET)
    assert due(store, NOW + minutes(19)) == []
    assert due(store, NOW + minutes(20)) == ["weibo:1"]


def test_an_old_post_whose_counts_move_is_looked_at_soon(store: Store) -> None:
    post = mention(published=NOW - minutes(60))
    show(store, post, NOW - minutes(1), reposts=7)
    show(store, post, reposts=200)
    judge(store, QUIET)
    assert due(store, NOW + minutes(1)) == ["weibo:1"]


def test_a_post_past_its_age_is_left_alone(store: Store) -> None:
    show(store, mention(published=NOW - timedelta(days=1, seconds=1)))
    judge(store, QUIET)
    assert due(store, NOW + minutes(60)) == []


def test_a_post_that_met_a_rule_is_looked_at_again_though_nobody_suspects_it(store: Store) -> None:
    show(store, mention())
    judge(store, settings({"any": {"severity": "blue"}}, suspect=Expression("mention.is_repost", PostFacts)))
    assert due(store, NOW + minutes(1)) == ["weibo:1"]


def test_a_calm_post_is_not_looked_at_again(store: Store) -> None:
    show(store, mention())
    judge(
        store, settings({"never": {"when": "false", "severity": "blue"}}, suspect=Expression("false", PostFacts))
    )
    assert due(store, NOW + minutes(60)) == []


def test_a_post_without_a_brand_meets_no_rule_and_is_not_suspected(store: Store) -> None:
    store.posts.record([seen(mention(brands=()))])
    store.tasks.put(JUDGE, ["weibo:1"], NOW)
    assert judge(store, settings({"any": {"severity": "red"}})) == Judged(1, Counter(), 0)
    assert due(store, NOW + minutes(60)) == []


def test_a_brand_that_is_no_longer_watched_meets_no_rule(store: Store) -> None:
    show(store, mention(brands=("旧牌",)))
    assert judge(store, settings({"any": {"severity": "red"}})).changes == Counter()


def test_a_post_of_two_brands_is_one_matter(store: Store) -> None:
    show(store, mention(brands=("星河", "云岭")))
    changes = judge(store, settings({"any": {"severity": "red"}})).changes
    assert changes == Counter({Change.OPENED: 1, Change.JOINED: 1})


def test_a_word_rule_sees_the_title_and_every_writing(store: Store) -> None:
    show(store, mention(text="见图", title="電池鼓包了"))
    judge(store, settings({"words": {"severity": "red", "words": ["电池鼓包", "起火"]}}))
    assert messages(store)[0].payload["words"] == ["电池鼓包"]


def test_velocity_is_taken_from_the_stored_snapshots(store: Store) -> None:
    fast = settings({"fast": {"when": "velocity.reposts_10m >= 100", "severity": "red"}})
    for n, reposts in enumerate([300, 350, 405]):
        show(store, mention(published=None), NOW + minutes(5 * n), reposts=reposts)
        judge(store, fast, NOW + minutes(5 * n))
    (term,) = messages(store)[0].payload["terms"]
    assert (term["field"], term["value"]) == ("velocity.reposts_10m", 105)


def test_a_post_that_was_old_when_we_first_saw_it_wakes_nobody(store: Store) -> None:
    """An import of last year's posts must not page the team."""
    old, fresh = NOW - timedelta(days=8), NOW - timedelta(days=6)
    show(store, mention("weibo:1", published=old), reposts=9)
    show(store, mention("weibo:2", published=fresh), reposts=9)
    show(store, mention("weibo:3", published=None), reposts=9)
    judged = judge(store, settings({"any": {"severity": "red"}}))
    assert (judged.posts, judged.changes) == (3, Counter({Change.OPENED: 2}))
    assert store.tasks.backlog(JUDGE).waiting == 0
