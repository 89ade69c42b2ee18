"""Network addresses: one spelling for each, and what limits count as one."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[\d.]+))(?::\d{1,5})?")


def address_of(text: str) -> str | None:
    """The address in a text, in its one spelling, or None when it holds none.

    Proxies also write one with a port (`192.0.2.1:4711`) or brackets (`[2001:db8::1]:80`), and a socket for both
    families an IPv4 address as IPv6 (`::ffff:192.0.2.1`).
    """
    match = WITH_PORT.fullmatch(text)
    try:
        parsed = ip_address((match["six"] or match["four"] or "") if match else text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed).partition("%")[0]  # the zone is our own machine's name for a link


def network_of(address: str | None) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 customer has for itself."""
    known = address_of(address or "")
    if known is None:
        return "unknown"
    return str(ip_network((known, 64), strict=False)) if ":" in known else known
