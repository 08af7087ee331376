"""Words that are looked for on behalf of a watched post, on both databases."""

from dataclasses import replace

import pytest

from mentions.erasures import Erasure
from mentions.incidents import Finding, Incident, IncidentState
from mentions.sought import Sought
from mentions.sql.sought import MOST
from mentions.store import Store
from mentions.types import Severity
from tests.making import BIG_V, NOW, mention, minutes, seen


@pytest.fixture
def incident(store: Store) -> Incident:
    """An open one of weibo:1."""
    store.posts.record([seen(mention("weibo:1", author=BIG_V))])
    finding = Finding("watched", "watch:weibo:1", Severity.YELLOW, NOW, "weibo:1", "星河")
    opened = store.incidents.open(finding, "有人转来")
    store.incidents.add_finding(finding, opened.id)
    return opened


def seek(store: Store, *words: str, at: float = 0) -> None:
    store.seeking.seek("weibo:1", words, "星河", at=NOW + minutes(at), until=NOW + minutes(at + 60))


@pytest.mark.usefixtures("incident")
def test_words_are_looked_for_until_their_time_is_over(store: Store) -> None:
    seek(store, "充电时冒烟了", "充电时冒烟了")
    assert store.seeking.sought(NOW) == [Sought("weibo:1", "充电时冒烟了", "星河", NOW, NOW + minutes(60))]
    assert store.seeking.sought(NOW + minutes(60)) == []


@pytest.mark.usefixtures("incident")
def test_what_is_sought_anew_replaces_what_was_and_few_are_sought_at_a_time(store: Store) -> None:
    seek(store, "充电时冒烟了")
    seek(store, *(f"后盖顶开了{n}" for n in range(MOST + 3)), at=5)
    assert [s.words for s in store.seeking.sought(NOW)] == [f"后盖顶开了{n}" for n in range(MOST)]


def test_nothing_is_looked_for_once_the_incident_is_resolved(store: Store, incident: Incident) -> None:
    seek(store, "充电时冒烟了")
    assert store.incidents.holders("watched") == {"weibo:1": incident.id}
    store.incidents.update(replace(incident, state=IncidentState.RESOLVED, resolved=NOW))
    assert store.seeking.sought(NOW) == []
    assert store.incidents.holders("watched") == {}


@pytest.mark.usefixtures("incident")
def test_the_words_of_an_erased_author_are_forgotten(store: Store) -> None:
    seek(store, "充电时冒烟了")
    store.life.erase(Erasure(BIG_V.platform, BIG_V.id, NOW + minutes(1)), now=NOW + minutes(1))
    assert store.database.rows("SELECT * FROM sought") == []  # type: ignore[attr-defined]


def test_words_of_a_post_that_is_not_stored_are_not_looked_for(store: Store) -> None:
    seek(store, "充电时冒烟了")
    assert store.seeking.sought(NOW) == []
