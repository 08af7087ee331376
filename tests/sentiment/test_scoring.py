import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from mentions.store import Store, StoreError
from mentions.tasks import JUDGE, SCORE, Task
from mentions.types import Label
from sentiment.model import ModelUnavailable
from sentiment.scoring import CONTROL, Scored, score_pending
from tests.making import NOW, mention, minutes, seen
from tests.sentiment.faking import WordModel


def put(store: Store, *texts: str) -> None:
    store.posts.record([seen(mention(f"weibo:{n}", text)) for n, text in enumerate(texts)])


def run(store: Store, model: WordModel, at: float = 1, *, batch: int = 64, limit: int | None = None) -> Scored:
    def now() -> datetime:
        return NOW + minutes(at)

    return score_pending(store, model, owner=f"worker at {at}", now=now, batch=batch, limit=limit)


def labels(store: Store) -> dict[str, Label]:
    found = store.posts.get([f"weibo:{n}" for n in range(99)])
    return {mention_id: one.score.label for mention_id, one in found.items() if one.score}


def fails_on(text: str, error: Exception) -> Callable[[Sequence[str]], None]:
    def then(texts: Sequence[str]) -> None:
        if text in texts:
            raise error

    return then


def test_what_waits_is_scored_and_joins_the_judge_queue(store: Store) -> None:
    put(store, "太差了", "好", "转发微博//@李四:太差了")
    assert run(store, WordModel()) == Scored(scored=3)
    assert list(labels(store).values()) == [Label.NEGATIVE, Label.POSITIVE, Label.NEUTRAL]
    assert store.tasks.backlog(JUDGE).waiting == 3


def test_a_score_holds_its_model_its_time_and_its_words(store: Store) -> None:
    put(store, "太差了")
    run(store, WordModel())
    score = store.posts.get(["weibo:0"])["weibo:0"].score
    assert score is not None
    assert (score.model, score.at, score.words) == ("word-1", NOW + minutes(1), ("差",))


def test_nothing_waiting_is_nothing_done(store: Store) -> None:
    assert run(store, WordModel()) == Scored()


def test_batches_are_as_large_as_asked_and_the_limit_holds(store: Store) -> None:
    put(store, *"好差好差好差")
    model = WordModel()
    assert run(store, model, batch=2, limit=5) == Scored(scored=5, waiting=1)
    assert [len(batch) for batch in model.batches] == [2, 2, 1]


def test_one_bad_text_does_not_hold_up_the_others(store: Store) -> None:
    put(store, "差", "坏", "好")
    assert run(store, WordModel.that(fails_on("坏", RuntimeError("boom")))) == Scored(scored=2, waiting=1)
    assert set(labels(store)) == {"weibo:0", "weibo:2"}


def test_a_text_that_fails_three_times_is_set_aside(store: Store) -> None:
    put(store, "坏", "好")
    model = WordModel.that(fails_on("坏", RuntimeError("boom")))
    assert [run(store, model, at).quarantined for at in (1, 3, 5, 7)] == [0, 0, 1, 0]
    assert store.tasks.backlog(SCORE).quarantined == 1


def test_a_failed_text_is_not_tried_again_at_once(store: Store) -> None:
    put(store, "坏")
    model = WordModel.that(fails_on("坏", RuntimeError("boom")))
    run(store, model)
    assert model.batches == [["坏"], [CONTROL]]


def test_a_model_that_fails_on_every_text_is_what_is_broken(store: Store) -> None:
    put(store, "一", "二")

    def broken(_: Sequence[str]) -> None:
        raise RuntimeError("CUDA error")

    with pytest.raises(ModelUnavailable, match="RuntimeError: CUDA error"):
        run(store, WordModel.that(broken))
    assert run(store, WordModel(), 1) == Scored(scored=2)


def test_an_unavailable_model_leaves_the_queue_as_it_was(store: Store) -> None:
    put(store, "差", "好")
    missing = ModelUnavailable("word", "it is gone", "bring it back")
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            run(store, WordModel.that(fails_on("差", missing)))
    assert labels(store) == {}
    model = WordModel()
    assert run(store, model) == Scored(scored=2)
    assert model.batches == [["差", "好"]]  # no attempt was counted: nobody is judged alone


def test_no_text_is_claimed_while_a_model_is_loaded(store: Store) -> None:
    """Whoever dies of loading, three times over, sets no text aside; others may score it meanwhile."""
    put(store, "差")
    others: list[Scored] = []
    late = run(store, WordModel.that_loads(lambda: others.append(run(store, WordModel()))))
    assert (others, late) == ([Scored(scored=1)], Scored())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
def test_a_stop_in_the_middle_counts_no_attempt(store: Store, error: BaseException) -> None:
    put(store, "差")

    def stop(_: Sequence[str]) -> None:
        raise error

    with pytest.raises(type(error)):
        run(store, WordModel.that(stop))
    assert [t.attempts for t in claim(store)] == [0]


def test_scores_and_done_are_one_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "差")

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(store.tasks, "done", full)
        with pytest.raises(StoreError):
            run(store, WordModel())
    assert labels(store) == {}
    assert [t.attempts for t in claim(store)] == [0]


def claim(store: Store, owner: str = "a", at: float = 1, limit: int = 9) -> list[Task]:
    return store.tasks.claim(SCORE, owner=owner, now=NOW + minutes(at), lease=minutes(5), limit=limit)


def test_a_text_lost_with_its_worker_is_judged_alone(store: Store) -> None:
    put(store, "差", "好")
    claim(store, "dead")
    model = WordModel()
    assert run(store, model, 10) == Scored(scored=2)
    assert [len(batch) for batch in model.batches] == [1, 1]


def test_while_a_suspect_is_judged_this_worker_holds_nothing_else(store: Store) -> None:
    put(store, "差", "好", "坏")
    claim(store, "dead", limit=1)
    free: list[int] = []

    def look(texts: Sequence[str]) -> None:
        if len(texts) == 1:
            others = claim(store, "other", at=10)
            free.append(len(others))
            store.tasks.release(others, owner="other")

    run(store, WordModel.that(look), 10)
    assert free[0] == 2


def test_a_text_lost_three_times_is_set_aside_without_being_judged(store: Store) -> None:
    put(store, "差")
    for at in (1, 10, 20):
        claim(store, "dead", at=at)
    model = WordModel()
    assert run(store, model, 30) == Scored(quarantined=1)
    assert model.batches == []


def test_a_mention_that_vanished_is_dropped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "差")
    monkeypatch.setattr(store.posts, "get", lambda _: {})
    assert run(store, WordModel()) == Scored()


def test_the_title_of_a_thread_is_part_of_what_it_says() -> None:
    opening = mention("discuz:1", "求助", title="手机起火", thread="discuz:1")
    reply = mention("discuz:2", "同求", title="手机起火", thread="discuz:1")
    repeats = mention("rss:1", "手机起火 详情", title="手机起火")
    assert [m.words for m in (opening, reply, repeats)] == ["手机起火\n求助", "同求", "手机起火 详情"]


KILLED = """
import os, signal, sys
from datetime import datetime
from mentions.stores import open_store
from sentiment.scoring import score_pending
from tests.sentiment.faking import WordModel

def die(texts):
    if any("致命" in text for text in texts):
        os.kill(os.getpid(), signal.SIGKILL)

with open_store(sys.argv[1]) as store:
    now = datetime.fromisoformat(sys.argv[2])
    done = score_pending(store, WordModel.that(die), owner=str(os.getpid()), now=lambda: now, batch=4)
    print(done.scored, done.quarantined)
"""


def test_a_text_that_kills_the_process_is_set_aside_and_all_others_are_scored(store: Store) -> None:
    """Three real deaths by SIGKILL, then one worker that comes to the end."""
    put(store, "好", "差", "致命", "好", "差", "好")
    root = Path(__file__).parents[2]
    ends = []
    for death in range(4):
        now = (NOW + minutes(10 * death + 1)).isoformat()
        command = [sys.executable, "-c", KILLED, store.address, now]
        environment = os.environ | {"PYTHONPATH": str(root)}
        ends.append(subprocess.run(command, env=environment, check=False).returncode)
    assert ends == [-signal.SIGKILL] * 3 + [0]
    assert set(labels(store)) == {f"weibo:{n}" for n in (0, 1, 3, 4, 5)}
    assert store.tasks.backlog(SCORE).quarantined == 1
