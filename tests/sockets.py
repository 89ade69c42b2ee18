"""The socket guard of tests: a connection to another machine raises."""

import ipaddress
import sys
from typing import Any


class ForeignConnection(Exception):
    """A test tried to connect to another machine."""


def refuse_foreign_connections() -> None:
    """Refuse connections to other machines until the process ends."""
    sys.addaudithook(_refuse_foreign)


def _refuse_foreign(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
        host = args[1][0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_local(host.decode() if isinstance(host, bytes) else str(host or "")):
        raise ForeignConnection(f"A test tried to reach {host}.")


def _is_local(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
