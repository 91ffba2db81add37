"""Who counts as one stranger."""

from __future__ import annotations

import pytest

from airspace.model.network import Named, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.2", "192.0.2.2"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_of_one_subscriber_is_one_stranger(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("name", "address", "others"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
        ("10.0.0.0/8", "10.1.2.3", "11.1.2.3"),
        ("10.0.0.0/8", "10.0.0.0", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::2", "2001:db9::1"),
        ("proxy", "proxy", "192.0.2.1"),
    ],
)
def test_named_ones(name: str, address: str, others: str) -> None:
    assert network_of(address) in Named([name])
    assert network_of(others) not in Named([name])
    assert network_of(others) in Named(["*"])
    assert network_of(address) not in Named([])
