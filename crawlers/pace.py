"""Politeness across visits: one host is asked by one of us at a time, and not sooner than its pause allows."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

from crawlers.hosts import site_of
from crawlers.visit import Visit


def pause(visit: Visit) -> float:
    """Seconds to wait before a visit's first request: its hosts may just have answered another visit.

    Never more than the source's `delay`, also where a clock was set back meanwhile.
    """
    asked = visit.store.runs.asked({site_of(fetch.url) for fetch in visit.first})
    if not asked:
        return 0.0
    left = max(asked.values()) + visit.source.delay - visit.clock()
    return min(max(left, timedelta()), visit.source.delay).total_seconds()


def neighbours(hosts: Mapping[str, AbstractSet[str]]) -> dict[str, str]:
    """A name for each source that it shares with all sources of the same hosts: these take turns.

    `hosts` are those of each source, by its name. The shared name is the alphabetically first of the hosts.
    """
    groups: list[tuple[set[str], set[str]]] = []
    for source, its_hosts in hosts.items():
        names, shared = {source}, set(its_hosts)
        for group in [group for group in groups if group[1] & shared]:
            groups.remove(group)
            names |= group[0]
            shared |= group[1]
        groups.append((names, shared))
    return {name: min(shared, default=name) for names, shared in groups for name in names}
