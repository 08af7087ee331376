"""Room on the disk: pages stop at the floor, messages do not."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mentions.room import Lack, Room
from mentions.sqlite import SqliteStore
from mentions.store import StoreError
from mentions.tasks import SCORE
from tests.making import NOW, mention, negative, seen

MB = 10**6


@pytest.mark.parametrize(
    ("room", "lack", "is_over"),
    [
        (Room(100 * MB, 200 * MB), Lack.FLOOR, False),
        (Room(200 * MB, 200 * MB), None, False),
        (Room(250 * MB, 200 * MB), None, True),
        (Room(250 * MB, 200 * MB, refused=True), Lack.REFUSED, False),
        (Room(0, 0), None, True),
    ],
)
def test_there_is_room_above_the_floor_and_the_matter_is_over_well_above_it(
    room: Room, lack: Lack | None, *, is_over: bool
) -> None:
    assert (room.lack, room.is_over) == (lack, is_over)


def test_it_says_what_is_free_and_what_should_be() -> None:
    said = str(Room(123 * MB, 200 * MB))
    assert said == "123MB free on the disk of the store, less than disk_floor 200MB; crawling is paused"


def test_a_store_knows_the_room_on_its_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with SqliteStore(tmp_path / "store.db", floor=2) as store:
        assert store.room() == Room(1, 2)


def test_a_commit_that_was_refused_counts_until_one_succeeds(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store.db") as store:
        pages = store.database.connection.execute("PRAGMA page_count").fetchone()[0]
        store.database.connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="is full; nothing was written"):
            store.posts.record([seen(mention(f"weibo:{n}", "长" * 3000)) for n in range(50)])
        assert store.room().lack is Lack.REFUSED
        store.database.connection.execute("PRAGMA max_page_count = 1000000")
        store.posts.record([seen(mention())])
        assert store.room().lack is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no small file system: mounting needs root")
    try:
        yield place
    finally:
        subprocess.run(["/bin/umount", "-l", str(place)], check=True)


def test_scores_and_messages_are_written_with_what_pages_left_free(small_disk: Path) -> None:
    with SqliteStore(small_disk / "store.db", floor=3 * MB) as store:
        posts = 0
        while store.room().lack is None:
            store.posts.record([seen(mention(f"weibo:{posts}-{n}", "长" * 500)) for n in range(10)])
            posts += 10
        store.posts.add_scores([negative(f"weibo:{n}-0") for n in range(0, posts, 10)])
        store.runs.job_done("crawl:weibo", NOW, str(store.room()))
        assert store.tasks.backlog(SCORE).waiting == posts
        (small_disk / "filler").write_bytes(b"x" * (store.room().free - 50_000))
        with pytest.raises(StoreError, match="full"):
            store.posts.record([seen(mention(f"v2ex:{n}", "长" * 3000)) for n in range(posts)])
        (small_disk / "filler").unlink()
        store.runs.job_done("crawl:weibo", NOW)
        store.maintain()
        assert store.faults() == []
        assert store.room().lack is Lack.FLOOR
