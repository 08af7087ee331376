"""The service, a worker, and their crawlers as processes: who dies with whom, and what goes on meanwhile."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mentions.store import Store
from mentions.stores import open_store
from tests import postgres
from tests.making import BIG_V, mention, seen
from tests.tingfeng.fleets import eventually, processes, write_config

NEWS = {"type": "rss", "schedule": "1h", "obey_robots": False, "robots_reason": "a test"}


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a feed that takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/feed"


def desk(folder: Path, store: str, url: str) -> tuple[Path, str]:
    where = store if "://" in store else str(folder / store)
    return write_config(folder, store, sources={"news": NEWS | {"feeds": [url]}}), where


def crawlers(service: Any) -> set[int]:
    """The processes that a running command has started."""
    listed = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text(encoding="ascii")
    return set(map(int, listed.split()))


def visits(store: Store, count: int) -> bool:
    return len(store.runs.recent("news")) == count


def gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def youngest_but_one(service: Any) -> int:
    """The crawler at work: the one beside it was started later, and waits."""
    return min(crawlers(service))


def test_a_service_that_is_killed_leaves_no_crawler(silent: str, tmp_path: Path) -> None:
    config, where = desk(tmp_path, "store.db", silent)
    with processes(("run", "-c", config)) as (service,), open_store(where) as store:
        eventually(lambda: visits(store, 1), "a visit began")
        left = crawlers(service)
        assert left
        service.kill()
        eventually(lambda: gone(left), "its crawlers ended too")


def test_a_service_that_is_told_to_stop_breaks_its_visits_off_first(silent: str, tmp_path: Path) -> None:
    config, where = desk(tmp_path, "store.db", silent)
    with processes(("run", "-c", config)) as (service,), open_store(where) as store:
        eventually(lambda: visits(store, 1), "a visit began")
        left = crawlers(service)
        service.terminate()
        assert service.wait(60) == 143
        assert gone(left)
        (run,) = store.runs.recent("news")
        assert "interrupted" in (run.note or "")


def test_messages_go_out_while_the_crawler_is_being_replaced(silent: str, tmp_path: Path) -> None:
    config, where = desk(tmp_path, "store.db", silent)
    with processes(("run", "-c", config)) as (service,), open_store(where) as store:
        eventually(lambda: visits(store, 1), "a visit began")
        stuck = youngest_but_one(service)
        os.kill(stuck, signal.SIGSTOP)
        store.posts.record([seen(mention("weibo:1", "星河手机电池鼓包", author=BIG_V))])
        eventually(lambda: bool(store.incidents.recent()) and not store.outbox.unsent(), "somebody was told")
        eventually(lambda: gone({stuck}) and visits(store, 2), "another crawler made the visit")


def test_a_worker_replaces_its_crawler_and_makes_the_visit_again(silent: str, tmp_path: Path) -> None:
    with postgres.schema() as url, open_store(url) as store:
        config, _ = desk(tmp_path, url, silent)
        with processes(("worker", "--queues", "crawl", "-c", config)) as (worker,):
            eventually(lambda: visits(store, 1), "a visit began")
            os.kill(youngest_but_one(worker), signal.SIGKILL)
            eventually(lambda: visits(store, 2), "the visit was made again")
            _, died = store.runs.recent("news")
            assert died.error == "The process died during this visit."
            assert worker.poll() is None
