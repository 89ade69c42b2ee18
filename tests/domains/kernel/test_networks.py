"""Network addresses: the canonical form, and the network that limits count."""

import pytest

from domains.kernel.values.networks import network_of, parse_address


@pytest.mark.parametrize(
    ("text", "address", "network"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:443", "192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0:0::7", "2001:db8::7", "2001:db8::/64"),
        ("[2001:db8::7]", "2001:db8::7", "2001:db8::/64"),
        ("[::1]:80", "::1", "::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("192.0.2.1:", None, "unknown"),
        ("192.0.2.1:123456", None, "unknown"),
        ("192.0.2.256", None, "unknown"),
        ("[192.0.2.1", None, "unknown"),
        ("[]", None, "unknown"),
        ("", None, "unknown"),
        ("shop.test", None, "unknown"),
        ("192.0.2.1\n", None, "unknown"),
    ],
)
def test_an_address_is_normalized_and_has_one_network(text: str, address: str | None, network: str) -> None:
    assert (parse_address(text), network_of(text)) == (address, network)
