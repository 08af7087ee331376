"""What the store promises of incidents, their findings and their history."""

from dataclasses import replace

import pytest

from mentions.incidents import Finding, Incident, IncidentEvent, IncidentState
from mentions.store import Store, StoreError
from mentions.types import Severity
from tests.making import NOW, minutes


def finding(key: str = "post:weibo:1:星河", mention_id: str | None = "weibo:1", n: int = 0) -> Finding:
    evidence = {"terms": [{"field": "engagement.reposts", "value": 500}], "words": ["鼓包"]}
    return Finding("viral", key, Severity(1 + n % 4), NOW + minutes(n), mention_id, "星河", evidence)


def opened(
    store: Store, key: str = "post:weibo:1:星河", mention_id: str | None = "weibo:1", n: int = 0
) -> Incident:
    incident = store.incidents.open(finding(key, mention_id, n), "负面正在扩散")
    store.incidents.add_finding(finding(key, mention_id, n), incident.id)
    return incident


def closed(store: Store, incident: Incident) -> None:
    store.incidents.update(replace(incident, state=IncidentState.RESOLVED, resolved=NOW))


def test_an_incident_comes_back_as_it_was_opened(store: Store) -> None:
    incident = opened(store)
    assert store.incidents.get(incident.id) == incident
    assert (incident.severity, incident.opened, incident.updated) == (Severity.BLUE, NOW, NOW)
    assert (incident.state, incident.brand, incident.owner) == (IncidentState.FIRING, "星河", None)


def test_there_is_no_incident_that_was_not_opened(store: Store) -> None:
    assert store.incidents.get(404) is None
    assert store.incidents.current("post:weibo:1:星河", ["weibo:1"]) is None
    assert store.incidents.of_mention("weibo:1") == []


def test_a_change_is_written_whole(store: Store) -> None:
    changed = replace(
        opened(store),
        severity=Severity.RED,
        state=IncidentState.RESOLVED,
        owner="李四",
        updated=NOW + minutes(5),
        resolved=NOW + minutes(5),
    )
    store.incidents.update(changed)
    assert store.incidents.get(changed.id) == changed


def test_two_open_incidents_of_one_matter_cannot_be(store: Store) -> None:
    first = opened(store)
    with pytest.raises(StoreError, match="'post:weibo:1:星河' is already open"):
        opened(store)
    closed(store, first)
    assert opened(store).id != first.id


def test_findings_come_back_oldest_first_with_their_evidence(store: Store) -> None:
    incident = opened(store)
    store.incidents.add_finding(finding(mention_id=None, n=1), incident.id)
    assert store.incidents.findings(incident.id) == [finding(), finding(mention_id=None, n=1)]


def test_a_post_is_attached_once_in_the_order_of_findings(store: Store) -> None:
    incident = opened(store)
    for mention_id in ("weibo:9", "weibo:1", "discuz:2", None):
        store.incidents.add_finding(finding(mention_id=mention_id), incident.id)
    assert store.incidents.mentions(incident.id) == ["weibo:1", "weibo:9", "discuz:2"]


def test_the_current_incident_is_that_of_the_post_before_that_of_the_key(store: Store) -> None:
    of_key = opened(store, "words:星河", "weibo:1")
    of_post = opened(store, "post:weibo:2:星河", "weibo:2")
    assert store.incidents.current("words:星河", ["weibo:2"]) == of_post
    assert store.incidents.current("words:星河", ["weibo:3"]) == of_key
    assert store.incidents.current("words:星河") == of_key


def test_a_key_is_found_by_a_finding_that_joined_under_it(store: Store) -> None:
    incident = opened(store)
    store.incidents.add_finding(finding("words:星河"), incident.id)
    assert store.incidents.current("words:星河", ["weibo:7"]) == incident


def test_what_is_resolved_is_not_current(store: Store) -> None:
    incident = opened(store)
    closed(store, incident)
    assert store.incidents.current(incident.key, ["weibo:1"]) is None
    again = opened(store)
    assert [i.id for i in store.incidents.of_mention("weibo:1")] == [again.id, incident.id]


def test_the_gravest_come_first_then_the_newest_and_the_resolved_last(store: Store) -> None:
    ids = [opened(store, f"post:{i}:x", f"weibo:{i}", n).id for i, n in enumerate((0, 2, 1, 2, 3))]
    closed(store, store.incidents.recent()[0])
    assert [i.id for i in store.incidents.recent()] == [ids[3], ids[1], ids[2], ids[0]]
    assert [i.id for i in store.incidents.recent(unresolved=False, limit=9)][-1] == ids[4]
    assert len(store.incidents.recent(limit=2)) == 2


def test_events_are_appended_and_come_back_in_order(store: Store) -> None:
    incident = opened(store)
    events = [
        IncidentEvent(incident.id, NOW + minutes(n), who, kind, "by hand", {"严重": n})
        for n, (who, kind) in enumerate([("tingfeng", "opened"), ("李四", "acknowledged"), ("李四", "resolved")])
    ]
    for event in events:
        store.incidents.add_event(event)
    assert store.incidents.events(incident.id) == events
    assert store.incidents.events(404) == []


def test_a_name_that_no_database_takes_is_stored_without_its_poison(store: Store) -> None:
    incident = opened(store)
    store.incidents.update(replace(incident, owner="李四\udcff\0"))
    store.incidents.add_event(IncidentEvent(incident.id, NOW, "李四\udcff", "note", "见\ud800图"))
    assert store.incidents.events(incident.id)[0].reason == "见\ufffd图"
    found = store.incidents.get(incident.id)
    assert found is not None
    assert found.owner == "李四\ufffd"
