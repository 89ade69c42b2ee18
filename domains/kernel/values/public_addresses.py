"""Hosts on the public internet, as opposed to private networks, this machine and the services of its cloud."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

HTTPS_PORT: Final = 443
FIRST_UNPRIVILEGED_PORT: Final = 1024
Address: TypeAlias = IPv4Address | IPv6Address
UNICAST: Final = IPv6Network("2000::/3")
"""All that is global today. The rest has mapped and translated IPv4 addresses, links and sites."""
# Within 2000::/3: protocol assignments with Teredo (RFC 6890), 6to4 (RFC 3056), and documentation (RFC 9637).
NOT_HOSTS_6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# Protocol assignments (RFC 6890), relays of 6to4 (RFC 7526) and AMT (RFC 7450), AS112 (RFC 7534, 7535), and the
# service of virtual machines in Azure.
NOT_HOSTS_4: Final = tuple(
    map(
        IPv4Network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "192.52.193.0/24",
            "192.31.196.0/24",
            "192.175.48.0/24",
            "168.63.129.16/32",
        ),
    )
)
PRIVATE_ENDINGS: Final = (
    ".localhost",
    ".local",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".arpa",
    ".test",
)


def is_public_address(address: Address) -> bool:
    """Whether an address is that of a host on the public internet, and stands for no other address."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in each for each in NOT_HOSTS_4)
    return address in UNICAST and not any(address in each for each in NOT_HOSTS_6)


def is_public_host(host: str) -> bool:
    """Whether a host of a URL is a public IP address, or a name that may resolve to one.

    The addresses of a name are to be checked when it is resolved.
    """
    with suppress(ValueError):
        return is_public_address(ip_address(host))
    name = host.lower().rstrip(".")
    last = name.rpartition(".")[2]
    # A last part of digits or of a hexadecimal number is a short form of an IPv4 address, such as 127.1 or 0x7f.1.
    is_number = last.isdigit() or last.startswith("0x")
    return "." in name and not is_number and not name.endswith(PRIVATE_ENDINGS)


def is_public_url(url: str, *, allows_private: bool = False) -> bool:
    """Whether a URL is one to which requests may go, as far as it shows without resolving its name.

    `allows_private` also allows http, private addresses and all ports.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        has_credentials = parts.username is not None or parts.password is not None
        is_printable = url.isascii() and url.isprintable() and " " not in url
        if not host or has_credentials or port == 0 or not is_printable:
            return False
        if allows_private:
            return parts.scheme in {"http", "https"}
        is_port = port in {None, HTTPS_PORT} or (port or 0) >= FIRST_UNPRIVILEGED_PORT
        return parts.scheme == "https" and is_port and is_public_host(host)
    return False
