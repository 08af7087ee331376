"""Where names lead: nobody who is not trusted leads us into our own network, not even by a second answer.

A name that was checked is looked up once more for the connection, and its owner may answer otherwise then. So
the reactor's own lookups leave out what only we can reach, for as long as somebody has a name `watched`.
"""

from collections import Counter
from typing import Any, cast

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from crawlers.conduct.hosts import host_of, site_of
from crawlers.conduct.inside import is_inside, is_private


class Inside(IgnoreRequest):
    """Somebody named an address that only this machine, or its network, can reach."""


class Lookups:
    """The reactor's resolver (IHostnameResolver); it tells nobody an inside address of a name that is watched."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.watched: Counter[str] = Counter()

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **more: Any) -> Any:  # noqa: N802, N803 - Twisted's names
        """See IHostnameResolver."""
        told = _Outside(resolutionReceiver) if self.watched[hostName.lower()] > 0 else resolutionReceiver
        return self._real.resolveHostName(told, hostName, *args, **more)


class _Outside:
    """An IResolutionReceiver that passes on the addresses of the internet."""

    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        """See IResolutionReceiver."""
        if not is_private(address.host):
            self._receiver.addressResolved(address)


class Watched:
    """The names that one visit must not be led inside by."""

    def __init__(self, crawler: Crawler) -> None:
        self._names: set[str] = set()
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    def add(self, host: str) -> None:
        """From now on to the end of the visit."""
        if host not in self._names:
            self._names.add(host)
            _lookups().watched[host] += 1

    def _closed(self) -> None:
        names, self._names = self._names, set()
        _lookups().watched.subtract(names)


def _lookups() -> Lookups:
    """The reactor's, which it is given once."""
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs whichever is the default

    installed = cast("Any", reactor)
    if not isinstance(installed.nameResolver, Lookups):
        installed.installNameResolver(Lookups(installed.nameResolver))
    return cast("Lookups", installed.nameResolver)


class Outside:
    """A downloader middleware for visits to addresses that strangers name: only the internet is asked."""

    def __init__(self, crawler: Crawler) -> None:
        self._watched = Watched(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Outside":
        """What Scrapy makes it by."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Inside where the address is none of the internet."""
        host = host_of(request.url)
        if await is_inside(host):
            raise Inside(f"{site_of(request.url)} is an address of this machine or its network: it is not asked.")
        self._watched.add(host)
