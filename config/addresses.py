"""Whose address a request came from, where proxies stand in between. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
HOUSEHOLD_BITS = 64  # of an IPv6 address: what follows, a customer's own device chooses as it likes


class TrustedProxies:
    """The networks whose word we take for it."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, peer: str | None) -> bool:
        """Whether *peer* is one of them."""
        return self._is_ours(_parsed(peer or ""))

    def client(self, peer: str | None, forwarded_for: Sequence[str]) -> str | None:
        """The address furthest back that one of ours vouches for; *forwarded_for* are the ``X-Forwarded-For`` lines.

        Read from the end: each proxy adds there whom it saw. What stands before the first stranger anybody may have written.
        """
        seen = peer
        for name in reversed([name.strip() for line in forwarded_for for name in line.split(",")]):
            if not self.trusts(seen):
                break
            address = _parsed(name)
            if address is None:
                break
            seen = str(address)
        return seen

    def _is_ours(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def household(address: str | None) -> str:
    """What counts as one sender in limits: an IPv4 address, or the half of an IPv6 address that a provider gives out."""
    parsed = _parsed(address or "")
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, HOUSEHOLD_BITS), strict=False))
    return str(parsed) if parsed else address or ""


def _parsed(name: str) -> Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:80``, ``::1`` or ``[::1]:80``; None if there is none."""
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
