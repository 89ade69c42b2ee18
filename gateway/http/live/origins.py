"""Which web pages may open a WebSocket: browsers do not ask the server beforehand, as they do for other requests."""

from typing import Final
from urllib.parse import urlsplit

from gateway.http.requests import Headers

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
ANY: Final = "*"


class ForeignOrigin(Exception):
    """A page of an origin that is not allowed asks for a WebSocket."""


def is_allowed(headers: Headers, allowed: tuple[str, ...]) -> bool:
    """Whether a handshake comes from no browser, from a page of this server, or from an allowed origin."""
    origin = headers.get("origin")
    if origin is None or ANY in allowed or origin in allowed:
        return True
    return _is_same_host(origin, headers.get("host"))


def _is_same_host(origin: str, host: str | None) -> bool:
    """Whether the host and port of an origin are those that the client has called."""
    try:
        page, called = urlsplit(origin), urlsplit(f"//{host}")
        ports = page.port, called.port
    except ValueError:
        return False
    default = DEFAULT_PORTS.get(page.scheme)
    if default is None or page.hostname is None:
        return False
    return page.hostname == called.hostname and len({port or default for port in ports}) == 1
