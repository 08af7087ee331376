"""Nobody leads us into our own network, not even by a name that leads elsewhere when it is looked up again."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from crawlers.conduct.inside import is_inside
from crawlers.conduct.lookups import Lookups
from crawlers.reactor import run_in_reactor
from crawlers.source import Fetch
from crawlers.webpage import WebPage
from mentions.brands import BrandMatcher
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW


@dataclass(frozen=True)
class Address:
    host: str


@dataclass
class Receiver:
    told: list[str] = field(default_factory=list)
    over: bool = False

    def resolutionBegan(self, _: Any) -> None:  # noqa: N802 - Twisted's name
        """Nothing."""

    def addressResolved(self, address: Address) -> None:  # noqa: N802 - Twisted's name
        self.told.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self.over = True


class Answers:
    """A resolver whose owner says what he likes."""

    def resolveHostName(self, receiver: Any, name: str, *_: Any, **__: Any) -> str:  # noqa: N802 - Twisted's name
        receiver.resolutionBegan(None)
        for host in ("10.0.0.1", "8.8.8.8", "::1", "::ffff:127.0.0.1", "169.254.169.254"):
            receiver.addressResolved(Address(host))
        receiver.resolutionComplete()
        return name


@pytest.mark.parametrize(("name", "addresses"), [("Evil.test", 1), ("intranet.test", 5)])
def test_a_watched_name_leads_nowhere_inside(name: str, addresses: int) -> None:
    lookups, receiver = Lookups(Answers()), Receiver()
    lookups.watched["evil.test"] += 1
    assert lookups.resolveHostName(receiver, name) == name
    assert (len(receiver.told), receiver.over) == (addresses, True)
    assert "8.8.8.8" in receiver.told


def test_a_name_that_leads_inside_only_when_we_connect_is_not_asked(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check was told another address than the connection."""
    from crawlers.conduct import lookups  # noqa: PLC0415 - what is replaced here
    from crawlers.crawl import look  # noqa: PLC0415 - late: it imports Scrapy

    async def nowhere_inside(_: str) -> bool:
        return False

    monkeypatch.setattr(lookups, "is_inside", nowhere_inside)
    site.pages["/news"] = Reply("<html><p>secret</p></html>")
    url = f"{site.url.replace('127.0.0.1', 'localhost')}/news"
    run, shown, _ = run_in_reactor(
        lambda: look(
            "web",
            WebPage(),
            Fetch(url, "page"),
            store=store,
            matcher=BrandMatcher([]),
            clock=lambda: NOW,
            user_agent="Tingfeng",
        )
    )
    assert (shown, site.asked) == ([], [])
    assert run.blocked
    assert not _watched_now()


def _watched_now() -> int:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs whichever is the default

    resolver: Lookups = reactor.nameResolver
    return sum(resolver.watched.values())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "localhost", "0.0.0.0"],  # noqa: S104
)
def test_what_only_we_can_reach_is_inside(host: str) -> None:
    assert run_in_reactor(lambda: is_inside(host))


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "no.such.host.invalid", ""])
def test_the_internet_and_what_cannot_be_looked_up_are_not(host: str) -> None:
    assert not run_in_reactor(lambda: is_inside(host))
