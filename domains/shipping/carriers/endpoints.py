"""The addresses of carriers' APIs: https and on the public internet, so that none leads into a private network."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import optional_text
from domains.kernel.values.urls import optional_url
from domains.shipping.carriers.errors import CarrierEndpointRefused

FIELD: Final = ("api_endpoint",)
LENGTH: Final = 500
UNICAST: Final = IPv6Network("2000::/3")  # all that is global today; the rest has IPv4 addresses within, and sites
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


def optional_endpoint(value: str | None, *, is_built_in: bool) -> str | None:
    """An address of a carrier's API, normalized; None for that of the adapter.

    Built-in adapters make no request, so that theirs is a note: any http(s) address. For others the host is a name on
    the public internet or a public IP address; a name that resolves to a private one is for the adapter to refuse
    when it connects. Raises CarrierEndpointRefused, TooLong, InvalidInput.
    """
    text = optional_text(value, field=FIELD, max_length=LENGTH)
    try:
        url = optional_url(text, field=FIELD)
    except InvalidInput:
        raise CarrierEndpointRefused from None
    if url is None:
        return None
    parts = urlsplit(url)
    if not parts.hostname or parts.fragment:
        raise CarrierEndpointRefused
    if not is_built_in and (parts.scheme != "https" or not _is_public(parts.hostname)):
        raise CarrierEndpointRefused
    return url


def _contains_ipv4(address: IPv6Address) -> bool:
    """Whether an IPv6 address stands for an IPv4 one (6to4, Teredo), which may be private."""
    return address.sixtofour is not None or address.teredo is not None


def _is_public(host: str) -> bool:
    with suppress(ValueError):
        address = ip_address(host)
        is_within = isinstance(address, IPv4Address) or (address in UNICAST and not _contains_ipv4(address))
        return is_within and address.is_global and not address.is_multicast
    name = host.lower().rstrip(".")
    last = name.rpartition(".")[2]
    # A last part of digits or of a hexadecimal number is a short form of an IPv4 address, such as 127.1 or 0x7f.1.
    is_number = last.isdigit() or last.startswith("0x")
    return "." in name and not is_number and not name.endswith(PRIVATE_ENDINGS)
