"""From SQLite to PostgreSQL: every row, the same number, whatever happens on the way."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from mentions.moving import copying
from mentions.moving.canon import Sum
from mentions.moving.copying import Step
from mentions.moving.plan import DERIVED, SPLIT, plan
from mentions.moving.sqlitefile import opened
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.store import Held, Store, StoreError
from tests.making import NOW, mention, minutes, negative, seen
from tests.mentions.moving.furnishing import furnish

pytest.importorskip("psycopg")
from mentions.moving.migrate import Moved, migrate
from mentions.moving.postgresview import viewed
from mentions.postgres import PostgresStore

LONG = timedelta(days=400)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "CHUNK", 7)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.db") as opened_store:
        yield opened_store


@pytest.fixture
def target(postgres_url: str) -> Iterator[PostgresStore]:
    with PostgresStore(postgres_url) as opened_store:
        drop_progress(opened_store)
        yield opened_store
        drop_progress(opened_store)


def drop_progress(store: PostgresStore) -> None:
    with store.database.transaction() as tx:
        tx.execute("SET LOCAL client_min_messages = warning")
        tx.execute("DROP TABLE IF EXISTS moving, moving_table")


def move(source: SqliteStore, target: PostgresStore, steps: list[Step] | None = None, stop: int = 0) -> Moved:
    """Move; break off after `stop` steps, as a kill would."""
    told = [] if steps is None else steps

    def tell(step: Step) -> None:
        told.append(step)
        if len(told) == stop:
            raise KeyboardInterrupt

    return migrate(source, target, stages=("score", "alert"), who="test", now=lambda: NOW, tell=tell)


def known(store: Store) -> object:
    """What the parts of a store answer."""
    ids = [f"weibo:{n}" for n in range(24)]
    incidents = store.incidents.recent()
    return (
        store.posts.get(ids),
        store.posts.engagements(ids, NOW - LONG),
        [found.mention.id for found in store.posts.search(Search(text="电池鼓包"))],
        [store.tasks.backlog(queue) for queue in ("score", "judge")],
        (store.runs.recent(), store.runs.job_errors(), store.sites.asked(["weibo.test"])),
        [(i, store.incidents.findings(i.id), store.incidents.events(i.id)) for i in incidents],
        [store.incidents.mentions(i.id) for i in incidents],
        [store.outbox.of_incident(i.id) for i in incidents],
        store.trends.hourly(NOW - LONG, NOW + LONG),
        (store.copies.kin(ids), store.copies.authenticity(ids), store.seeking.sought(NOW)),
    )


def test_the_new_store_answers_as_the_old_one(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    moved = move(source, target)
    assert known(target) == known(source)
    assert (moved.tables["mention"].rows, moved.again) == (24, ())
    assert (moved.tables["fingerprint"].rows, target.copies.kin(["weibo:6"])["weibo:6"].copies) == (8, 1)
    assert (target.trends.rebuild(), target.faults()) == (0, [])


def test_numbers_go_on_behind_those_that_came_over(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    move(source, target)
    target.posts.record([seen(mention("weibo:new"))])
    assert target.database.rows("SELECT n FROM mention_key WHERE id = 'weibo:new'")[0]["n"] == 25
    assert target.runs.start("weibo", NOW).id == 2


def test_every_table_and_column_has_a_place(source: SqliteStore, target: PostgresStore) -> None:
    """Whoever adds a table to one schema has to add it to the other, or say here why it need not move."""
    with opened(source.database.path) as file, viewed(target.database) as view:
        here, there = file.tables(), view.tables()
        passages = {p.name: p for p in plan(here, there)}
    assert set(here) - DERIVED == set(passages) - set(SPLIT)
    for name in set(here) - DERIVED:
        assert set(here[name].columns) <= set(passages[name].columns)
    own = {"migration", "partition_month", "worker", "hourly_sum", "hourly_change"}
    assert {name for name in there if not name.startswith(("moving", "procrastinate"))} == set(passages) | own


@pytest.mark.parametrize("change", ["CREATE TABLE later (a TEXT)", "ALTER TABLE author ADD COLUMN later TEXT"])
def test_what_has_no_place_is_named(source: SqliteStore, target: PostgresStore, change: str) -> None:
    source.database.connection.execute(change)
    with pytest.raises(StoreError, match=r"no place for .*later"):
        move(source, target)


def test_killed_after_any_step_it_goes_on(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    for stop in (1, 2, 5, 9, 14, 20, 27):
        with pytest.raises(KeyboardInterrupt):
            move(source, target, stop=stop)
    assert move(source, target).again == ()
    assert known(target) == known(source)
    assert target.trends.rebuild() == 0


def test_it_does_not_move_twice_what_it_has_moved(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    with suppress(KeyboardInterrupt):
        move(source, target, stop=12)
    steps: list[Step] = []
    move(source, target, steps)
    assert [s.rows for s in steps if s.table == "mention_key" and not s.compared] == [24]


def test_a_source_that_changed_after_a_first_run_is_right_in_the_end(
    source: SqliteStore, target: PostgresStore
) -> None:
    furnish(source)
    with suppress(KeyboardInterrupt):
        move(source, target, stop=40)
    source.posts.record(
        [seen(mention("weibo:4", "后来改的"), NOW + minutes(9), reposts=1), seen(mention("weibo:x"))]
    )
    source.posts.add_scores([negative("weibo:4", NOW + minutes(9))])
    with source.transaction():
        source.database.connection.execute("DELETE FROM engagement WHERE mention = 8")
    moved = move(source, target)
    assert {"mention", "engagement", "mention_brand"} <= set(moved.again)
    assert known(target) == known(source)
    assert target.trends.rebuild() == 0


def test_a_finished_move_is_told_again(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    assert move(source, target) == move(source, target)


def test_a_finished_move_is_not_made_over_a_store_in_use(source: SqliteStore, target: PostgresStore) -> None:
    move(source, target)
    source.posts.record([seen(mention())])
    with pytest.raises(StoreError, match="was moved already, at 2026-11-21 12:00 UTC, and was written to since"):
        move(source, target)


def test_a_target_that_holds_other_data_is_left_alone(source: SqliteStore, target: PostgresStore) -> None:
    target.posts.record([seen(mention())])
    with pytest.raises(StoreError, match="is not empty"):
        move(source, target)
    assert target.posts.count(Search()) == 1


def test_a_target_that_another_store_is_moving_to_is_left_alone(
    source: SqliteStore, target: PostgresStore, tmp_path: Path
) -> None:
    with suppress(KeyboardInterrupt):
        move(source, target, stop=1)
    with SqliteStore(tmp_path / "other.db") as other, pytest.raises(StoreError, match="from another store"):
        move(other, target)


def test_nobody_moves_a_store_that_a_service_works_on(source: SqliteStore, target: PostgresStore) -> None:
    with source.only("crawl-unheard-of", "the service"):
        pass
    with source.only("crawl-unheard-of", "the service"), pytest.raises(Held, match="the service"):
        move(source, target)


def test_text_that_postgresql_refuses_is_scrubbed_on_both_sides(
    source: SqliteStore, target: PostgresStore
) -> None:
    for n in range(4):
        source.posts.record([seen(mention(f"weibo:{n}"))])
    put = source.database.connection.execute
    put("UPDATE mention SET text = ?, region = CAST(x'EDA0BD41' AS TEXT) WHERE n = 1", ("鼓\0包",))
    put("UPDATE mention SET id = ? WHERE n = 2", ("weibo:\0zz",))
    put("INSERT INTO author (platform, id, name) VALUES ('weibo', ?, 'a'), ('weibo', 'ab', 'b')", ("a\0z",))
    move(source, target)
    post = target.posts.get(["weibo:0"])["weibo:0"].mention
    assert (post.text, post.region) == ("鼓包", "���A")
    assert set(target.posts.get(["weibo:zz"])) == {"weibo:zz"}


def test_a_row_without_its_mention_is_named(source: SqliteStore, target: PostgresStore) -> None:
    source.database.connection.execute("INSERT INTO revision VALUES (77, '2026', 'x')")
    with pytest.raises(StoreError, match="revision holds a row of mention 77, which does not exist"):
        move(source, target)


def test_the_source_is_only_read(source: SqliteStore, target: PostgresStore) -> None:
    furnish(source)
    before = dump(source.database.path)
    move(source, target)
    assert dump(source.database.path) == before


def dump(path: Path) -> dict[str, Sum]:
    with opened(path) as file:
        return file.sums()
