"""Metadata of a request: headers, request id, client address, company and tokens."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from domains.kernel.ids import new_id
from domains.kernel.values.networks import parse_address
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import RequestRefused
from gateway.http.settings import Network
from gateway.live.sessions import Credentials

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
CART_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as `secrets.token_urlsafe` writes them
MAX_TOKEN = 4_096
STATE = "commerce.request"
HEADERS = "commerce.headers"


@dataclass(frozen=True, slots=True)
class Headers:
    """A request's headers by lower-case name; the last of repeated ones counts, lists are joined by commas."""

    values: dict[str, str]

    @classmethod
    def of(cls, scope: Any) -> "Headers":
        """The headers of an ASGI scope, read once."""
        cached: Headers | None = scope.get(HEADERS)
        if cached is not None:
            return cached
        values: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            values[name] = f"{values[name]}, {value}" if name in values else value
        scope[HEADERS] = headers = cls(values)
        return headers

    def get(self, name: str) -> str | None:
        """The value of a header, or None."""
        return self.values.get(name)


def request_id(headers: Headers) -> str:
    """The `X-Request-ID` of the request if it has 8 to 64 plain characters, otherwise a new one."""
    given = headers.get("x-request-id")
    return given if given is not None and REQUEST_ID.fullmatch(given) else str(new_id())


def client_ip(scope: Any, headers: Headers, trusted: tuple[Network, ...]) -> str:
    """The client's address. `X-Forwarded-For` is read from the right as far as its proxies are trusted."""
    given: str = scope["client"][0] if scope.get("client") else "unknown"
    return forwarded_address(given, headers.get("x-forwarded-for"), trusted)


def forwarded_address(given: str, forwarded: str | None, trusted: tuple[Network, ...]) -> str:
    """The client's address by that of its connection and the header `X-Forwarded-For`."""
    peer = _address(given) or given
    if forwarded is None or not is_trusted(peer, trusted):
        return peer
    address = peer
    for hop in reversed(forwarded.split(",")):
        candidate = parse_address(hop.strip())
        if candidate is None:
            return address
        address = candidate
        if not is_trusted(address, trusted):
            return address
    return address


@lru_cache(maxsize=4_096)
def is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    """Whether an address belongs to a trusted proxy."""
    known = _address(address)
    return known is not None and any(ip_address(known) in network for network in trusted)


@lru_cache(maxsize=4_096)
def _address(peer: str) -> str | None:
    return parse_address(peer)


def bearer(headers: Headers) -> str | None:
    """The bearer token (RFC 6750 §2.1), or None without the header. Raises RequestRefused for a malformed header."""
    value = headers.get("authorization")
    if value is None:
        return None
    match = BEARER.fullmatch(value) if len(value) <= MAX_TOKEN else None
    if match is None:
        raise RequestRefused("UNAUTHENTICATED", "The Authorization header must be `Bearer <token>`.", status=401)
    return match[1]


def company(headers: Headers) -> str | None:
    """The slug of the request's company, or None for the default one."""
    return headers.get("x-company")


def cart_token(headers: Headers) -> str | None:
    """The token of a guest's cart, or None without one or with one of an invalid format."""
    token = headers.get("x-cart-token")
    return token if token is not None and CART_TOKEN.fullmatch(token) else None


def credentials(headers: Headers) -> Credentials:
    """What a client says of itself by its headers. Raises RequestRefused as `bearer`."""
    return Credentials(bearer(headers), company(headers), cart_token(headers))


def metadata_of(scope: Any, headers: Headers, trusted: tuple[Network, ...]) -> RequestMetadata:
    """The origin of a request that arrives."""
    return RequestMetadata(
        request_id=request_id(headers),
        ip=client_ip(scope, headers, trusted),
        user_agent=(headers.get("user-agent") or "")[:255],
        cart_token=cart_token(headers),
    )


def metadata(scope: Any) -> RequestMetadata:
    """The origin of a request, as the edge determined it."""
    request: RequestMetadata = scope[STATE]
    return request
