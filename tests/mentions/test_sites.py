"""What the store promises of the sites that are asked."""

from dataclasses import replace

from mentions.sites import Cooling, Validators
from mentions.store import Store
from tests.making import NOW, minutes

COOLING = Cooling("weibo", "m.test", "login_wall", "HTTP 432", NOW, NOW + minutes(5))


def test_a_site_is_taken_by_one_at_a_time_and_free_when_its_rest_is_over(store: Store) -> None:
    def take(at: float) -> object:
        return store.sites.take("a.test", at=NOW + minutes(at), until=NOW + minutes(at + 1))

    assert take(0) is None
    assert take(0.5) == NOW + minutes(1)
    store.sites.leave({"a.test": NOW + minutes(0.6), "b.test": NOW})
    assert take(0.5) == NOW + minutes(0.6)
    assert take(0.6) is None
    assert store.sites.asked(["a.test", "c.test"]) == {"a.test": NOW + minutes(0.6)}


def test_whoever_died_while_asking_keeps_a_site_no_longer_than_it_said(store: Store) -> None:
    assert store.sites.take("a.test", at=NOW, until=NOW + minutes(1)) is None
    assert store.sites.take("a.test", at=NOW + minutes(1), until=NOW + minutes(2)) is None


def test_an_accounts_wall_is_its_sources_and_a_shut_out_address_is_everybodys(store: Store) -> None:
    shared = replace(COOLING, source="ajax", reason="throttled", shared=True)
    store.sites.cool(COOLING)
    assert store.sites.cooling("news", "m.test") == []
    store.sites.cool(shared)
    assert store.sites.cooling("news", "m.test") == [shared]
    assert set(store.sites.cooling("weibo", "m.test")) == {COOLING, shared}
    assert set(store.sites.cooling("weibo")) == {COOLING, shared}
    store.sites.warm("weibo", "m.test")
    assert store.sites.cooling("ajax") == []


def test_freshness_tells_until_when_a_source_is_left_alone(store: Store) -> None:
    store.sites.cool(COOLING)
    (fresh,) = store.runs.freshness(["weibo"])
    assert (fresh.cooling_until, fresh.cooling_reason) == (NOW + minutes(5), "login_wall")
    store.sites.warm_all("login_wall")
    assert store.runs.freshness(["weibo"])[0].cooling_until is None


def test_robots_txt_is_known_for_as_long_as_asked(store: Store) -> None:
    store.sites.keep_robots("https://a.test", "User-agent: *", NOW)
    assert store.sites.robots("https://a.test", NOW) == "User-agent: *"
    assert store.sites.robots("https://a.test", NOW + minutes(1)) is None
    assert store.sites.robots("https://b.test", NOW) is None


def test_versions_of_pages_belong_to_who_asked(store: Store) -> None:
    pages = {"https://a.test/feed": Validators('"1"', None)}
    store.sites.keep_validators("news", "me", pages, NOW)
    assert store.sites.validators("news", "me") == pages
    assert store.sites.validators("news", "other settings") == {}


def test_what_is_of_no_use_any_more_is_forgotten(store: Store) -> None:
    store.sites.keep_validators("news", "me", {"https://a.test/feed": Validators('"1"')}, NOW)
    store.sites.keep_robots("https://a.test", "", NOW)
    store.sites.leave({"a.test": NOW})
    store.sites.cool(COOLING)
    store.sites.prune(NOW + minutes(6))
    assert store.sites.validators("news", "me") == {}
    assert store.sites.robots("https://a.test", NOW) is None
    assert store.sites.asked(["a.test"]) == {}
    assert store.sites.cooling("weibo") == []
