"""Several machines, played by processes, on one PostgreSQL."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from croniter import croniter

from mentions.store import Store
from mentions.stores import open_store
from tests import postgres
from tests.making import BIG_V, mention, seen
from tests.tingfeng.fleets import door, eventually, printed, processes, rows, scored, write_config
from tests.tingfeng.running import STORY, finished, sandbox
from tingfeng.config import load_config
from tingfeng.desk import open_desk
from tingfeng.fleet.worker import EVERY_FIVE_SECONDS, EVERY_SECOND
from tingfeng.jobs import Queue, jobs_of


@pytest.fixture
def url() -> Iterator[str]:
    with postgres.schema() as made:
        yield made


@pytest.fixture
def shared(url: str) -> Iterator[Store]:
    with open_store(url) as store:
        yield store


def put(store: Store, first: int, count: int) -> None:
    """Posts that nobody has judged; the first of them is by a 大V."""
    posts = [mention(f"weibo:{first + n}", f"星河手机第{first + n}条") for n in range(count)]
    posts[0] = mention(f"weibo:{first}", "星河手机电池鼓包", author=BIG_V)
    store.posts.record([seen(post) for post in posts])


def sent(store: Store, incidents: int) -> bool:
    found = store.incidents.recent(unresolved=False)
    return len(found) == incidents and not store.outbox.unsent()


def test_a_fleet_finds_the_story_and_no_host_is_visited_twice_at_once(
    url: str, shared: Store, tmp_path: Path
) -> None:
    with sandbox(tmp_path, "--speed", "60") as stage:
        story = STORY.read_text(encoding="utf-8").replace("store: tingfeng.db", f'store: "{url}"')
        stage.write_config(story)
        with processes(
            ("run", "-c", stage.config),
            ("worker", "--queues", "crawl,score", "-c", stage.config),
            ("worker", "--queues", "alert,deliver", "-c", stage.config),
        ):
            # A slow machine may first look when the level is red already.
            grave = ("🟠", "🔴")
            eventually(lambda: any(sign in str(e) for e in stage.received() for sign in grave), "an alert arrived")
    for source in ("weibo", "forum", "v2ex", "news"):
        visits = sorted(shared.runs.recent(source, 1000), key=lambda run: run.started)
        assert visits
        assert all(a.finished is not None and a.finished <= b.started for a, b in pairwise(visits))


def test_a_database_that_goes_away_is_waited_for_and_nothing_is_lost(
    url: str, shared: Store, tmp_path: Path
) -> None:
    with door(url) as way:
        config = write_config(tmp_path, way.url)
        with processes(("run", "-c", config), ("worker", "--queues", "score", "-c", config)) as (service, worker):
            put(shared, 1, 20)
            eventually(lambda: sent(shared, 1), "the first incident was told")
            way.shut()
            put(shared, 101, 20)
            way.open()
            eventually(lambda: sent(shared, 2), "the second incident was told")
            eventually(scored(shared, 40), "every post was scored once")
            assert service.poll() is worker.poll() is None
            service.terminate()
            assert "waiting for the database" in printed(service)


def test_a_database_that_is_down_at_the_start_is_waited_for(url: str, shared: Store, tmp_path: Path) -> None:
    with door(url) as way:
        config = write_config(tmp_path, way.url)
        way.shut()
        with processes(("run", "-c", config)) as (service,):
            assert service.stdout is not None
            assert b"waiting for the store" in service.stdout.readline()
            put(shared, 1, 3)
            way.open()
            eventually(lambda: sent(shared, 1), "the incident was told")
            assert service.poll() is None


def test_a_command_that_runs_once_says_that_the_database_is_down(url: str, tmp_path: Path) -> None:
    with door(url) as way:
        config = write_config(tmp_path, way.url)
        way.shut()
        code, said = finished("search", "鼓包", "-c", config)
    assert code == 1
    assert said.startswith(f"The mention store at 127.0.0.1:{way.port}/test cannot be reached")
    assert len(said.splitlines()) == 1


def test_a_worker_wants_a_store_that_can_be_shared(tmp_path: Path) -> None:
    code, said = finished("worker", "-c", write_config(tmp_path, "store.db"))
    assert code == 1
    assert "tingfeng store migrate" in said


def test_a_queue_that_there_is_not_is_named(url: str, tmp_path: Path) -> None:
    code, said = finished("worker", "--queues", "crawl,sing", "-c", write_config(tmp_path, url))
    assert code == 2
    assert "sing" in said
    assert "deliver" in said


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    config = write_config(tmp_path, "postgresql://me:geheim@127.0.0.1:1/none")
    code, said = finished("search", "鼓包", "-c", config)
    assert code == 1
    assert "geheim" not in said


def test_every_stage_is_a_job_and_says_when_there_is_work(url: str, shared: Store, tmp_path: Path) -> None:
    with open_desk(load_config(write_config(tmp_path, url))) as desk:
        jobs = jobs_of(desk)
        assert {job.queue for job in jobs.values()} == set(Queue) - {Queue.CRAWL}
        assert not jobs["score"].due()
        put(shared, 1, 3)
        assert jobs["score"].due()
        assert not jobs["alert"].due()


def test_claims_of_a_worker_that_was_killed_end_at_once(url: str, shared: Store, tmp_path: Path) -> None:
    """Its lease would keep them for minutes; its connection tells that it is dead."""
    config = write_config(tmp_path, url)
    put(shared, 1, 400)
    with processes(("worker", "--queues", "score", "-c", config)) as (first,):
        eventually(lambda: rows(shared, "score") > 0, "scoring began")
        first.kill()
        with processes(("worker", "--queues", "score", "-c", config)):
            eventually(scored(shared, 400), "every post was scored once")


def test_the_clock_of_the_fleet_ticks_as_it_says() -> None:
    """Seconds stand last in these lines: written first, they would be minutes."""
    start = datetime(2026, 11, 22, 1, 57, tzinfo=UTC)
    for line, seconds in ((EVERY_SECOND, 1), (EVERY_FIVE_SECONDS, 5)):
        ticks = croniter(line, start)
        times = [ticks.get_next(datetime) for _ in range(30)]
        assert {after - before for before, after in pairwise(times)} == {timedelta(seconds=seconds)}


def test_the_visit_of_a_worker_that_was_killed_is_made_by_another(url: str, shared: Store, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never answers
        feed = f"http://127.0.0.1:{silent.getsockname()[1]}/feed"
        news = {"type": "rss", "feeds": [feed], "schedule": "1h", "obey_robots": False, "robots_reason": "a test"}
        config = write_config(tmp_path, url, sources={"news": news})
        with processes(("worker", "--queues", "crawl", "-c", config)) as (first,):
            eventually(lambda: len(shared.runs.recent("news")) == 1, "a visit began")
            first.kill()
            with processes(("worker", "--queues", "crawl", "-c", config)):
                eventually(lambda: len(shared.runs.recent("news")) == 2, "another worker made the visit")
    _, died = shared.runs.recent("news")
    assert died.error == "The process died during this visit."
