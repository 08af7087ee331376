"""Which addresses only this machine, or its network, can reach."""

import asyncio
import socket
from collections.abc import Collection
from ipaddress import ip_address

from crawlers.conduct.hosts import host_of, site_of


def is_private(address: str) -> bool:
    """Whether an IP address is none of the internet's."""
    return not ip_address(address.partition("%")[0]).is_global


async def is_inside(host: str) -> bool:
    """Whether a name leads to this machine or its network. What cannot be looked up leads nowhere."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(is_private(str(address[0])) for *_, address in found)


async def leads_inside(url: str, home: Collection[str]) -> bool:
    """Whether an address is one that only we can reach, and at none of the sites that are meant to be there."""
    return site_of(url) not in home and await is_inside(host_of(url))
