"""Which sources share a site, and how long it rests between two requests."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta


def strictest(hosts: Mapping[str, AbstractSet[str]], delays: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """For each host the longest of the delays that its sources ask for; `hosts` are those of each source."""
    found: dict[str, timedelta] = {}
    for source, its_hosts in hosts.items():
        for host in its_hosts:
            found[host] = max(found.get(host, timedelta()), delays[source])
    return found


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
