"""Where our own requests to addresses that somebody typed in may lead: not into networks that are nobody's business out there.

A name is looked at once it is resolved, right before the connection: what it leads to may change from one look-up to the next.
"""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

Network = IPv4Network | IPv6Network


class Reach:
    """Public addresses, and those of the networks that the bank names."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)

    def allows(self, address: str) -> bool:
        """Whether we may connect to *address*; False for what is none."""
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, IPv6Address):
            found = found.ipv4_mapped or found.sixtofour or found
        is_public = found.is_global and not found.is_multicast and not found.is_reserved
        return is_public or any(found in network for network in self._networks)

    def refuses(self, host: str) -> bool:
        """Whether *host* is an address, and one where we may not connect. A name says nothing yet."""
        try:
            ip_address(host)
        except ValueError:
            return False
        return not self.allows(host)


class ReachableOnly(ThreadedResolver):
    """Resolves names to those of their addresses that we may connect to. Raises ``OSError`` when there are none."""

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach = reach

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """As its base does."""
        found = [item for item in await super().resolve(host, port, family) if self._reach.allows(item["host"])]
        if not found:
            raise OSError("leads nowhere that we may connect to")
        return found
