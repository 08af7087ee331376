"""What the queues promise."""

import pytest

from mentions.store import Store
from mentions.tasks import SCORE, Task
from tests.making import NOW, mention, minutes, seen

LEASE = minutes(5)


@pytest.fixture
def queued(store: Store) -> Store:
    store.posts.record([seen(mention(f"weibo:{n}", first_seen=NOW + minutes(n))) for n in range(3)])
    return store


def claim(store: Store, owner: str = "a", at: float = 10, limit: int = 9) -> list[Task]:
    return store.tasks.claim(SCORE, owner=owner, now=NOW + minutes(at), lease=LEASE, limit=limit)


def test_rows_are_claimed_oldest_first_and_only_when_due(queued: Store) -> None:
    assert [t.mention_id for t in claim(queued, at=1.5)] == ["weibo:0", "weibo:1"]


def test_what_one_holds_no_other_can_claim(queued: Store) -> None:
    assert len(claim(queued, "a", limit=2)) == 2
    assert [t.mention_id for t in claim(queued, "b")] == ["weibo:2"]


def test_a_claim_never_finished_comes_back_after_its_lease_and_counts(queued: Store) -> None:
    claim(queued, "dead")
    assert claim(queued, "b", at=14) == []
    assert {t.attempts for t in claim(queued, "b", at=15)} == {1}


def test_a_finished_row_is_gone_unless_it_was_asked_for_again(queued: Store) -> None:
    tasks = claim(queued)
    queued.tasks.put(SCORE, ["weibo:1"], NOW)
    queued.tasks.done(tasks, owner="a")
    assert [t.mention_id for t in claim(queued, "b")] == ["weibo:1"]


def test_whoever_lost_its_claim_cannot_finish_it(queued: Store) -> None:
    late = claim(queued, "late")
    claim(queued, "b", at=20)
    queued.tasks.done(late, owner="late")
    assert queued.tasks.backlog(SCORE).waiting == 3


def test_a_row_that_fails_three_times_is_set_aside(queued: Store) -> None:
    verdicts = []
    for n in range(3):
        (task,) = claim(queued, at=100 + n * 10, limit=1)
        verdicts.append(
            queued.tasks.failed(task, owner="a", error="broke", retry_at=NOW + minutes(-1), give_up_after=3)
        )
    assert verdicts == [False, False, True]
    assert queued.tasks.backlog(SCORE) == queued.tasks.backlog(SCORE).__class__(2, NOW + minutes(1), 1)


def test_a_released_row_is_as_before(queued: Store) -> None:
    queued.tasks.release(claim(queued), owner="a")
    assert {t.attempts for t in claim(queued, "b")} == {0}


def test_a_dropped_row_is_forgotten(queued: Store) -> None:
    queued.tasks.drop(SCORE, ["weibo:0", "weibo:1"])
    assert queued.tasks.backlog(SCORE).waiting == 1


def test_work_on_an_unknown_post_is_not_queued(store: Store) -> None:
    store.tasks.put(SCORE, ["weibo:404"], NOW)
    assert store.tasks.backlog(SCORE).waiting == 0


def test_what_was_set_aside_can_be_put_back(queued: Store) -> None:
    (task,) = claim(queued, at=0.5, limit=1)
    queued.tasks.failed(task, owner="a", error="broke", retry_at=NOW, give_up_after=1)
    assert queued.tasks.backlog(SCORE).quarantined == 1
    queued.tasks.revive(SCORE)
    assert [t.attempts for t in claim(queued, "b", limit=1)] == [0]


def test_who_knows_that_a_worker_is_dead_need_not_wait_for_its_lease(queued: Store) -> None:
    claim(queued, "dead")
    queued.tasks.take_over(SCORE)
    assert {t.attempts for t in claim(queued, "b")} == {1}
