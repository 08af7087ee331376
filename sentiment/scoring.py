"""The stage between crawling and the rules: every mention that no model has judged gets a score.

A text can make a model raise, eat all memory, or kill the process. A claim that is lost or fails counts as
an attempt of its text; a text that was tried before is judged alone, with nothing else in this worker's
hands, so that three deaths set aside the text that kills and no other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentions.store import Store, StoreError
from mentions.tasks import SCORE, Task
from mentions.types import Score
from sentiment.cleaning import clean
from sentiment.model import Judgement, Model, ModelUnavailable

GIVE_UP_AFTER = 3
"""Attempts after which a text is set aside."""
RETRY_AFTER = timedelta(minutes=1)
CONTROL = "今天天气很好"
"""Where every text of a batch fails, a model that fails on this one too is broken; the texts are not."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one pass did: texts scored, texts set aside after failing, and how many still wait."""

    scored: int = 0
    quarantined: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """What a pass works with."""

    store: Store
    model: Model
    owner: str
    now: Callable[[], datetime]

    def score(self, tasks: Sequence[Task]) -> Scored:
        """Score claimed mentions in one transaction; an exception leaves them as they were, unclaimed."""
        with self._given_back(tasks):
            found = self.store.posts.get([task.mention_id for task in tasks])
            gone = [task.mention_id for task in tasks if task.mention_id not in found]
            here = [task for task in tasks if task.mention_id in found]
            outcomes = self._judge([found[task.mention_id].mention.words for task in here])
            if outcomes and all(isinstance(outcome, Exception) for outcome in outcomes):
                self._check()
            with self.store.transaction():
                self.store.tasks.drop(SCORE, gone)
                return self._write(here, outcomes)

    def quarantine(self, task: Task) -> Scored:
        """Set a text aside that was lost with its worker too often, without judging it once more."""
        with self._given_back([task]):
            error = f"judging this text never came to an end in {task.attempts} attempts: the process died"
            return Scored(quarantined=int(self._failed(task, error)))

    def release(self, tasks: Sequence[Task]) -> None:
        """Let go of tasks that this worker will not do now; no attempt is counted."""
        self.store.tasks.release(tasks, owner=self.owner)

    @contextmanager
    def _given_back(self, tasks: Sequence[Task]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            # A missing model, a full disk or Ctrl-C is not these texts' fault; an expired lease says so.
            with suppress(StoreError):
                self.release(tasks)
            raise

    def _judge(self, texts: Sequence[str]) -> list[Judgement | Exception]:
        try:
            return [*self.model.judge([clean(text) for text in texts])]
        except ModelUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a model raises on one text, the others are scored
            return [error] if len(texts) == 1 else [self._judge([text])[0] for text in texts]

    def _check(self) -> None:
        try:
            self.model.judge([CONTROL])
        except ModelUnavailable:
            raise
        except Exception as error:
            raise ModelUnavailable(
                self.model.name,
                f"it fails on every text, also on {CONTROL}, with {described(error)}",
                f"try `tingfeng sentiment score {CONTROL}`; the posts are kept and wait",
            ) from error

    def _write(self, tasks: Sequence[Task], outcomes: Sequence[Judgement | Exception]) -> Scored:
        at, name = self.now(), self.model.name
        done: list[Task] = []
        scores: list[Score] = []
        quarantined = 0
        for task, outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, Exception):
                quarantined += self._failed(task, described(outcome))
            else:
                done.append(task)
                scores.append(Score(task.mention_id, name, at, outcome.negativity, outcome.label, outcome.words))
        # What another worker has claimed since is scored by it, and once.
        held = self.store.tasks.done(done, owner=self.owner)
        self.store.posts.add_scores([score for score in scores if score.mention_id in held])
        return Scored(scored=len(held), quarantined=quarantined)

    def _failed(self, task: Task, error: str) -> bool:
        return self.store.tasks.failed(
            task,
            owner=self.owner,
            error=error,
            retry_at=self.now() + RETRY_AFTER,
            give_up_after=GIVE_UP_AFTER,
        )


def score_pending(
    store: Store,
    model: Model,
    *,
    owner: str,
    now: Callable[[], datetime],
    batch: int = 64,
    lease: timedelta = timedelta(minutes=5),
    limit: int | None = None,
) -> Scored:
    """Score what waits in the SCORE queue, at most `limit` texts; `owner` is this worker's alone.

    `lease` must outlast the judging of `batch` texts. ModelUnavailable and StoreError leave unfinished texts
    in the queue as if they had not been tried; a killed process leaves them with one attempt counted.
    """
    stage = Stage(store, model, owner, now)
    total = Scored()
    left = batch if limit is None else limit
    if store.tasks.due(SCORE, now()):
        # Before any text is claimed: a process that dies while it loads a model dies of none of them.
        model.load()
    while left > 0 and (
        tasks := store.tasks.claim(SCORE, owner=owner, now=now(), lease=lease, limit=min(batch, left))
    ):
        suspect = next((task for task in tasks if task.attempts), None)
        step = [suspect] if suspect else tasks
        if suspect:
            stage.release([task for task in tasks if task is not suspect])
        lost = suspect is not None and suspect.attempts >= GIVE_UP_AFTER
        did = stage.quarantine(step[0]) if lost else stage.score(step)
        total = Scored(total.scored + did.scored, total.quarantined + did.quarantined)
        left -= 0 if limit is None else len(step)
    return replace(total, waiting=store.tasks.backlog(SCORE).waiting)


def described(error: object) -> str:
    """An exception as it is kept with the text that caused it."""
    return f"{type(error).__name__}: {error}"
