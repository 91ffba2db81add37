"""Who counts as one stranger on the network: an IPv4 address, or an IPv6 network of 64 bits.

One subscriber has all of such a network, so limits by single IPv6 addresses limit nobody. An IPv4 address that came to
a socket of both kinds (``::ffff:192.0.2.1``) is the IPv4 address: else all of IPv4 would be one stranger.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_SUBSCRIBER_BITS: Final = 64


def network_of(address: str) -> str:
    """The address as limits count it; what is no address counts as it is written."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _SUBSCRIBER_BITS), strict=False))


class Named(Container[str]):
    """Strangers that the operator named: addresses, networks (``10.0.0.0/8``), or ``*`` for all."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def __contains__(self, stranger: object) -> bool:
        """Whether it is one of them, as ``network_of`` writes it."""
        return "*" in self._names or any(_meet(str(stranger), name) for name in self._names)


def _meet(stranger: str, name: str) -> bool:
    try:
        return ip_network(stranger, strict=False).overlaps(ip_network(name, strict=False))
    except (ValueError, TypeError):  # no address, or one of another kind
        return stranger == name
