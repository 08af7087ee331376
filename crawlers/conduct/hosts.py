"""Who is asked what next: one request at a time to each host, the most urgent first."""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from urllib.parse import urlsplit

from crawlers.source import Fetch, Source


class Hosts:
    """The fetches that wait, by host. A host that turned us away is closed: nothing more is asked of it.

    Scrapy's own queue would have a host's next request under way before the answer to the last one is read.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[int, int, Fetch]]] = {}
        self._busy: set[str] = set()
        self._closed: set[str] = set()
        self._asked: set[tuple[str, str | None]] = set()
        self._order = count()

    def put(self, fetch: Fetch) -> bool:
        """Let a fetch wait its turn; False where its host is closed. An address is asked for only once."""
        host = host_of(fetch.url)
        if host in self._closed:
            return False
        known_as = (fetch.url, fetch.profile)
        if known_as not in self._asked:
            self._asked.add(known_as)
            heappush(self._waiting.setdefault(host, []), (-fetch.priority, next(self._order), fetch))
        return True

    def take(self) -> Iterator[Fetch]:
        """The next fetch of every host that is free; it is busy from then on."""
        for host in [h for h, waiting in self._waiting.items() if waiting and h not in self._busy]:
            self._busy.add(host)
            yield heappop(self._waiting[host])[2]

    def free(self, fetch: Fetch) -> None:
        """What came of a fetch is stored: its host may be asked again."""
        self._busy.discard(host_of(fetch.url))

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def close(self, host: str) -> list[Fetch]:
        """Ask nothing more of a host; gives back what was waiting."""
        self._closed.add(host)
        return [fetch for _, _, fetch in sorted(self._waiting.pop(host, []))]

    def close_all(self) -> None:
        """Ask nothing more of anybody we know."""
        for host in list(self._waiting):
            self.close(host)


def site_of(url: str) -> str:
    """The host of an address with the port that it names: what takes its visits one after another."""
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port
    except ValueError:
        return ""
    return f"{host}:{port}" if port else host


def host_of(url: str) -> str:
    """The host of an address, or nothing where it is no address at all."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_elsewhere(here: str, there: str) -> bool:
    """Whether a secret meant for here is not meant for there: another site, or one that everybody overhears."""
    return site_of(here) != site_of(there) or (urlsplit(here).scheme, urlsplit(there).scheme) == ("https", "http")


def at_home(source: Source, url: str) -> bool:
    """Whether an address is at one of the sites that a source was made for. Rows name addresses of others too."""
    return any(not is_elsewhere(home, url) for home in source.home)
