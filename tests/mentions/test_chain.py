"""The hash chain under a history: what was changed is found out, what was erased is not held against it."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from mentions.chain import Broken, Fault, Link, broken, digest, link, new_salt
from mentions.incidents import Finding, IncidentEvent
from mentions.sqlite import SqliteStore
from mentions.sqlite.migrations import migrations
from mentions.store import Store, StoreError
from mentions.types import Severity
from tests.alerts.arranging import judge, show
from tests.making import NOW, mention, minutes

FINDING = Finding("viral", "post:weibo:1:星河", Severity.RED, NOW, None, "星河")


def history(store: Store, events: int = 3) -> int:
    incident = store.incidents.open(FINDING, "负面")
    for n in range(events):
        event = IncidentEvent(
            incident.id, NOW + minutes(n), "李四", "note", f"第 {n} 条", {"n": n, "甲": [1.5, None]}
        )
        store.incidents.add_event(event)
    return incident.id


def change(store: Store, sql: str, *values: object) -> None:
    """Write past the store, as somebody who wants history to read otherwise."""
    with store.life._db.transaction() as tx:  # type: ignore[attr-defined]
        tx.execute(sql, values)


def ids(store: Store, incident: int) -> list[int]:
    db = store.life._db  # type: ignore[attr-defined]
    listed = db.rows("SELECT id FROM incident_event WHERE incident_id = ? ORDER BY id", (incident,))
    return [row["id"] for row in listed]


def test_a_history_as_it_was_written_proves_itself(store: Store) -> None:
    history(store)
    assert store.life.verify() == []


@pytest.mark.parametrize(
    "changed",
    [
        "reason = '别的'",
        "actor = '王五'",
        "kind = 'resolved'",
        "data = '{}'",
        "at = '2020-01-01T00:00:00.000000+00:00'",
    ],
)
def test_an_event_that_was_changed_is_named(store: Store, changed: str) -> None:
    incident = history(store)
    second = ids(store, incident)[1]
    change(store, f"UPDATE incident_event SET {changed} WHERE id = ?", second)  # noqa: S608 - of ours
    assert store.life.verify() == [Broken(incident, second, Fault.CHANGED)]


def test_an_event_that_was_removed_is_missed_by_the_next(store: Store) -> None:
    incident = history(store)
    _, second, third = ids(store, incident)
    change(store, "DELETE FROM incident_event WHERE id = ?", second)
    assert store.life.verify(incident) == [Broken(incident, third, Fault.UNLINKED)]


def test_the_last_event_cannot_be_cut_off(store: Store) -> None:
    incident = history(store)
    _, second, third = ids(store, incident)
    change(store, "DELETE FROM incident_event WHERE id = ?", third)
    assert store.life.verify(incident) == [Broken(incident, second, Fault.CUT_OFF)]


def test_an_incident_and_its_first_event_are_written_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(store, mention(), reposts=20)
    with monkeypatch.context() as patched:
        patched.setattr(type(store.incidents), "add_event", fail)
        with pytest.raises(StoreError):
            judge(store)
    assert store.incidents.recent() == []
    judge(store, at=NOW + minutes(60))  # the lease of the one that was killed is over
    assert [event.kind for event in store.incidents.events(store.incidents.recent()[0].id)] == ["opened"]
    assert store.life.verify() == []


def fail(*_: object) -> None:
    raise StoreError("killed")


def test_a_history_that_was_removed_wholly_is_missed(store: Store) -> None:
    incident = history(store)
    change(store, "DELETE FROM incident_event")
    assert store.life.verify() == [Broken(incident, 0, Fault.EMPTY)]
    change(store, "UPDATE incident SET head = NULL")
    assert store.life.verify(incident) == [Broken(incident, 0, Fault.EMPTY)]


def test_a_head_that_was_removed_is_missed_and_no_event_is_called_missing(store: Store) -> None:
    incident = history(store)
    change(store, "UPDATE incident SET head = NULL")
    assert store.life.verify() == [Broken(incident, ids(store, incident)[-1], Fault.HEADLESS)]


def test_an_incident_that_goes_while_histories_are_verified_is_no_fault(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(store)
    db = store.life._db  # type: ignore[attr-defined]
    real = db.rows

    def gone_after(sql: str, values: Sequence[Any] = ()) -> Any:
        found = real(sql, values)
        if sql.startswith("SELECT id FROM incident"):
            for table in ("incident_event", "incident"):
                change(store, f"DELETE FROM {table}")  # noqa: S608 - of ours
        return found

    monkeypatch.setattr(db, "rows", gone_after)
    assert store.life.verify() == []


def test_an_event_written_past_the_chain_is_named(store: Store) -> None:
    incident = history(store)
    change(
        store,
        "INSERT INTO incident_event (incident_id, at, actor, kind, reason, data) "
        "VALUES (?, ?, 'x', 'note', '', '{}')",
        incident,
        NOW.isoformat(),
    )
    assert store.life.verify() == [Broken(incident, ids(store, incident)[-1], Fault.BARE)]


def test_a_salt_that_is_gone_without_an_erasure_is_named(store: Store) -> None:
    incident = history(store)
    change(store, "UPDATE incident_event SET salt = NULL, reason = '' WHERE id = ?", ids(store, incident)[0])
    assert store.life.verify() == [Broken(incident, ids(store, incident)[0], Fault.UNSALTED)]


def test_only_the_incident_that_is_asked_for_is_looked_at(store: Store) -> None:
    incident = history(store)
    change(store, "UPDATE incident_event SET reason = 'x'")
    assert len(store.life.verify(incident)) == 3
    assert store.life.verify(404) == []


def test_the_same_content_has_another_digest_each_time() -> None:
    one, other = (digest(new_salt(), ["李四", "note"]) for _ in range(2))
    assert one != other


def test_an_erased_event_is_vouched_for_by_the_one_that_tells_of_it() -> None:
    first = digest("salt", ["a"])
    second = digest("other", ["b"])
    head = link(link(None, first, 7), second, 7)
    links = [Link(1, (), None, first, link(None, first, 7)), Link(2, ("b",), "other", second, head, erases=(1,))]
    assert list(broken(7, links, head)) == []


def test_two_writers_of_one_incident_do_not_fork_its_history(store: Store) -> None:
    incident = history(store, 0)

    def write(name: str) -> None:
        for n in range(10):
            store.incidents.add_event(IncidentEvent(incident, NOW + minutes(n), name, "note", str(n)))

    threads = [threading.Thread(target=write, args=(name,)) for name in ("李四", "王五", "赵六")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(store.incidents.events(incident)) == 30
    assert store.life.verify() == []


def test_the_events_of_an_older_store_are_chained_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    migrations.apply(sqlite_utils.Database(connection), stop_before="m006_life")
    incident = "INSERT INTO incident (id, key, state, severity) VALUES (?, ?, 'firing', 1)"
    connection.executemany(incident, [(1, "a"), (2, "b")])
    event = (
        "INSERT INTO incident_event (incident_id, at, actor, kind, reason, data) "
        "VALUES (?, ?, '李四', 'note', ?, ?)"
    )
    connection.executemany(
        event, [(n, "2026-11-21T12:00:00.000000+00:00", "x", '{"甲":1}') for n in (1, 2, 1, 1, 2)]
    )
    connection.commit()
    connection.close()
    with SqliteStore(path) as store:
        assert store.life.verify() == []
        store.incidents.add_event(IncidentEvent(1, NOW, "王五", "note", "后来"))
        assert store.life.verify() == []
        change(store, "UPDATE incident_event SET actor = '王五' WHERE id = 3")
        assert store.life.verify() == [Broken(1, 3, Fault.CHANGED)]


def test_the_events_of_an_older_store_on_postgresql_are_chained_the_same_way(postgres_url: str) -> None:
    from mentions.postgres import PostgresStore  # noqa: PLC0415 - an extra that may be missing
    from mentions.postgres.migrations import steps  # noqa: PLC0415 - the same

    (chaining,) = [sql for name, sql in steps().values() if name == "life"]
    block = chaining[chaining.index("DO $$") : chaining.index("END $$;") + len("END $$;")]
    with PostgresStore(postgres_url) as store:
        incidents = [history(store, 2), 0]
        change(store, "UPDATE incident SET key = 'other'")
        incidents[1] = history(store, 3)
        change(store, "UPDATE incident_event SET salt = NULL, digest = NULL, chain = NULL")
        change(store, "UPDATE incident SET head = NULL")
        assert [found.fault for found in store.life.verify()].count(Fault.BARE) == 5
        change(store, block)
        assert store.life.verify() == []
        assert incidents[0] != incidents[1]
