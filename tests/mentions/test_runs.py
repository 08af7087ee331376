"""What the store promises of crawl runs and scheduled jobs."""

from dataclasses import replace
from datetime import datetime

from mentions.runs import CrawlRun, Freshness
from mentions.store import Store
from tests.making import NOW, minutes


def run(store: Store, at: datetime = NOW, source: str = "weibo", kind: str = "crawl", **how: object) -> CrawlRun:
    started = store.runs.start(source, at, kind)
    finished = replace(started, finished=at + minutes(1), **({"pages": 1} | how))  # type: ignore[arg-type]
    # What a test cares about, by name.
    store.runs.finish(finished)
    return finished


def fresh(store: Store) -> Freshness:
    return store.runs.freshness(["weibo"])[0]


def test_a_run_comes_back_as_it_ended(store: Store) -> None:
    ended = run(
        store,
        seen=20,
        new=3,
        blocked={"captcha": 2, "登录": 1},
        cap_hit=True,
        newest=NOW,
        oldest=NOW - minutes(9),
        error="HTTP 403",
        note="signed in",
    )
    assert store.runs.recent() == [ended]


def test_a_run_that_never_ended_is_kept_and_says_nothing_of_freshness(store: Store) -> None:
    store.runs.start("weibo", NOW)
    assert store.runs.recent()[0].finished is None
    assert fresh(store).last_run is None
    assert store.runs.first_start("weibo") == NOW


def test_a_run_whose_process_died_is_closed_by_its_successor(store: Store) -> None:
    store.runs.start("weibo", NOW)
    store.runs.start("news", NOW)
    store.runs.take_over("weibo", NOW + minutes(5))
    assert [r.error for r in store.runs.recent("weibo")] == ["The process died during this visit."]
    assert store.runs.recent("news")[0].finished is None
    assert (fresh(store).last_run, fresh(store).last_success) == (NOW + minutes(5), None)


def test_recent_runs_are_the_newest_of_a_source(store: Store) -> None:
    runs = [run(store, NOW + minutes(n), source) for n, source in enumerate(["weibo", "news", "weibo"])]
    assert store.runs.recent("weibo") == [runs[2], runs[0]]
    assert store.runs.recent(limit=1) == [runs[2]]


def test_sources_answer_in_the_order_asked_also_those_that_never_ran(store: Store) -> None:
    run(store)
    names = [(f.source, f.last_run is None) for f in store.runs.freshness(["news", "weibo"])]
    assert names == [("news", True), ("weibo", False)]
    assert store.runs.first_start("news") is None


def test_success_is_a_page_read_without_an_error(store: Store) -> None:
    run(store, new=2, newest=NOW - minutes(3))
    run(store, NOW + minutes(10), pages=0)
    run(store, NOW + minutes(20), error="HTTP 500", blocked={"captcha": 1}, cap_hit=True)
    assert fresh(store) == Freshness(
        source="weibo",
        last_run=NOW + minutes(21),
        last_success=NOW + minutes(1),
        last_new=NOW + minutes(1),
        newest_post=NOW - minutes(3),
        cap_hit=True,
        blocked={"captcha": 1},
        error="HTTP 500",
        success_began=NOW,
    )


def test_another_look_at_suspects_says_nothing_of_freshness(store: Store) -> None:
    run(store, kind="reread")
    assert fresh(store).last_run is None
    assert store.runs.first_start("weibo") is None


def test_age_is_since_the_last_success(store: Store) -> None:
    assert fresh(store).age(NOW) is None
    run(store)
    assert fresh(store).age(NOW + minutes(11)) == minutes(10)


def test_a_job_that_fails_keeps_the_time_of_its_last_success(store: Store) -> None:
    assert (store.runs.last_done("score"), store.runs.job_errors()) == (None, {})
    store.runs.job_done("score", NOW)
    store.runs.job_done("score", NOW + minutes(1), "no weights")
    assert (store.runs.last_done("score"), store.runs.job_errors()) == (NOW, {"score": "no weights"})
    store.runs.job_done("score", NOW + minutes(2))
    assert (store.runs.last_done("score"), store.runs.job_errors()) == (NOW + minutes(2), {})


def test_a_job_that_never_succeeded_was_never_done(store: Store) -> None:
    store.runs.job_done("score", NOW, "no weights")
    assert store.runs.last_done("score") is None


def test_a_sites_poison_in_an_error_is_stored_without_it(store: Store) -> None:
    run(store, error="\ud800坏了", note="\0")
    store.runs.job_done("score", NOW, "\udfff")
    assert (store.runs.recent()[0].error, store.runs.job_errors()) == ("\ufffd坏了", {"score": "\ufffd"})
