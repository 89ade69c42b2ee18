"""Network addresses: their canonical form, and the network that limits count as one client."""

import re
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

MAX_TEXT: Final = 128  # characters: the longest address has 45, and a zone has an interface's name
WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[\d.]+))(?::\d{1,5})?")
REMEMBERED: Final = 4_096  # each request asks several times about its own


def parse_address(text: str) -> str | None:
    """The address in a text, in canonical form, or None when the text is not an address.

    Proxies also write a port (`192.0.2.1:4711`) or brackets (`[2001:db8::1]:80`), and dual-stack sockets an IPv4
    address as IPv6 (`::ffff:192.0.2.1`).
    """
    return _parsed(text) if len(text) <= MAX_TEXT else None


@lru_cache(maxsize=REMEMBERED)
def _parsed(text: str) -> str | None:
    match = WITH_PORT.fullmatch(text)
    try:
        parsed = ip_address((match["six"] or match["four"] or "") if match else text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed).partition("%")[0]  # the zone names a link of this machine


@lru_cache(maxsize=REMEMBERED)
def network_of(address: str | None) -> str:
    """The network that counts as one client: an IPv4 address, or a /64 of IPv6."""
    canonical = parse_address(address or "")
    if canonical is None:
        return "unknown"
    return str(ip_network((canonical, 64), strict=False)) if ":" in canonical else canonical


@lru_cache(maxsize=REMEMBERED)
def network_digest(address: str | None) -> str:
    """A digest of the network, for keys that do not show it to readers of the cache."""
    return sha256(network_of(address).encode()).hexdigest()[:32]
